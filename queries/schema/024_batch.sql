-- holds: a row per committed batch of a run or of an import, written in its transaction: what it brought, and an identity that depends on every batch before it
CREATE TABLE batch (
  batch_id  BIGINT  NOT NULL,
  run_id    BIGINT,
  import_id BIGINT,
  jobs      UBIGINT NOT NULL,
  details   UBIGINT NOT NULL,
  links     UBIGINT NOT NULL,
  fits      UBIGINT NOT NULL,
  stored    UBIGINT NOT NULL,
  identity  VARCHAR NOT NULL
);
