-- holds: memory of a run's process over time, in bytes
CREATE TABLE memory_sample (
  run_id         BIGINT  NOT NULL,
  elapsed_micros BIGINT  NOT NULL,
  stage          VARCHAR NOT NULL,
  bytes          UBIGINT NOT NULL
);
