-- answers: every job of the latest run of each configuration, with nothing that a second run would change
-- grain: a row per job
-- reads: results
-- takes: strategy = all, horizon = all, top = all
-- order: strategy, horizon_days, size, symbols, parameters, job_key
SELECT *
FROM results
WHERE ($strategy IS NULL OR strategy = $strategy)
  AND ($horizon IS NULL OR horizon_days = $horizon)
ORDER BY strategy, horizon_days, size, symbols, parameters, job_key
LIMIT $top
