-- holds: a row per job of the latest run of each configuration (a finished one if there is), nothing in it changes between two runs of the same configuration
-- job_key: the key of the job, hexadecimal
-- columns as in: job, measure
CREATE VIEW results AS
SELECT DISTINCT strategy, horizon_days, symbols, size, parameters, outcome, reason, job_key,
       COLUMNS(job_result.* EXCLUDE (run_id, cached, screen_tests, job_id, job_key, strategy, horizon_days,
                                     symbols, size, parameters, outcome, reason))
FROM job_result
WHERE run_id IN (
  SELECT coalesce(max(run_id) FILTER (status = 'finished'), max(run_id))
  FROM run
  GROUP BY configuration_hash
);
