-- answers: which bars the store holds, and where they have gaps
-- grain: a row per instrument and interval
-- reads: bar, series, instrument, gap
-- takes: symbols = all
-- order: market, symbol, interval_us
WITH span AS (
  SELECT interval_us, instrument_id, min(ts) AS first_ts, max(ts) AS last_ts, count(*) AS bars,
         count(*) FILTER (close IS NULL) AS without_close
  FROM bar
  GROUP BY interval_us, instrument_id
),
hole AS (
  SELECT interval_us, instrument_id, count(*) AS gaps,
         max(epoch_us(before_ts) - epoch_us(after_ts)) / 3600000000.0 AS longest_gap_hours
  FROM gap
  GROUP BY interval_us, instrument_id
)
SELECT market, symbol, interval_name(interval_us) AS interval, calendar, first_ts, last_ts, bars, without_close,
       coalesce(gaps, 0) AS gaps, longest_gap_hours
FROM span
JOIN series USING (interval_us, instrument_id)
JOIN instrument USING (instrument_id)
LEFT JOIN hole USING (interval_us, instrument_id)
WHERE $symbols IS NULL OR symbol = $symbols
ORDER BY market, symbol, interval_us
