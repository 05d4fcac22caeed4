-- holds: a row per computed job, job_key is its identity, run_id the run that computed it,
-- symbols its combination in canonical order, kept how much of it the tables below hold (measures, trades, equity, all)
CREATE TABLE job (
  job_id       BIGINT   NOT NULL, -- number of the job in this store
  job_key      UUID     NOT NULL, -- its identity: hash of symbols, strategy, parameters, costs, horizon, bars and numeric version
  run_id       BIGINT   NOT NULL, -- the run that computed it
  size         UINTEGER NOT NULL, -- instruments of its combination [count]
  symbols      VARCHAR  NOT NULL, -- its combination in canonical order, joined by commas
  strategy     VARCHAR  NOT NULL, -- name of the strategy
  parameters   VARCHAR  NOT NULL, -- parameters of the strategy, and costs and terms of the simulation, JSON
  horizon_days UINTEGER NOT NULL, -- scored window [days]
  outcome      VARCHAR  NOT NULL, -- how it ended: no_bars, insufficient_history, non_positive_price, singular_covariance, not_cointegrated, no_trade, ruined, margin_call, done, failed, panicked or timed_out
  failure      BOOLEAN  NOT NULL, -- true for the last three, which are computed again
  reason       VARCHAR,           -- why, in one line
  kept         VARCHAR  NOT NULL  -- how much is stored of it: measures, trades, equity or all
);
