-- answers: how alike the strategies of a run are: the correlation of their returns, bar by bar
-- grain: a row per horizon and two strategies, the return of a strategy in a bar is the mean over its jobs, of one combination if symbols are given, needs equity rows (--keep equity)
-- reads: job_result, equity
-- takes: run = last, horizon = all, symbols = all, top = all
-- order: horizon_days, strategy_a, strategy_b
WITH chosen AS (
  SELECT *, TRY_CAST(regexp_extract(parameters, '"capital":([0-9.eE+-]+)', 1) AS DOUBLE) AS capital
  FROM job_result
  WHERE run_id = $run
    AND bars IS NOT NULL
    AND ($horizon IS NULL OR horizon_days = $horizon)
    AND ($symbols IS NULL
         OR list_sort(string_split(symbols, ',')) = list_sort(string_split($symbols, ',')))
),
level AS (
  SELECT horizon_days, strategy, job_key, ts, equity,
         lag(equity, 1, capital) OVER (PARTITION BY job_id ORDER BY ts) AS last_equity
  FROM equity
  JOIN chosen USING (job_id)
),
return AS (
  SELECT horizon_days, strategy, ts,
         sum(equity / last_equity - 1 ORDER BY job_key) / count(*) AS mean_return
  FROM level
  WHERE last_equity > 0 AND equity IS NOT NULL
  GROUP BY horizon_days, strategy, ts
)
SELECT horizon_days, a.strategy AS strategy_a, b.strategy AS strategy_b,
       CASE WHEN min(a.mean_return) < max(a.mean_return) AND min(b.mean_return) < max(b.mean_return)
            THEN corr(a.mean_return, b.mean_return ORDER BY ts) END AS correlation,
       count(*) AS bars
FROM return AS a
JOIN return AS b USING (horizon_days, ts)
WHERE a.strategy < b.strategy
GROUP BY horizon_days, a.strategy, b.strategy
ORDER BY horizon_days, strategy_a, strategy_b
LIMIT $top
