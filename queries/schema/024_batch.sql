-- holds: a row per committed batch of a run or of an import, written in its transaction: what it brought, and an identity that depends on every batch before it
CREATE TABLE batch (
  batch_id  BIGINT  NOT NULL, -- number of the batch, counted from 1
  run_id    BIGINT,           -- its run, empty for an import
  import_id BIGINT,           -- its import, empty for a run
  jobs      UBIGINT NOT NULL, -- new jobs [count]
  details   UBIGINT NOT NULL, -- stored jobs whose details were added [count]
  links     UBIGINT NOT NULL, -- links to stored jobs [count]
  fits      UBIGINT NOT NULL, -- pair fits, found or new [count]
  stored    UBIGINT NOT NULL, -- bars, events or rows of a screen [rows]
  identity  VARCHAR NOT NULL  -- hash of this batch and of every one before it
);
