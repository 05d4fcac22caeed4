-- holds: cash, equity and gross exposure of a job at the close of every scored bar, and what was paid in it: dividend is positive when received, every other cost when paid
CREATE TABLE equity (
  job_id     BIGINT    NOT NULL, -- its job
  ts         TIMESTAMP NOT NULL, -- the scored bar [UTC]
  cash       DOUBLE,             -- cash at its close [quote]
  equity     DOUBLE,             -- cash and positions at their marks [quote]
  gross      DOUBLE,             -- sum of the sizes of positions at their marks [quote]
  commission DOUBLE,             -- commission paid in the bar [quote]
  slippage   DOUBLE,             -- slippage within prices of the bar's fills [quote]
  spread     DOUBLE,             -- half spreads within prices of the bar's fills [quote]
  impact     DOUBLE,             -- market impact within prices of the bar's fills [quote]
  borrow     DOUBLE,             -- borrow fees since the bar before [quote]
  financing  DOUBLE,             -- interest on negative cash since the bar before [quote]
  dividend   DOUBLE,             -- dividends received in the bar, less those paid [quote]
  funding    DOUBLE              -- funding paid in the bar, less what was received [quote]
);
