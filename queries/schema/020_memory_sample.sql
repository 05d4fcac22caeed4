-- holds: memory of a run's process over time, in bytes
CREATE TABLE memory_sample (
  run_id         BIGINT  NOT NULL, -- its run
  elapsed_micros BIGINT  NOT NULL, -- time since the run began [us]
  stage          VARCHAR NOT NULL, -- what the run was doing
  bytes          UBIGINT NOT NULL  -- memory held, without page cache [bytes]
);
