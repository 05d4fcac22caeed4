-- holds: flat-to-flat episodes of one instrument at average cost, seq counts within the job
CREATE TABLE trade (
  job_id      BIGINT    NOT NULL, -- its job
  seq         UINTEGER  NOT NULL, -- number within the job, counted from 0
  symbol      VARCHAR   NOT NULL, -- the instrument
  trade_group UINTEGER  NOT NULL, -- number that the legs of one entry share
  side        TINYINT   NOT NULL, -- 1 long, -1 short
  entry_ts    TIMESTAMP NOT NULL, -- bar of the first fill [UTC]
  exit_ts     TIMESTAMP NOT NULL, -- bar of the last fill [UTC]
  entry_price DOUBLE,             -- average price of the fills that enlarged the position [quote]
  exit_price  DOUBLE,             -- average price of the fills that reduced it [quote]
  quantity    DOUBLE,             -- sum of what enlarged the position, unsigned [units]
  gross_pnl   DOUBLE,             -- profit from prices of fills, slippage, spread and impact are in it [quote]
  commission  DOUBLE,             -- commission of its fills [quote]
  slippage    DOUBLE,             -- slippage within its prices [quote]
  spread      DOUBLE,             -- half spreads within its prices [quote]
  impact      DOUBLE,             -- market impact within its prices [quote]
  borrow      DOUBLE,             -- borrow fees paid [quote]
  dividend    DOUBLE,             -- dividends received, less those paid [quote]
  funding     DOUBLE,             -- funding paid, less what was received [quote]
  net_pnl     DOUBLE,             -- gross_pnl - commission - borrow - (funding - dividend) [quote]
  bars_held   UINTEGER  NOT NULL, -- scored bars between first and last fill [bars]
  exit_reason VARCHAR   NOT NULL  -- why it was closed: exit, stop, window_end, rebalance, netted, a rule, end_of_data, delisted, margin_call or ruined
);
