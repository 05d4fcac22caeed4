-- answers: how many finished jobs earned more than buying and holding the same combination
-- grain: a row per strategy and horizon
-- reads: job_result
-- takes: run = last, horizon = all, strategy = all
-- order: strategy, horizon_days
SELECT strategy, horizon_days, count(*) AS done,
       count(*) FILTER (total_return > benchmark_return) AS beat_benchmark,
       count(*) FILTER (benchmark_return IS NULL) AS without_benchmark
FROM job_result
WHERE run_id = $run
  AND outcome = 'done'
  AND ($horizon IS NULL OR horizon_days = $horizon)
  AND ($strategy IS NULL OR strategy = $strategy)
GROUP BY strategy, horizon_days
ORDER BY strategy, horizon_days
