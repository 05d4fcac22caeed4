-- answers: how the jobs of a run did in each horizon, beside the benchmark of their combinations
-- grain: a row per horizon, medians, quartiles and means are over jobs with measures
-- reads: job_result
-- takes: run = last, horizon = all, strategy = all
-- order: horizon_days
SELECT horizon_days, count(*) AS jobs, count(bars) AS measured,
       count(*) FILTER (outcome = 'done') AS done,
       count(*) FILTER (outcome IN ('failed', 'panicked', 'timed_out')) AS failures,
       count(DISTINCT strategy) AS strategies, count(DISTINCT symbols) AS combinations,
       median(total_return) AS median_return,
       quantile_cont(total_return, 0.25) AS lower_quartile_return,
       quantile_cont(total_return, 0.75) AS upper_quartile_return,
       sum(total_return ORDER BY job_key) / count(total_return) AS mean_return,
       count(*) FILTER (total_return > 0) AS positive,
       median(benchmark_return) AS median_benchmark_return,
       count(*) FILTER (total_return > benchmark_return) AS beat_benchmark,
       median(sharpe) AS median_sharpe, max(sharpe) AS best_sharpe,
       median(max_drawdown) AS median_drawdown, min(max_drawdown) AS worst_drawdown
FROM job_result
WHERE run_id = $run
  AND ($horizon IS NULL OR horizon_days = $horizon)
  AND ($strategy IS NULL OR strategy = $strategy)
GROUP BY horizon_days
ORDER BY horizon_days
