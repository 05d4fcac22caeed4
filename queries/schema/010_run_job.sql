-- holds: which jobs answer a run, and which of them were found in the store
CREATE TABLE run_job (
  run_id BIGINT  NOT NULL,
  job_id BIGINT  NOT NULL,
  cached BOOLEAN NOT NULL
);
