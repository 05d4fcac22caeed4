-- holds: a row per import, of bars or of events of a kind (then without interval and calendar), written in the transaction of its rows: read = stored + replaced + duplicate + rejected + blank + comment + header, replaced ones took the place of a stored one that differed, of the duplicates differing ones are not equal to the bar that was kept, on_conflict says which of the two was asked for, content is the BLAKE3 of a file's bytes, empty where there is no file
CREATE TABLE import (
  import_id   BIGINT  NOT NULL, -- number of the import, counted from 1
  name        VARCHAR NOT NULL, -- file or source
  market      VARCHAR NOT NULL, -- market of symbols without one
  kind        VARCHAR NOT NULL, -- bars, splits, dividends, funding or borrow
  interval_us BIGINT,           -- length of the bars, empty for events [us]
  calendar    VARCHAR,          -- calendar class of its series, empty for events
  detail      VARCHAR NOT NULL, -- how the source was read: columns, unit, zone
  content     VARCHAR NOT NULL, -- BLAKE3 of the file's bytes, hexadecimal
  on_conflict VARCHAR NOT NULL, -- what was to become of a stored row that differs: keep, replace or error
  read        UBIGINT NOT NULL, -- records of the source [rows]
  stored      UBIGINT NOT NULL, -- new ones [rows]
  replaced    UBIGINT NOT NULL, -- ones that took the place of a stored one [rows]
  duplicate   UBIGINT NOT NULL, -- ones that the store or the source had already [rows]
  differing   UBIGINT NOT NULL, -- duplicates that are not equal to what was kept [rows]
  rejected    UBIGINT NOT NULL, -- ones that cannot be, in import_reject [rows]
  blank       UBIGINT NOT NULL, -- empty ones [rows]
  comment     UBIGINT NOT NULL, -- lines for people [rows]
  header      UBIGINT NOT NULL  -- lines of column names [rows]
);
