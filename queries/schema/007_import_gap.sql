-- holds: gaps as they stood when the import was complete
CREATE TABLE import_gap (
  import_id     BIGINT    NOT NULL, -- the import that saw it
  instrument_id UINTEGER  NOT NULL, -- its instrument
  after_ts      TIMESTAMP NOT NULL, -- last bar before the gap [UTC]
  before_ts     TIMESTAMP NOT NULL  -- first bar after it [UTC]
);
