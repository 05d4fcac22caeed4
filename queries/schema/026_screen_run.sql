-- holds: a row per screen that is through: what was asked, over which window, and how many tests it took
CREATE TABLE screen_run (
  run_id           BIGINT    NOT NULL, -- its run
  test             VARCHAR   NOT NULL, -- name of the test
  trend            VARCHAR   NOT NULL, -- trend of the test
  lag              VARCHAR   NOT NULL, -- how the lag was chosen
  direction        VARCHAR   NOT NULL, -- directions tested of a pair: both or given
  price            VARCHAR   NOT NULL, -- prices tested: log or level
  sizes            VARCHAR   NOT NULL, -- sizes of the combinations tested
  horizon_days     UINTEGER,           -- horizon before whose scored window the window ends, empty where it ends with the bars [days]
  window_start     TIMESTAMP NOT NULL, -- begin of the window [UTC]
  window_end       TIMESTAMP NOT NULL, -- its end, not included [UTC]
  min_observations UINTEGER  NOT NULL, -- least common bars [bars]
  min_correlation  DOUBLE,             -- least correlation of returns of any two members, where that was asked for
  fdr              VARCHAR   NOT NULL, -- how p-values were adjusted: bh, by, holm or none
  listing          VARCHAR   NOT NULL, -- what was listed: max-p P, top N or all
  tests            UBIGINT   NOT NULL, -- tests made [count]
  refused          UBIGINT   NOT NULL, -- combinations without a test [count]
  filtered         UBIGINT   NOT NULL, -- combinations left out by min_correlation [count]
  judged           UBIGINT   NOT NULL, -- tests that the plain path decided [count]
  listed           UBIGINT   NOT NULL  -- combinations listed [count]
);
