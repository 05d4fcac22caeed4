-- answers: how the hedge ratio of each pair of a run moved from refit to refit
-- grain: a row per horizon, pair and refit that has figures, last_ is the refit with figures before it, changes are empty where the pair was turned round in between (the other symbol became y), change_since_first is from the first refit with the same y
-- reads: fits_of_run
-- takes: run = last, horizon = all, symbols = all, top = 100
-- order: horizon_days, pair, refit
WITH fit AS (
  SELECT *, least(symbol_y, symbol_x) AS symbol_a, greatest(symbol_y, symbol_x) AS symbol_b
  FROM fits_of_run($run)
  WHERE beta IS NOT NULL
    AND ($horizon IS NULL OR horizon_days = $horizon)
    AND ($symbols IS NULL
         OR list_sort(string_split($symbols, ',')) = list_sort([symbol_y, symbol_x]))
),
step AS (
  SELECT *, lag(refit) OVER in_time AS last_refit, lag(beta) OVER in_time AS last_beta,
         lag(symbol_y) OVER in_time AS last_y,
         first_value(beta) OVER (
           PARTITION BY horizon_days, symbol_y, symbol_x ORDER BY refit
         ) AS first_beta
  FROM fit
  WINDOW in_time AS (PARTITION BY horizon_days, symbol_a, symbol_b ORDER BY refit)
)
SELECT horizon_days, symbol_y, symbol_x, refit, formation_start, formation_end, accepted, beta,
       last_refit, last_beta,
       CASE WHEN symbol_y = last_y THEN beta - last_beta END AS change,
       CASE WHEN symbol_y = last_y THEN (beta - last_beta) / nullif(abs(last_beta), 0) END
         AS change_frac,
       beta - first_beta AS change_since_first,
       coalesce(symbol_y <> last_y, false) AS turned, half_life_bars, spread_sd
FROM step
ORDER BY horizon_days, symbol_a, symbol_b, refit
LIMIT $top
