-- holds: which fits a run computed, found in the store or not
CREATE TABLE run_fit (
  run_id       BIGINT   NOT NULL,
  fit_key      UUID     NOT NULL,
  horizon_days UINTEGER NOT NULL,
  refit        UINTEGER NOT NULL
);
