-- answers: how many finished jobs returned more than buying and holding the same combination
-- grain: a row per strategy and horizon, the benchmark's own strategy is left out
-- reads: job_result
-- takes: run = last, horizon = all, strategy = all
-- order: strategy, horizon_days
SELECT strategy, horizon_days, count(*) AS done,
       count(*) FILTER (total_return > benchmark_return) AS beat_benchmark,
       count(*) FILTER (total_return > benchmark_return)::DOUBLE
         / nullif(count(benchmark_return), 0) AS beat_share,
       count(*) FILTER (benchmark_return IS NULL) AS without_benchmark
FROM job_result
WHERE run_id = $run
  AND outcome = 'done'
  AND strategy <> 'buy-and-hold'
  AND ($horizon IS NULL OR horizon_days = $horizon)
  AND ($strategy IS NULL OR strategy = $strategy)
GROUP BY strategy, horizon_days
ORDER BY strategy, horizon_days
