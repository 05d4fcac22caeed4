-- holds: what the demo universe was built with, empty in every other store
CREATE TABLE demo_truth (
  kind               VARCHAR NOT NULL, -- what was planted: cointegrated_pair, broken_pair, ..
  symbols            VARCHAR NOT NULL, -- symbols concerned, joined by commas
  half_life_hours    DOUBLE,           -- half-life of the planted spread [h]
  hedge_ratio        DOUBLE,           -- hedge ratio of the planted relation
  promised_from_days UINTEGER,         -- shortest horizon from which finding it is promised [days]
  note               VARCHAR NOT NULL  -- remark
);
