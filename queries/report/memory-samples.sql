-- answers: how the memory of a run moved from stage to stage
-- grain: a row per sample: one at the end of each stage, and each new peak
-- reads: memory_sample, run
-- takes: run = last
-- order: elapsed_secs, stage
SELECT run_id, elapsed_micros / 1000000.0 AS elapsed_secs, stage, bytes AS held_bytes
FROM memory_sample
JOIN run USING (run_id)
WHERE run_id = $run
ORDER BY elapsed_micros, stage
