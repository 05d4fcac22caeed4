-- holds: the bars a run could use: a row per run, horizon and instrument, with the hash of their content
CREATE TABLE run_instrument (
  run_id        BIGINT   NOT NULL, -- its run
  horizon_days  UINTEGER NOT NULL, -- scored window [days]
  instrument_id UINTEGER NOT NULL, -- the instrument
  content       VARCHAR  NOT NULL, -- hash of the bars' content, hexadecimal
  bars          UBIGINT  NOT NULL, -- how many [bars]
  first_ts      TIMESTAMP,         -- first of them [UTC]
  last_ts       TIMESTAMP          -- last of them [UTC]
);
