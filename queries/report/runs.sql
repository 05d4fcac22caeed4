-- answers: which runs the store holds
-- grain: a row per run
-- reads: run
-- takes: top = all
-- order: run_id
SELECT run_id, status, started_at, wall_secs, planned_jobs, computed, cached, left_out, pair_fits,
       frame_rows, universe_size, workers, device, engine_version, end_ts,
       configuration_hash[:8] AS configuration, kind, screen_run,
       screen_tests
FROM run
ORDER BY run_id
LIMIT $top
