-- answers: the deepest falls of equity in a run, when they began, when they were deepest and when they were made good
-- grain: a row per fall of a job from its highest close until it is back there, peak_ts is empty where that is the capital before the first bar, recovery_ts where the record ends first, a job without equity rows (--keep equity) has one row, its deepest fall, without dates
-- reads: job_result, equity
-- takes: run = last, top = 20, horizon = all, strategy = all, symbols = all, job = all
-- order: drawdown, symbols, horizon_days, strategy, job, trough_ts
WITH asked AS (
  SELECT *, TRY_CAST(regexp_extract(parameters, '"capital":([0-9.eE+-]+)', 1) AS DOUBLE) AS capital
  FROM job_result
  WHERE run_id = $run
    AND bars IS NOT NULL
    AND ($horizon IS NULL OR horizon_days = $horizon)
    AND ($strategy IS NULL OR strategy = $strategy)
    AND ($symbols IS NULL
         OR list_sort(string_split(symbols, ',')) = list_sort(string_split($symbols, ',')))
    AND ($job IS NULL OR starts_with(job_key, $job))
),
-- The deepest falls are of the jobs that fell deepest: as many of these are looked at bar by bar.
chosen AS (
  SELECT *
  FROM asked
  WHERE max_drawdown <= 1e-12 + (
    SELECT max(max_drawdown)
    FROM (SELECT max_drawdown FROM asked ORDER BY max_drawdown LIMIT $top)
  )
),
level AS (
  SELECT job_id, ts, equity.equity, capital,
         greatest(capital, max(equity.equity) OVER before) AS highest,
         coalesce(greatest(capital, max(equity.equity) OVER before_this), capital) AS highest_before,
         row_number() OVER before AS number
  FROM equity
  JOIN chosen USING (job_id)
  WINDOW before AS (PARTITION BY job_id ORDER BY ts),
         before_this AS (PARTITION BY job_id ORDER BY ts
                         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
fall AS (
  SELECT *, equity / highest - 1 AS depth,
         count(*) FILTER (equity >= highest_before) OVER before AS fall,
         max(ts) FILTER (equity > highest_before) OVER before AS peak_ts,
         max(number) FILTER (equity > highest_before) OVER before AS peak_number
  FROM level
  WINDOW before AS (PARTITION BY job_id ORDER BY ts)
),
bottom AS (
  SELECT *, min(depth) OVER (PARTITION BY job_id, fall) AS deepest FROM fall
),
dated AS (
  SELECT job_id, fall, min(deepest) AS drawdown, max(peak_ts) AS peak_ts,
         min(ts) FILTER (depth = deepest) AS trough_ts,
         min(number) FILTER (depth = deepest) - coalesce(max(peak_number), 0) AS bars_down,
         max(number) AS last_number
  FROM bottom
  GROUP BY job_id, fall
  HAVING min(deepest) < 0
),
known AS (
  SELECT dated.job_id, drawdown, peak_ts, trough_ts, recovered.ts AS recovery_ts, bars_down,
         last_number
  FROM dated
  LEFT JOIN level AS recovered
    ON recovered.job_id = dated.job_id AND recovered.number = last_number + 1
),
told AS (
  SELECT * EXCLUDE (last_number) FROM known
  UNION ALL
  SELECT job_id, max_drawdown, NULL, NULL, NULL, NULL
  FROM chosen
  WHERE max_drawdown < 0 AND job_id NOT IN (SELECT job_id FROM dated)
)
SELECT strategy, horizon_days, symbols, drawdown, peak_ts, trough_ts, recovery_ts, bars_down,
       outcome, job_key[:8] AS job
FROM told
JOIN chosen USING (job_id)
ORDER BY drawdown, symbols, horizon_days, strategy, job_key, trough_ts
LIMIT $top
