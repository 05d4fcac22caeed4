-- holds: every line of an import that did not become a bar, with its reason
CREATE TABLE import_reject (
  import_id BIGINT  NOT NULL,
  line      UBIGINT NOT NULL,
  reason    VARCHAR NOT NULL,
  raw       VARCHAR NOT NULL
);
