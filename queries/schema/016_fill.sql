-- holds: fills of a job, each cost a column, seq counts within the job
CREATE TABLE fill (
  job_id     BIGINT    NOT NULL,
  seq        UINTEGER  NOT NULL,
  ts         TIMESTAMP NOT NULL,
  decided_ts TIMESTAMP NOT NULL,
  symbol     VARCHAR   NOT NULL,
  quantity   DOUBLE,
  price      DOUBLE,
  commission DOUBLE,
  slippage   DOUBLE,
  spread     DOUBLE,
  impact     DOUBLE,
  reason     VARCHAR   NOT NULL
);
