-- holds: splits (new units per old unit), dividends (money per unit), funding (share of notional paid by longs) and borrow rates (bps per year from then on) by instrument
CREATE TABLE instrument_event (
  instrument_id UINTEGER  NOT NULL, -- its instrument
  ts            TIMESTAMP NOT NULL, -- moment of the event [UTC]
  kind          VARCHAR   NOT NULL, -- splits, dividends, funding or borrow
  value         DOUBLE    NOT NULL, -- units per unit, quote currency per unit, fraction of notional, or bps per year, by kind
  import_id     BIGINT    NOT NULL  -- import that brought it
);
