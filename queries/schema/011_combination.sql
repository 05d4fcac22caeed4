-- holds: sets of symbols in canonical order, the key is the head of their hash
CREATE TABLE combination (
  combination_key UBIGINT  NOT NULL,
  size            UINTEGER NOT NULL,
  symbols         VARCHAR  NOT NULL
);
