-- holds: cash, equity and gross exposure of a job at the close of every scored bar
CREATE TABLE equity (
  job_id BIGINT    NOT NULL,
  ts     TIMESTAMP NOT NULL,
  cash   DOUBLE,
  equity DOUBLE,
  gross  DOUBLE
);
