-- holds: a row per run and job: what was asked, how it ended, what it measured, and the tests of the screen that its combination was picked by
-- job_key: the key of the job, hexadecimal
-- columns as in: run_job, job, measure, run
CREATE VIEW job_result AS
SELECT run_job.run_id, run_job.cached, run.screen_tests, job.job_id,
       replace(job.job_key::VARCHAR, '-', '') AS job_key,
       job.strategy, job.horizon_days, job.symbols, job.size, job.parameters,
       job.outcome, job.reason, measure.* EXCLUDE (job_id)
FROM run_job
JOIN job USING (job_id)
JOIN run ON run.run_id = run_job.run_id
LEFT JOIN measure USING (job_id);
