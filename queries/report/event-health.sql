-- answers: which stored splits the bars do not show, and which stored events meet no bar
-- grain: a row per split and interval whose bars do not show it, else per symbol, kind and finding
-- reads: instrument_event, instrument, series, bar
-- takes: symbols = all, import = all
-- order: market, symbol, kind, finding, interval_us, first_ts
WITH event AS (
  SELECT instrument_event.*, market, symbol
  FROM instrument_event
  JOIN instrument USING (instrument_id)
  WHERE $symbols IS NULL OR list_contains(string_split($symbols, ','), symbol)
),
around AS (
  SELECT interval_us, instrument_id, market, symbol, event.ts, any_value(value) AS value,
         any_value(event.import_id) AS import_id,
         min(bar.ts) FILTER (bar.ts >= event.ts) AS after_ts,
         arg_max(close, bar.ts) FILTER (bar.ts < event.ts) AS close_before,
         arg_min(coalesce(open, close), bar.ts) FILTER (bar.ts >= event.ts) AS open_after
  FROM event
  JOIN bar USING (instrument_id)
  WHERE kind = 'splits' AND value > 0 AND close IS NOT NULL
  GROUP BY interval_us, instrument_id, market, symbol, event.ts
),
moved AS (
  SELECT *,
         -- Splits between the same two bars are one move.
         sum(ln(value)) OVER (
           PARTITION BY interval_us, instrument_id, after_ts ORDER BY ts
           ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
         ) AS split_move,
         CASE WHEN close_before > 0 AND open_after > 0
              THEN ln(open_after / close_before) END AS bar_move
  FROM around
),
span AS (
  SELECT instrument_id, min(ts) AS first_bar, max(ts) AS last_bar
  FROM bar
  WHERE instrument_id IN (SELECT instrument_id FROM event)
  GROUP BY instrument_id
),
finding AS (
  SELECT market, symbol, 'splits' AS kind, 'not in the bars' AS finding, interval_us,
         1::BIGINT AS events, ts AS first_ts, ts AS last_ts, value AS ratio, close_before,
         open_after, NULL AS elsewhere
  FROM moved
  -- Nearer to no move, or to twice the move, than to the move of the split. What changes the price by
  -- less than a tenth cannot be told from an ordinary move.
  WHERE abs(split_move) >= ln(1.1)
    AND abs(bar_move + split_move) > abs(split_move) / 2
    AND ($import IS NULL OR import_id = $import)
  UNION ALL
  SELECT market, symbol, kind, finding, NULL, count(*), min(ts), max(ts), NULL, NULL, NULL,
         CASE finding WHEN 'no bars' THEN (
           SELECT string_agg(DISTINCT other.market, ',' ORDER BY other.market)
           FROM instrument AS other
           JOIN series USING (instrument_id)
           WHERE other.symbol = astray.symbol
         ) END
  FROM (
    SELECT event.*,
           CASE WHEN last_bar IS NULL THEN 'no bars'
                WHEN ts > last_bar THEN 'after the bars'
                -- A borrow rate holds from then on.
                WHEN ts < first_bar AND kind <> 'borrow' THEN 'before the bars' END AS finding
    FROM event
    LEFT JOIN span USING (instrument_id)
    WHERE $import IS NULL OR import_id = $import
  ) AS astray
  WHERE finding IS NOT NULL
  GROUP BY market, symbol, kind, finding
)
SELECT market, symbol, kind, finding,
       CASE WHEN interval_us IS NOT NULL THEN interval_name(interval_us) END AS interval,
       events, first_ts, last_ts, ratio, close_before, open_after, elsewhere
FROM finding
ORDER BY market, symbol, kind, finding, interval_us, first_ts
