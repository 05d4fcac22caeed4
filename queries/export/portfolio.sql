-- answers: the account of a job bar by bar under the names of qlib's report
-- grain: a row per scored bar, datetime is its open in UTC, account the equity at its close, value what positions are worth and cash the rest, return is before costs and cost what was paid, both per equity at the close before
-- reads: job_result, equity
-- takes: run = last, job = all
-- order: datetime
WITH chosen AS (
  SELECT job_id, job_key,
         TRY_CAST(regexp_extract(parameters, '"capital":([0-9.eE+-]+)', 1) AS DOUBLE) AS capital
  FROM job_result
  WHERE run_id = $run
    AND ($job IS NULL OR starts_with(job_key, $job))
),
level AS (
  SELECT job_key, ts, cash, equity,
         commission + slippage + spread + impact + borrow + financing AS paid,
         lag(equity, 1, capital) OVER (PARTITION BY job_id ORDER BY ts) AS last_equity
  FROM equity
  JOIN chosen USING (job_id)
)
SELECT ts AS datetime, equity AS account, (equity + paid) / last_equity - 1 AS return,
       paid / last_equity AS cost, equity - cash AS value, cash
FROM level
ORDER BY datetime, job_key
