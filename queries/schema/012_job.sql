-- holds: a row per computed job, job_key is its identity, run_id the run that computed it,
-- symbols its combination in canonical order, kept how much of it the tables below hold (measures, trades, equity, all)
CREATE TABLE job (
  job_id       BIGINT   NOT NULL,
  job_key      UUID     NOT NULL,
  run_id       BIGINT   NOT NULL,
  size         UINTEGER NOT NULL,
  symbols      VARCHAR  NOT NULL,
  strategy     VARCHAR  NOT NULL,
  parameters   VARCHAR  NOT NULL,
  horizon_days UINTEGER NOT NULL,
  outcome      VARCHAR  NOT NULL,
  failure      BOOLEAN  NOT NULL,
  reason       VARCHAR,
  kept         VARCHAR  NOT NULL
);
