-- holds: every (market, symbol) that ever had bars, uniqueness is settled at import
CREATE TABLE instrument (
  instrument_id UINTEGER NOT NULL, -- number of the instrument in this store
  market        VARCHAR  NOT NULL, -- market, a part of the instrument's name
  symbol        VARCHAR  NOT NULL  -- symbol, unique within its market
);
