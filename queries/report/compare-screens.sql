-- answers: what differs between two screens, combinations that only one of them lists and combinations that do not have the same test in both, by how much
-- grain: a row per combination that differs, the same combination with another dependent symbol is the same, differs names the columns that are not equal to the last bit, changes are run minus other
-- reads: screen, screen_run
-- takes: run = last, other = last~1, top = all
-- order: found, the size of p_change descending, the size of statistic_change descending, symbols, nth
WITH asked AS (
  SELECT screen.*,
         -- Above 1 only where a combination is listed by several of its tests.
         row_number() OVER (PARTITION BY run_id, symbols ORDER BY symbol_y, symbol_x) AS nth
  FROM screen
  JOIN screen_run USING (run_id)
  WHERE run_id IN ($run, $other)
),
matched AS (
  SELECT symbols, nth, a.symbol_y, b.symbol_y AS other_y,
         a.statistic, b.statistic AS other_statistic,
         a.p_value, b.p_value AS other_p,
         a.p_value - b.p_value AS p_change,
         a.statistic - b.statistic AS statistic_change,
         a.q_value - b.q_value AS q_change,
         CASE WHEN b.symbols IS NULL THEN '1 only in run'
              WHEN a.symbols IS NULL THEN '2 only in other'
              ELSE '3 in both' END AS found,
         concat_ws(',',
           CASE WHEN a.symbol_y <> b.symbol_y THEN 'symbol_y' END,
           CASE WHEN a.direction <> b.direction THEN 'direction' END,
           CASE WHEN a.window_start <> b.window_start OR a.window_end <> b.window_end THEN 'window' END,
           CASE WHEN a.observations <> b.observations THEN 'observations' END,
           CASE WHEN a.statistic <> b.statistic THEN 'statistic' END,
           CASE WHEN a.p_value IS DISTINCT FROM b.p_value THEN 'p_value' END,
           CASE WHEN a.q_value IS DISTINCT FROM b.q_value THEN 'q_value' END,
           CASE WHEN a.lag_bars IS DISTINCT FROM b.lag_bars THEN 'lag_bars' END,
           CASE WHEN a.hedge_ratio IS DISTINCT FROM b.hedge_ratio THEN 'hedge_ratio' END,
           CASE WHEN a.intercept IS DISTINCT FROM b.intercept THEN 'intercept' END,
           CASE WHEN a.weights IS DISTINCT FROM b.weights THEN 'weights' END,
           CASE WHEN a.half_life_bars IS DISTINCT FROM b.half_life_bars THEN 'half_life_bars' END,
           CASE WHEN a.numeric_path <> b.numeric_path THEN 'numeric_path' END
         ) AS differs
  FROM (SELECT * FROM asked WHERE run_id = $run) AS a
  FULL JOIN (SELECT * FROM asked WHERE run_id = $other) AS b
    USING (symbols, nth)
)
SELECT found[3:] AS found, symbols, symbol_y, other_y, statistic, other_statistic, p_value, other_p,
       statistic_change, p_change, q_change,
       CASE WHEN found = '3 in both' THEN differs END AS differs
FROM matched
WHERE found <> '3 in both' OR differs <> ''
ORDER BY matched.found, abs(p_change) DESC NULLS LAST, abs(statistic_change) DESC NULLS LAST,
         symbols, nth
LIMIT $top
