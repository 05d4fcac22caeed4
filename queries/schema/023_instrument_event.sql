-- holds: splits (new units per old unit), dividends (money per unit), funding (share of notional paid by longs) and borrow rates (bps per year from then on) by instrument
CREATE TABLE instrument_event (
  instrument_id UINTEGER  NOT NULL,
  ts            TIMESTAMP NOT NULL,
  kind          VARCHAR   NOT NULL,
  value         DOUBLE    NOT NULL,
  import_id     BIGINT    NOT NULL
);
