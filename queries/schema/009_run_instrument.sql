-- holds: the bars a run could use: a row per run, horizon and instrument, with the hash of their content
CREATE TABLE run_instrument (
  run_id        BIGINT   NOT NULL,
  horizon_days  UINTEGER NOT NULL,
  instrument_id UINTEGER NOT NULL,
  content       VARCHAR  NOT NULL,
  bars          UBIGINT  NOT NULL,
  first_ts      TIMESTAMP,
  last_ts       TIMESTAMP
);
