-- answers: the bars of the store, as they can be imported again
-- grain: a row per bar, ts is its open in UTC
-- reads: bar, instrument
-- takes: market = all, symbols = all, length = all, since = all, until = all
-- order: market, symbol, interval, ts
SELECT ts, market, symbol, interval_name(interval_us) AS interval, open, high, low, close, volume
FROM bar
JOIN instrument USING (instrument_id)
WHERE ($market IS NULL OR market = $market)
  AND ($symbols IS NULL OR list_contains(string_split($symbols, ','), symbol))
  AND ($length IS NULL OR interval_name(interval_us) = $length)
  AND ($since IS NULL OR ts >= CAST($since AS TIMESTAMP))
  AND ($until IS NULL OR ts < CAST($until AS TIMESTAMP))
ORDER BY market, symbol, interval_us, ts
