-- answers: what runs were allowed, planned and measured, in MB (10^6 bytes)
-- grain: a row per run
-- reads: run
-- takes: run = all
-- order: run_id
SELECT run_id, status,
       initial_bytes / 1000000 AS initial_mb,
       planned_peak_bytes / 1000000 AS planned_mb,
       measured_peak_bytes / 1000000 AS peak_mb,
       final_bytes / 1000000 AS final_mb,
       budget_bytes / 1000000 AS budget_mb,
       kernel_peak_bytes / 1000000 AS kernel_peak_mb,
       cgroup_peak_bytes / 1000000 AS cgroup_peak_mb,
       allocated_peak_bytes / 1000000 AS allocated_peak_mb,
       panel, admission_waits
FROM run
WHERE $run IS NULL OR run_id = $run
ORDER BY run_id
