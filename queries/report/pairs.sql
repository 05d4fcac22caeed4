-- answers: which pairs a run fitted, and at what share of their refits they were accepted
-- grain: a row per horizon and pair, figures from bars on are those of the first refit
-- reads: fits_of_run, run
-- takes: run = last, horizon = all, symbols = all, top = 100
-- order: horizon_days, accepted_share descending, p_value of the first refit, symbols
WITH fit AS (
  SELECT * FROM fits_of_run($run) WHERE $horizon IS NULL OR horizon_days = $horizon
),
pair AS (
  SELECT horizon_days, least(symbol_y, symbol_x) AS symbol_a,
         greatest(symbol_y, symbol_x) AS symbol_b,
         count(*) FILTER (accepted) AS refits_accepted, count(*) AS refits, min(refit) AS refit
  FROM fit
  GROUP BY horizon_days, least(symbol_y, symbol_x), greatest(symbol_y, symbol_x)
)
SELECT pair.horizon_days, fit.symbol_y, fit.symbol_x,
       refits_accepted::DOUBLE / refits AS accepted_share, refits_accepted, refits, fit.bars,
       fit.statistic, fit.p_value, fit.lag_bars, fit.beta, fit.half_life_bars,
       fit.half_life_bars * interval_us / 3600000000.0 AS half_life_hours,
       fit.accepted AS first_accepted, fit.reason AS first_reason
FROM pair
JOIN fit
  ON fit.horizon_days = pair.horizon_days AND fit.refit = pair.refit
 AND least(fit.symbol_y, fit.symbol_x) = symbol_a
 AND greatest(fit.symbol_y, fit.symbol_x) = symbol_b
JOIN run ON run.run_id = $run
WHERE $symbols IS NULL
   OR list_sort(string_split($symbols, ',')) = list_sort([symbol_a, symbol_b])
ORDER BY pair.horizon_days, accepted_share DESC, fit.p_value NULLS LAST, fit.symbol_y, fit.symbol_x
LIMIT $top
