-- answers: the markets and lengths of the bars that would be written out, and their calendar where it is one
-- grain: a row per market and length
-- reads: bar, instrument
-- takes: market = all, symbols = all, length = all, since = all, until = all
-- order: market, interval
SELECT market, interval_name(interval_us) AS interval,
       CASE WHEN min(calendar) = max(calendar) THEN min(calendar) END AS calendar
FROM (
  SELECT DISTINCT instrument_id, interval_us
  FROM bar
  WHERE ($since IS NULL OR ts >= CAST($since AS TIMESTAMP))
    AND ($until IS NULL OR ts < CAST($until AS TIMESTAMP))
)
JOIN instrument USING (instrument_id)
JOIN series USING (instrument_id, interval_us)
WHERE ($market IS NULL OR market = $market)
  AND ($symbols IS NULL OR list_contains(string_split($symbols, ','), symbol))
  AND ($length IS NULL OR interval_name(interval_us) = $length)
GROUP BY market, interval_us
ORDER BY market, interval_us
