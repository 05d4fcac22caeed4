-- holds: fills of a job, each cost a column, seq counts within the job
CREATE TABLE fill (
  job_id     BIGINT    NOT NULL, -- its job
  seq        UINTEGER  NOT NULL, -- number within the job, counted from 0
  ts         TIMESTAMP NOT NULL, -- bar of the fill [UTC]
  decided_ts TIMESTAMP NOT NULL, -- bar whose close decided it [UTC]
  symbol     VARCHAR   NOT NULL, -- the instrument
  quantity   DOUBLE,             -- bought, negative when sold [units]
  price      DOUBLE,             -- price paid or received, slippage, spread and impact are in it [quote]
  commission DOUBLE,             -- commission [quote]
  slippage   DOUBLE,             -- slippage within the price [quote]
  spread     DOUBLE,             -- half spread within the price [quote]
  impact     DOUBLE,             -- market impact within the price [quote]
  reason     VARCHAR   NOT NULL  -- why: enter, exit, stop, window_end, rebalance, a rule, end_of_data, delisted, margin_call or ruined
);
