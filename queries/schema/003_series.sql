-- holds: an instrument at an interval: its calendar class and the import that brought it first
CREATE TABLE series (
  interval_us   BIGINT   NOT NULL,
  instrument_id UINTEGER NOT NULL,
  calendar      VARCHAR  NOT NULL,
  import_id     BIGINT   NOT NULL
);
