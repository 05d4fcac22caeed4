-- holds: bars and the import that brought each, ts = opening time in UTC, written in the order (interval_us, instrument_id, ts), no key, no index
CREATE TABLE bar (
  interval_us   BIGINT    NOT NULL,
  instrument_id UINTEGER  NOT NULL,
  ts            TIMESTAMP NOT NULL,
  open          DOUBLE,
  high          DOUBLE,
  low           DOUBLE,
  close         DOUBLE,
  volume        DOUBLE,
  import_id     BIGINT    NOT NULL
);
