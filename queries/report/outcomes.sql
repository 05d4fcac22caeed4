-- answers: how the jobs of a run ended, and why
-- grain: a row per strategy, horizon and outcome
-- reads: job_result
-- takes: run = last, horizon = all, strategy = all
-- order: strategy, horizon_days, outcome
SELECT strategy, horizon_days, outcome, count(*) AS jobs, count(*) FILTER (cached) AS cached,
       min(reason) AS example
FROM job_result
WHERE run_id = $run
  AND ($horizon IS NULL OR horizon_days = $horizon)
  AND ($strategy IS NULL OR strategy = $strategy)
GROUP BY strategy, horizon_days, outcome
ORDER BY strategy, horizon_days, outcome
