-- holds: every line of an import that did not become a bar: the field at fault, where there is one, and the reason
CREATE TABLE import_reject (
  import_id BIGINT  NOT NULL,
  line      UBIGINT NOT NULL,
  field     VARCHAR,
  reason    VARCHAR NOT NULL,
  raw       VARCHAR NOT NULL
);
