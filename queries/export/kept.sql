-- answers: how much is stored of the jobs of a run
-- grain: a row per computed job, bars_kept counts its rows of equity
-- reads: job_result, job, equity
-- takes: run = last, job = all
-- order: strategy, horizon_days, symbols, job
SELECT job_result.job_key[:8] AS job, job_result.strategy, job_result.horizon_days, job_result.symbols, job.kept,
       (SELECT count(*) FROM equity WHERE equity.job_id = job_result.job_id) AS bars_kept
FROM job_result
JOIN job USING (job_id)
WHERE job_result.run_id = $run
  AND ($job IS NULL OR starts_with(job_result.job_key, $job))
ORDER BY job_result.strategy, job_result.horizon_days, job_result.symbols, job_result.job_key
