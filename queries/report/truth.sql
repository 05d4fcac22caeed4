-- answers: which planted pairs the demo run found, beside what chance alone would accept
-- grain: a row per horizon and planted pair
-- reads: demo_truth, fits_of_run, job
-- takes: run = last, horizon = all
-- order: horizon_days, kind, half_life_hours, symbols
WITH planted AS (
  SELECT kind, symbols, half_life_hours, promised_from_days,
         string_split(symbols, ',')[1] AS symbol_a, string_split(symbols, ',')[2] AS symbol_b
  FROM demo_truth
  WHERE kind IN ('cointegrated_pair', 'broken_pair')
),
found AS (
  SELECT fit.horizon_days, fit.refit, fit.accepted, planted.symbols AS planted_symbols
  FROM fits_of_run($run) AS fit
  LEFT JOIN planted
    ON least(symbol_y, symbol_x) = least(symbol_a, symbol_b)
   AND greatest(symbol_y, symbol_x) = greatest(symbol_a, symbol_b)
),
level AS (
  SELECT coalesce(max(regexp_extract(parameters, '"alpha":([0-9.eE+-]+)', 1)::DOUBLE), 0.05) AS alpha
  FROM job_result
  WHERE run_id = $run AND strategy = 'cointegration' AND parameters LIKE '%"alpha":%'
),
by_horizon AS (
  SELECT horizon_days,
         count(*) FILTER (refit = 0) AS pairs_tested,
         count(*) FILTER (refit = 0 AND accepted) AS pairs_accepted,
         count(*) FILTER (refit = 0 AND accepted AND planted_symbols IS NULL) AS false_positives
  FROM found
  GROUP BY horizon_days
),
by_pair AS (
  SELECT horizon_days, planted_symbols AS symbols,
         bool_or(accepted) FILTER (refit = 0) AS at_first,
         count(*) FILTER (accepted) AS refits_accepted,
         count(*) AS refits
  FROM found
  WHERE planted_symbols IS NOT NULL
  GROUP BY horizon_days, planted_symbols
)
SELECT by_horizon.horizon_days, planted.kind, planted.symbols, planted.half_life_hours,
       coalesce(by_horizon.horizon_days >= planted.promised_from_days, false) AS promised,
       CASE WHEN at_first IS NULL THEN 'not tested' WHEN at_first THEN 'detected' ELSE 'missed'
       END AS first_fit,
       coalesce(refits_accepted, 0) AS refits_accepted, coalesce(refits, 0) AS refits,
       pairs_tested, pairs_accepted, false_positives,
       pairs_tested * level.alpha AS expected_by_chance
FROM by_horizon
CROSS JOIN planted
CROSS JOIN level
LEFT JOIN by_pair
  ON by_pair.horizon_days = by_horizon.horizon_days AND by_pair.symbols = planted.symbols
WHERE $horizon IS NULL OR by_horizon.horizon_days = $horizon
ORDER BY by_horizon.horizon_days, planted.kind, planted.half_life_hours NULLS LAST, planted.symbols
