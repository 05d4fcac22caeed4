-- holds: a row per job and scored bar: whose it is, cash, equity and gross exposure at its close, and each cost of the bar
-- job_key: the key of the job, hexadecimal
-- columns as in: equity, job
CREATE VIEW ledger AS
SELECT replace(job.job_key::VARCHAR, '-', '') AS job_key, job.strategy, job.horizon_days,
       job.symbols, job.size, equity.* EXCLUDE (job_id)
FROM equity
JOIN job USING (job_id);
