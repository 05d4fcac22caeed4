-- holds: a row per combination that a screen listed, all of them if screen_run holds its run
CREATE TABLE screen (
  run_id         BIGINT   NOT NULL,  -- its screen
  symbols        VARCHAR  NOT NULL,  -- symbols in canonical order, joined by commas
  symbol_y       VARCHAR  NOT NULL,  -- the symbol that is explained, the first where all are taken alike
  symbol_x       VARCHAR  NOT NULL,  -- the others, joined by commas
  direction      VARCHAR  NOT NULL,  -- what was tested of a pair: both, of which the more significant stands here, or given
  window_start   TIMESTAMP NOT NULL, -- begin of the window [UTC]
  window_end     TIMESTAMP NOT NULL, -- its end, not included [UTC]
  observations   UINTEGER NOT NULL,  -- bars common to all in the window [bars]
  statistic      DOUBLE   NOT NULL,  -- statistic of the test
  p_value        DOUBLE,             -- its p-value, empty where only critical values exist
  q_value        DOUBLE,             -- p-value adjusted for the number of tests, empty where nothing is adjusted, and above 0.05 where the most significant were listed (top N)
  critical_1     DOUBLE,             -- critical value at 1 %
  critical_5     DOUBLE,             -- critical value at 5 %
  critical_10    DOUBLE,             -- critical value at 10 %
  lag_bars       UINTEGER,           -- lagged differences [bars]
  hedge_ratio    DOUBLE,             -- units of x that hedge one of y, of log prices or levels as the screen was asked, empty with several x
  intercept      DOUBLE,             -- constant of the relation
  weights        VARCHAR,            -- weights of the relation by symbol, y first with 1, joined by commas
  half_life_bars DOUBLE,             -- half-life of the spread [bars]
  numeric_path   VARCHAR  NOT NULL   -- where the numbers come from: plain or kernel
);
