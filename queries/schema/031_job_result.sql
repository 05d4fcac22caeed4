-- holds: a row per run and job: what was asked, how it ended, what it measured
CREATE VIEW job_result AS
SELECT run_job.run_id, run_job.cached, job.job_id,
       replace(job.job_key::VARCHAR, '-', '') AS job_key,
       job.strategy, job.horizon_days, job.symbols, job.size, job.parameters,
       job.outcome, job.reason, measure.* EXCLUDE (job_id)
FROM run_job
JOIN job USING (job_id)
LEFT JOIN measure USING (job_id);
