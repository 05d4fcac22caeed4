-- holds: a row per import, of bars or of events of a kind (then without interval and calendar), written in the transaction of its rows: read = stored + replaced + duplicate + rejected + blank, replaced ones took the place of a stored one that differed, of the duplicates differing ones are not equal to the bar that was kept, on_conflict says which of the two was asked for, content is the BLAKE3 of a file's bytes, empty where there is no file
CREATE TABLE import (
  import_id   BIGINT  NOT NULL,
  name        VARCHAR NOT NULL,
  market      VARCHAR NOT NULL,
  kind        VARCHAR NOT NULL,
  interval_us BIGINT,
  calendar    VARCHAR,
  detail      VARCHAR NOT NULL,
  content     VARCHAR NOT NULL,
  on_conflict VARCHAR NOT NULL,
  read        UBIGINT NOT NULL,
  stored      UBIGINT NOT NULL,
  replaced    UBIGINT NOT NULL,
  duplicate   UBIGINT NOT NULL,
  differing   UBIGINT NOT NULL,
  rejected    UBIGINT NOT NULL,
  blank       UBIGINT NOT NULL
);
