-- answers: the target weights of a job, as --signals plays them again
-- grain: a row per bar and symbol, ts is the bar whose close decided it
-- reads: job_result, weight
-- takes: run = last, job = all
-- order: ts, symbol
SELECT ts, symbol, weight
FROM job_result
JOIN weight USING (job_id)
WHERE run_id = $run
  AND ($job IS NULL OR starts_with(job_key, $job))
ORDER BY ts, symbol, job_key
