-- answers: what a screen listed, most significant first, and how many tests it was picked from
-- grain: a row per listed combination
-- reads: screen, screen_run, run
-- takes: run = last, top = 20, symbols = all
-- order: p_value, the more extreme statistic, symbols, symbol_y
SELECT symbols, symbol_y, symbol_x, screen.direction, statistic, p_value, q_value, critical_1, critical_5, critical_10,
       lag_bars, hedge_ratio, intercept, weights, half_life_bars,
       half_life_bars * interval_us / 3600000000.0 AS half_life_hours, observations,
       screen.window_start, screen.window_end, test, tests, min_correlation, numeric_path
FROM screen
JOIN screen_run USING (run_id)
JOIN run USING (run_id)
WHERE run_id = $run
  AND ($symbols IS NULL
       OR list_sort(string_split(symbols, ',')) = list_sort(string_split($symbols, ',')))
ORDER BY p_value NULLS FIRST, CASE WHEN test = 'johansen' THEN -statistic ELSE statistic END,
         symbols, symbol_y
LIMIT $top
