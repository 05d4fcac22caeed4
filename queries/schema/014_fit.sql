-- holds: pair fits, one row per fit (its key is the hash of pair, rules and bars), horizon and refit
CREATE TABLE fit (
  fit_key         UUID      NOT NULL, -- its identity: hash of pair, rules and bars
  horizon_days    UINTEGER  NOT NULL, -- scored window [days]
  refit           UINTEGER  NOT NULL, -- number of the refit, 0 at the start of the scored window
  symbol_y        VARCHAR   NOT NULL, -- dependent leg
  symbol_x        VARCHAR   NOT NULL, -- other leg
  formation_start TIMESTAMP NOT NULL, -- begin of the formation window [UTC]
  formation_end   TIMESTAMP NOT NULL, -- its end, not included [UTC]
  bars            UINTEGER  NOT NULL, -- bars common to both legs in it [bars]
  statistic       DOUBLE,             -- Engle-Granger statistic of the direction taken
  p_value         DOUBLE,             -- min(1, 2 min(p1, p2)) over both directions
  lag_bars        UINTEGER,           -- lag of the test [bars]
  beta            DOUBLE,             -- hedge ratio of ln y = alpha + beta ln x
  alpha           DOUBLE,             -- intercept of it
  half_life_bars  DOUBLE,             -- half-life of the spread [bars]
  spread_sd       DOUBLE,             -- standard deviation of the spread (ddof 1) [log price]
  accepted        BOOLEAN   NOT NULL, -- true if the pair may take entries in the window that follows
  reason          VARCHAR             -- why not
);
