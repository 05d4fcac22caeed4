-- holds: gaps as they stood when the import was complete
CREATE TABLE import_gap (
  import_id     BIGINT    NOT NULL,
  instrument_id UINTEGER  NOT NULL,
  after_ts      TIMESTAMP NOT NULL,
  before_ts     TIMESTAMP NOT NULL
);
