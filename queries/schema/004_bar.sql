-- holds: bars and the import that brought each, ts = opening time in UTC, written in the order (interval_us, instrument_id, ts), no key, no index
CREATE TABLE bar (
  interval_us   BIGINT    NOT NULL, -- length of the bar [us]
  instrument_id UINTEGER  NOT NULL, -- its instrument
  ts            TIMESTAMP NOT NULL, -- opening time, the bar is known one interval later [UTC]
  open          DOUBLE,             -- first price [quote]
  high          DOUBLE,             -- highest price [quote]
  low           DOUBLE,             -- lowest price [quote]
  close         DOUBLE,             -- last price [quote]
  volume        DOUBLE,             -- what was traded [units]
  import_id     BIGINT    NOT NULL  -- import that brought it
);
