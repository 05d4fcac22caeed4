-- holds: cash, equity and gross exposure of a job at the close of every scored bar, and what was paid in it: dividend is positive when received, every other cost when paid
CREATE TABLE equity (
  job_id     BIGINT    NOT NULL,
  ts         TIMESTAMP NOT NULL,
  cash       DOUBLE,
  equity     DOUBLE,
  gross      DOUBLE,
  commission DOUBLE,
  slippage   DOUBLE,
  spread     DOUBLE,
  impact     DOUBLE,
  borrow     DOUBLE,
  financing  DOUBLE,
  dividend   DOUBLE,
  funding    DOUBLE
);
