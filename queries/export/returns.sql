-- answers: the simple returns of a job bar by bar, as quantstats, pyfolio and skfolio read them
-- grain: a row per scored bar, date is its open in UTC, returns the change of equity from the close before (the first from the capital)
-- reads: job_result, equity
-- takes: run = last, job = all
-- order: date
WITH chosen AS (
  SELECT job_id, job_key,
         TRY_CAST(regexp_extract(parameters, '"capital":([0-9.eE+-]+)', 1) AS DOUBLE) AS capital
  FROM job_result
  WHERE run_id = $run
    AND ($job IS NULL OR starts_with(job_key, $job))
)
SELECT ts AS date,
       equity / lag(equity, 1, capital) OVER (PARTITION BY job_id ORDER BY ts) - 1 AS returns
FROM equity
JOIN chosen USING (job_id)
ORDER BY date, job_key
