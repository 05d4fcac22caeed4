-- holds: an instrument at an interval: its calendar class and the import that brought it first
CREATE TABLE series (
  interval_us   BIGINT   NOT NULL, -- length of its bars [us]
  instrument_id UINTEGER NOT NULL, -- its instrument
  calendar      VARCHAR  NOT NULL, -- when it trades: 24/7, 24/5 or exchange
  import_id     BIGINT   NOT NULL  -- import that brought it first
);
