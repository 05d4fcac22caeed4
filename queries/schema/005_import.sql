-- holds: a row per import, written in the transaction of its bars: read = stored + duplicate + rejected
CREATE TABLE import (
  import_id   BIGINT  NOT NULL,
  name        VARCHAR NOT NULL,
  market      VARCHAR NOT NULL,
  interval_us BIGINT  NOT NULL,
  calendar    VARCHAR NOT NULL,
  detail      VARCHAR NOT NULL,
  read        UBIGINT NOT NULL,
  stored      UBIGINT NOT NULL,
  duplicate   UBIGINT NOT NULL,
  rejected    UBIGINT NOT NULL
);
