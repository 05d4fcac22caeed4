-- answers: which jobs of a run did best in each horizon, by Sharpe ratio, undefined ratios rank last
-- grain: a row per horizon and rank, jobs_ranked is the number of jobs the rank was taken among
-- reads: job_result
-- takes: run = last, top = 3, horizon = all, strategy = all
-- order: horizon_days, rank
WITH ranked AS (
  SELECT *,
         row_number() OVER (
           PARTITION BY horizon_days
           ORDER BY sharpe DESC NULLS LAST, symbols, strategy, job_key
         ) AS rank,
         count(*) OVER (PARTITION BY horizon_days) AS jobs_ranked
  FROM job_result
  WHERE run_id = $run
    AND bars IS NOT NULL
    AND ($horizon IS NULL OR horizon_days = $horizon)
    AND ($strategy IS NULL OR strategy = $strategy)
)
SELECT horizon_days, rank, jobs_ranked, strategy, symbols, total_return, sharpe, max_drawdown,
       benchmark_return, total_return - benchmark_return AS excess_return, trades, outcome,
       job_key[:8] AS job
FROM ranked
WHERE $top IS NULL OR rank <= $top
ORDER BY horizon_days, rank
