-- holds: the pair fits behind a run's jobs, cached ones included: a job's fits are those of the run that computed it
-- columns as in: fit
CREATE MACRO fits_of_run(wanted) AS TABLE
WITH member AS MATERIALIZED (
  SELECT DISTINCT job.run_id, job.horizon_days, job.symbols,
         unnest(string_split(job.symbols, ',')) AS symbol
  FROM run_job
  JOIN job USING (job_id)
  WHERE run_job.run_id = wanted AND job.strategy = 'cointegration'
),
pair AS (
  SELECT DISTINCT y.run_id, y.horizon_days, y.symbol AS symbol_y, x.symbol AS symbol_x
  FROM member AS y
  JOIN member AS x USING (run_id, horizon_days, symbols)
  WHERE y.symbol <> x.symbol
)
SELECT DISTINCT fit.*
FROM fit
JOIN run_fit USING (fit_key, horizon_days, refit)
JOIN pair USING (run_id, horizon_days, symbol_y, symbol_x);
