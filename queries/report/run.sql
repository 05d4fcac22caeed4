-- answers: what one run was asked, with its resolved configuration, and what it took
-- grain: a row for the run, of either kind
-- reads: run
-- takes: run = last
-- order: run_id
SELECT run_id, kind, status, configuration, configuration_hash, engine_version, device, workers,
       interval_name(interval_us) AS interval, end_ts, universe_size, screen_run, screen_tests,
       planned_jobs, computed, cached, left_out, pair_fits, frame_rows, budget_bytes,
       planned_peak_bytes, panel, started_at, finished_at, wall_secs, initial_bytes,
       measured_peak_bytes, final_bytes, kernel_peak_bytes, cgroup_peak_bytes,
       allocated_peak_bytes, admission_waits
FROM run
WHERE run_id = $run
ORDER BY run_id
