-- holds: every line of an import that did not become a bar: the field at fault, where there is one, and the reason
CREATE TABLE import_reject (
  import_id BIGINT  NOT NULL, -- its import
  line      UBIGINT NOT NULL, -- line of a CSV file (the header is line 1) or row of a Parquet file
  field     VARCHAR,          -- the field at fault
  reason    VARCHAR NOT NULL, -- why, in one line
  raw       VARCHAR NOT NULL  -- the line as it was read
);
