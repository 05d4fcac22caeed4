-- answers: what a screen was asked, over which window, and how many tests it took
-- grain: a row for the screen, none if it was stopped before it was through
-- reads: screen_run, run
-- takes: run = last
-- order: run_id
SELECT run_id, test, trend, lag, direction, price, sizes, horizon_days, window_start, window_end,
       min_observations, min_correlation, fdr, listing, tests, refused, filtered, judged, listed
FROM screen_run
JOIN run USING (run_id)
WHERE run_id = $run
ORDER BY run_id
