-- holds: what the demo universe was built with, empty in every other store
CREATE TABLE demo_truth (
  kind               VARCHAR NOT NULL,
  symbols            VARCHAR NOT NULL,
  half_life_hours    DOUBLE,
  hedge_ratio        DOUBLE,
  promised_from_days UINTEGER,
  note               VARCHAR NOT NULL
);
