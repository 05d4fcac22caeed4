-- holds: which bars the jobs of a strategy could use: a row per run, horizon and strategy, from from_ts to the end of the run, and the lookback_bars bars of each symbol before score_ts, where load_ts is not passed
CREATE TABLE run_reach (
  run_id        BIGINT    NOT NULL,
  horizon_days  UINTEGER  NOT NULL,
  strategy      VARCHAR   NOT NULL,
  load_ts       TIMESTAMP NOT NULL,
  from_ts       TIMESTAMP NOT NULL,
  score_ts      TIMESTAMP NOT NULL,
  lookback_bars UBIGINT   NOT NULL
);
