-- holds: which bars the jobs of a strategy could use: a row per run, horizon and strategy, from from_ts to the end of the run, and the lookback_bars bars of each symbol before score_ts, where load_ts is not passed
CREATE TABLE run_reach (
  run_id        BIGINT    NOT NULL, -- its run
  horizon_days  UINTEGER  NOT NULL, -- scored window [days]
  strategy      VARCHAR   NOT NULL, -- name of the strategy
  load_ts       TIMESTAMP NOT NULL, -- nothing before it was loaded [UTC]
  from_ts       TIMESTAMP NOT NULL, -- first moment whose bars are used [UTC]
  score_ts      TIMESTAMP NOT NULL, -- begin of the scored window [UTC]
  lookback_bars UBIGINT   NOT NULL  -- bars of each symbol before score_ts that are used whenever they were [bars]
);
