-- holds: every (market, symbol) that ever had bars, uniqueness is settled at import
CREATE TABLE instrument (
  instrument_id UINTEGER NOT NULL,
  market        VARCHAR  NOT NULL,
  symbol        VARCHAR  NOT NULL
);
