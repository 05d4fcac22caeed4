-- holds: pair fits, one row per fit (its key is the hash of pair, rules and bars), horizon and refit
CREATE TABLE fit (
  fit_key         UUID      NOT NULL,
  horizon_days    UINTEGER  NOT NULL,
  refit           UINTEGER  NOT NULL,
  symbol_y        VARCHAR   NOT NULL,
  symbol_x        VARCHAR   NOT NULL,
  formation_start TIMESTAMP NOT NULL,
  formation_end   TIMESTAMP NOT NULL,
  bars            UINTEGER  NOT NULL,
  statistic       DOUBLE,
  p_value         DOUBLE,
  lag_bars        UINTEGER,
  beta            DOUBLE,
  alpha           DOUBLE,
  half_life_bars  DOUBLE,
  spread_sd       DOUBLE,
  accepted        BOOLEAN   NOT NULL,
  reason          VARCHAR
);
