-- holds: target weights of a job by the bar whose close decided them
CREATE TABLE weight (
  job_id BIGINT    NOT NULL,
  ts     TIMESTAMP NOT NULL,
  symbol VARCHAR   NOT NULL,
  weight DOUBLE
);
