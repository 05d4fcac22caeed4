-- answers: how often the jobs of a run had a position, and how large it was
-- grain: a row per job with measures, exposure is the share of bars with a position at the close, leverage is gross exposure over equity at the close of a bar, empty without equity rows (--keep equity)
-- reads: job_result, equity
-- takes: run = last, top = 20, horizon = all, strategy = all, symbols = all
-- order: exposure descending, symbols, horizon_days, strategy, job
WITH chosen AS (
  -- Only the rows that are listed are looked at bar by bar.
  SELECT *
  FROM job_result
  WHERE run_id = $run
    AND bars IS NOT NULL
    AND ($horizon IS NULL OR horizon_days = $horizon)
    AND ($strategy IS NULL OR strategy = $strategy)
    AND ($symbols IS NULL
         OR list_sort(string_split(symbols, ',')) = list_sort(string_split($symbols, ',')))
  ORDER BY exposure DESC NULLS LAST, symbols, horizon_days, strategy, job_key
  LIMIT $top
),
leverage AS (
  SELECT job_id, count(*) FILTER (gross > 0) AS bars_held,
         sum(gross / equity ORDER BY ts) / count(gross / equity) AS mean_leverage,
         median(gross / equity) FILTER (gross > 0) AS median_leverage_held,
         max(gross / equity) AS largest_leverage
  FROM equity
  WHERE equity > 0 AND job_id IN (SELECT job_id FROM chosen)
  GROUP BY job_id
)
SELECT strategy, horizon_days, symbols, exposure, bars, bars_held, mean_leverage,
       median_leverage_held, largest_leverage, outcome, job_key[:8] AS job
FROM chosen
LEFT JOIN leverage USING (job_id)
ORDER BY exposure DESC NULLS LAST, symbols, horizon_days, strategy, job_key
LIMIT $top
