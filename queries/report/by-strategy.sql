-- answers: how the strategies of a run did over all their combinations, and how many of their jobs have no measures
-- grain: a row per strategy and horizon, medians, quartiles and means are over jobs with measures
-- reads: job_result
-- takes: run = last, horizon = all, strategy = all
-- order: strategy, horizon_days
SELECT strategy, horizon_days, count(*) AS jobs, count(bars) AS measured,
       count(*) FILTER (outcome = 'done') AS done,
       count(*) FILTER (outcome IN ('failed', 'panicked', 'timed_out')) AS failures,
       median(total_return) AS median_return,
       quantile_cont(total_return, 0.25) AS lower_quartile_return,
       quantile_cont(total_return, 0.75) AS upper_quartile_return,
       sum(total_return ORDER BY job_key) / count(total_return) AS mean_return,
       count(*) FILTER (total_return > 0) AS positive,
       median(sharpe) AS median_sharpe, max(sharpe) AS best_sharpe,
       median(max_drawdown) AS median_drawdown, min(max_drawdown) AS worst_drawdown,
       median(turnover_annual) AS median_turnover_annual, sum(trades)::BIGINT AS trades
FROM job_result
WHERE run_id = $run
  AND ($horizon IS NULL OR horizon_days = $horizon)
  AND ($strategy IS NULL OR strategy = $strategy)
GROUP BY strategy, horizon_days
ORDER BY strategy, horizon_days
