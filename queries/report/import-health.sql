-- answers: which bars the store holds of each symbol, what is missing by its calendar, and what is wrong
-- grain: a row per symbol and interval, missing bars are those between the first and the last: on exchange calendars of the sessions at which any symbol of the market has a bar
-- reads: bar, series, instrument
-- takes: symbols = all, max_gap_bars = all, max_unchanged_bars = all
-- order: market, symbol, interval_us
WITH chosen AS (
  SELECT interval_us, instrument_id, market, symbol, calendar
  FROM series
  JOIN instrument USING (instrument_id)
  WHERE $symbols IS NULL OR list_contains(string_split($symbols, ','), symbol)
),
session AS (
  SELECT interval_us, market, ts,
         row_number() OVER (PARTITION BY interval_us, market ORDER BY ts) AS number
  FROM (
    SELECT DISTINCT bar.interval_us, instrument.market, ts
    FROM bar
    JOIN instrument USING (instrument_id)
    JOIN series USING (interval_us, instrument_id)
    WHERE calendar = 'exchange'
  )
),
placed AS (
  SELECT bar.*, market, symbol, calendar,
         CASE calendar WHEN 'exchange' THEN session.number
                       ELSE epoch_us(bar.ts) // bar.interval_us END AS place
  FROM bar
  JOIN chosen USING (interval_us, instrument_id)
  LEFT JOIN session USING (interval_us, market, ts)
),
step AS (
  SELECT *, lead(ts) OVER in_time AS next_ts, lead(place) OVER in_time AS next_place,
         lag(close) OVER in_time AS last_close
  FROM placed
  WINDOW in_time AS (PARTITION BY interval_us, instrument_id ORDER BY ts)
),
hole AS (
  SELECT *,
         CASE
           WHEN calendar = '24/5' AND isodow(ts) >= 5
                AND epoch_us(next_ts) - epoch_us(ts) <= 259200000000 THEN 0
           WHEN calendar = '24/5' THEN greatest(0, next_place - place - 1
                - date_diff('week', ts + INTERVAL 2 DAY, next_ts + INTERVAL 2 DAY)
                  * 172800000000 // interval_us)
           ELSE greatest(0, next_place - place - 1)
         END AS missing,
         sum(CASE WHEN close = last_close THEN 0 ELSE 1 END) OVER (
           PARTITION BY interval_us, instrument_id ORDER BY ts
           ROWS UNBOUNDED PRECEDING
         ) AS level
  FROM step
),
stillness AS (
  SELECT interval_us, instrument_id, max(bars) AS longest_unchanged_bars
  FROM (
    SELECT interval_us, instrument_id, count(close) AS bars
    FROM hole
    GROUP BY interval_us, instrument_id, level
  )
  GROUP BY interval_us, instrument_id
),
health AS (
  SELECT market, symbol, interval_us, instrument_id, calendar,
         min(ts) AS first_ts, max(ts) AS last_ts, count(*) AS bars,
         (count(*) + coalesce(sum(missing), 0))::BIGINT AS expected_bars,
         count(*) FILTER (missing > 0) AS gaps,
         coalesce(max(missing), 0) AS longest_gap_bars,
         first(ts ORDER BY missing DESC, ts) FILTER (missing > 0) AS longest_gap_after,
         count(*) FILTER (ts = next_ts) AS duplicate_bars,
         count(*) FILTER (close IS NULL) AS without_close,
         count(*) FILTER (least(open, high, low, close) < 0) AS negative_prices,
         count(*) FILTER (least(open, high, low, close) = 0) AS zero_prices,
         count(*) FILTER (high < greatest(open, low, close) OR low > least(open, high, close))
           AS outside_range
  FROM hole
  GROUP BY market, symbol, interval_us, instrument_id, calendar
)
SELECT market, symbol, interval_name(interval_us) AS interval, calendar, first_ts, last_ts, bars, expected_bars, gaps,
       longest_gap_bars, longest_gap_after, longest_unchanged_bars, duplicate_bars, without_close,
       negative_prices, zero_prices, outside_range,
       nullif(concat_ws(chr(59) || ' ',
         CASE WHEN duplicate_bars > 0 THEN concat(duplicate_bars, ' duplicate') END,
         CASE WHEN without_close > 0 THEN concat(without_close, ' without close') END,
         CASE WHEN negative_prices > 0 THEN concat(negative_prices, ' with a negative price') END,
         CASE WHEN zero_prices > 0 THEN concat(zero_prices, ' with a price of zero') END,
         CASE WHEN outside_range > 0
              THEN concat(outside_range, ' with a price outside low..high') END,
         CASE WHEN longest_gap_bars > $max_gap_bars
              THEN concat('a gap of ', longest_gap_bars, ' bars') END,
         CASE WHEN longest_unchanged_bars > $max_unchanged_bars
              THEN concat('close unchanged for ', longest_unchanged_bars, ' bars') END
       ), '') AS faults
FROM health
JOIN stillness USING (interval_us, instrument_id)
ORDER BY market, symbol, interval_us
