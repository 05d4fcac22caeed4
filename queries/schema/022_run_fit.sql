-- holds: which fits a run computed, found in the store or not
CREATE TABLE run_fit (
  run_id       BIGINT   NOT NULL, -- the run
  fit_key      UUID     NOT NULL, -- a fit it computed or found
  horizon_days UINTEGER NOT NULL, -- scored window [days]
  refit        UINTEGER NOT NULL  -- number of the refit
);
