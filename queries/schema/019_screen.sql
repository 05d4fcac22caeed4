-- holds: a row per combination that a screen listed, all of them if screen_run holds its run
CREATE TABLE screen (
  run_id         BIGINT   NOT NULL,
  symbols        VARCHAR  NOT NULL,
  symbol_y       VARCHAR  NOT NULL,
  symbol_x       VARCHAR  NOT NULL,
  direction      VARCHAR  NOT NULL,
  window_start   TIMESTAMP NOT NULL,
  window_end     TIMESTAMP NOT NULL,
  observations   UINTEGER NOT NULL,
  statistic      DOUBLE   NOT NULL,
  p_value        DOUBLE,
  q_value        DOUBLE,
  critical_1     DOUBLE,
  critical_5     DOUBLE,
  critical_10    DOUBLE,
  lag_bars       UINTEGER,
  hedge_ratio    DOUBLE,
  intercept      DOUBLE,
  weights        VARCHAR,
  half_life_bars DOUBLE,
  numeric_path   VARCHAR  NOT NULL
);
