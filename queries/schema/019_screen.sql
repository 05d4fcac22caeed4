-- holds: pairs that a screen listed, with the test that ranked them
CREATE TABLE screen (
  run_id         BIGINT   NOT NULL,
  horizon_days   UINTEGER NOT NULL,
  symbol_y       VARCHAR  NOT NULL,
  symbol_x       VARCHAR  NOT NULL,
  test           VARCHAR  NOT NULL,
  bars           UINTEGER NOT NULL,
  statistic      DOUBLE,
  p_value        DOUBLE,
  adjusted_p     DOUBLE,
  lag_bars       UINTEGER,
  beta           DOUBLE,
  half_life_bars DOUBLE
);
