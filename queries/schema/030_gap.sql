-- holds: bars that are missing by the calendar class: 24/7 any missing bar, 24/5 the same but for weekends, exchange a pause above five days
-- columns as in: import_gap, series
CREATE VIEW gap AS
SELECT interval_us, instrument_id, ts AS after_ts, next_ts AS before_ts
FROM (
  SELECT interval_us, instrument_id, ts,
         lead(ts) OVER (PARTITION BY interval_us, instrument_id ORDER BY ts) AS next_ts
  FROM bar
)
JOIN series USING (interval_us, instrument_id)
WHERE CASE calendar
        WHEN '24/7' THEN epoch_us(next_ts) - epoch_us(ts) > interval_us
        WHEN '24/5' THEN epoch_us(next_ts) - epoch_us(ts) > interval_us
          AND NOT (isodow(ts) >= 5 AND epoch_us(next_ts) - epoch_us(ts) <= 259200000000)
        ELSE epoch_us(next_ts) - epoch_us(ts) > greatest(interval_us, 432000000000)
      END;
