-- holds: which jobs answer a run, and which of them were found in the store
CREATE TABLE run_job (
  run_id BIGINT  NOT NULL, -- the run
  job_id BIGINT  NOT NULL, -- a job that answers it
  cached BOOLEAN NOT NULL  -- true if it was found in the store
);
