-- holds: a row per screen that is through: what was asked, over which window, and how many tests it took
CREATE TABLE screen_run (
  run_id           BIGINT    NOT NULL,
  test             VARCHAR   NOT NULL,
  trend            VARCHAR   NOT NULL,
  lag              VARCHAR   NOT NULL,
  direction        VARCHAR   NOT NULL,
  price            VARCHAR   NOT NULL,
  sizes            VARCHAR   NOT NULL,
  horizon_days     UINTEGER,
  window_start     TIMESTAMP NOT NULL,
  window_end       TIMESTAMP NOT NULL,
  min_observations UINTEGER  NOT NULL,
  min_correlation  DOUBLE,
  fdr              VARCHAR   NOT NULL,
  listing          VARCHAR   NOT NULL,
  tests            UBIGINT   NOT NULL,
  refused          UBIGINT   NOT NULL,
  filtered         UBIGINT   NOT NULL,
  judged           UBIGINT   NOT NULL,
  listed           UBIGINT   NOT NULL
);
