-- answers: how the strategies of a run did on each combination, the one with the best Sharpe ratio first
-- grain: a row per combination and horizon, medians are over its jobs with measures, best_strategy is that of best_sharpe
-- reads: job_result
-- takes: run = last, top = 100, horizon = all, strategy = all, symbols = all
-- order: horizon_days, best_sharpe descending, symbols
WITH chosen AS (
  SELECT *,
         row_number() OVER (
           PARTITION BY horizon_days, symbols ORDER BY sharpe DESC NULLS LAST, strategy, job_key
         ) AS place
  FROM job_result
  WHERE run_id = $run
    AND ($horizon IS NULL OR horizon_days = $horizon)
    AND ($strategy IS NULL OR strategy = $strategy)
    AND ($symbols IS NULL
         OR list_sort(string_split(symbols, ',')) = list_sort(string_split($symbols, ',')))
)
SELECT horizon_days, symbols, size, count(*) AS jobs, count(bars) AS measured,
       count(*) FILTER (outcome = 'done') AS done,
       max(strategy) FILTER (place = 1 AND sharpe IS NOT NULL) AS best_strategy,
       max(sharpe) AS best_sharpe, median(sharpe) AS median_sharpe,
       median(total_return) AS median_return,
       min(total_return) AS worst_return, max(total_return) AS best_return,
       max(benchmark_return) AS benchmark_return,
       count(*) FILTER (total_return > benchmark_return) AS beat_benchmark,
       min(max_drawdown) AS worst_drawdown
FROM chosen
GROUP BY horizon_days, symbols, size
ORDER BY horizon_days, best_sharpe DESC NULLS LAST, symbols
LIMIT $top
