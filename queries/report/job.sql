-- answers: everything that is stored of the jobs of a run: what was asked, how they ended, all measures
-- grain: a row per job, kept says how much of it is stored beside this
-- reads: job_result, job
-- takes: run = last, job = all, top = 20
-- order: strategy, horizon_days, symbols, job
SELECT job_result.run_id, job_result.job_key AS job, job_result.* EXCLUDE (run_id, job_id, job_key),
       job.kept
FROM job_result
JOIN job USING (job_id)
WHERE job_result.run_id = $run
  AND ($job IS NULL OR starts_with(job_result.job_key, $job))
ORDER BY job_result.strategy, job_result.horizon_days, job_result.symbols, job_result.job_key
LIMIT $top
