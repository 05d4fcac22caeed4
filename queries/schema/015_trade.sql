-- holds: flat-to-flat episodes of one instrument at average cost, seq counts within the job
CREATE TABLE trade (
  job_id      BIGINT    NOT NULL,
  seq         UINTEGER  NOT NULL,
  symbol      VARCHAR   NOT NULL,
  trade_group UINTEGER  NOT NULL,
  side        TINYINT   NOT NULL,
  entry_ts    TIMESTAMP NOT NULL,
  exit_ts     TIMESTAMP NOT NULL,
  entry_price DOUBLE,
  exit_price  DOUBLE,
  quantity    DOUBLE,
  gross_pnl   DOUBLE,
  commission  DOUBLE,
  slippage    DOUBLE,
  spread      DOUBLE,
  impact      DOUBLE,
  borrow      DOUBLE,
  dividend    DOUBLE,
  funding     DOUBLE,
  net_pnl     DOUBLE,
  bars_held   UINTEGER  NOT NULL,
  exit_reason VARCHAR   NOT NULL
);
