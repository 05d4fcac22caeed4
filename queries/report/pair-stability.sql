-- answers: which pairs of a run stay cointegrated from refit to refit
-- grain: a row per horizon and pair, kept_share is the share of accepted refits whose next refit is accepted too, figures are over refits that have them (those far from being accepted have none)
-- reads: fits_of_run
-- takes: run = last, horizon = all, symbols = all, top = 100
-- order: horizon_days, accepted_share descending, kept_share descending, symbols
WITH fit AS (
  SELECT *, least(symbol_y, symbol_x) AS symbol_a, greatest(symbol_y, symbol_x) AS symbol_b
  FROM fits_of_run($run)
  WHERE $horizon IS NULL OR horizon_days = $horizon
),
step AS (
  SELECT *, lead(accepted) OVER in_time AS next_accepted,
         lag(symbol_y) OVER in_time AS last_y,
         -- Equal within a stretch of refits that were accepted one after the other.
         count(*) FILTER (NOT accepted) OVER in_time AS stretch
  FROM fit
  WINDOW in_time AS (PARTITION BY horizon_days, symbol_a, symbol_b ORDER BY refit)
),
length AS (
  SELECT *, count(*) FILTER (accepted) OVER (
           PARTITION BY horizon_days, symbol_a, symbol_b, stretch
         ) AS accepted_in_a_row
  FROM step
)
SELECT horizon_days, symbol_a, symbol_b, count(*) AS refits,
       count(*) FILTER (accepted) AS refits_accepted,
       count(*) FILTER (accepted)::DOUBLE / count(*) AS accepted_share,
       count(*) FILTER (accepted AND next_accepted)::DOUBLE
         / nullif(count(*) FILTER (accepted AND next_accepted IS NOT NULL), 0) AS kept_share,
       max(accepted_in_a_row) AS longest_accepted,
       count(*) FILTER (symbol_y <> last_y) AS direction_changes,
       bool_or(accepted) FILTER (refit = 0) AS first_accepted,
       arg_max(accepted, refit) AS last_accepted,
       median(p_value) AS median_p_value, max(p_value) AS largest_p_value,
       min(half_life_bars) AS shortest_half_life_bars, max(half_life_bars) AS longest_half_life_bars
FROM length
WHERE $symbols IS NULL
   OR list_sort(string_split($symbols, ',')) = list_sort([symbol_a, symbol_b])
GROUP BY horizon_days, symbol_a, symbol_b
ORDER BY horizon_days, accepted_share DESC, kept_share DESC NULLS LAST, symbol_a, symbol_b
LIMIT $top
