-- answers: which jobs of a run did best over all horizons, by Sharpe ratio, undefined ratios rank last
-- grain: a row per job with measures, symbols are given in any order, rank counts what was asked for
-- reads: job_result
-- takes: run = last, top = 20, horizon = all, strategy = all, symbols = all
-- order: rank
SELECT row_number() OVER (
         ORDER BY sharpe DESC NULLS LAST, symbols, horizon_days, strategy, job_key
       ) AS rank,
       strategy, horizon_days, symbols, total_return, sharpe, max_drawdown, benchmark_return,
       total_return - benchmark_return AS excess_return, trades, outcome, job_key[:8] AS job
FROM job_result
WHERE run_id = $run
  AND bars IS NOT NULL
  AND ($horizon IS NULL OR horizon_days = $horizon)
  AND ($strategy IS NULL OR strategy = $strategy)
  AND ($symbols IS NULL
       OR list_sort(string_split(symbols, ',')) = list_sort(string_split($symbols, ',')))
ORDER BY rank
LIMIT $top
