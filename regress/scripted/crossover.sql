-- Half of the equity in what is above its average of ten days.
SELECT ts, symbol, CASE WHEN close > avg(close) OVER ten THEN 0.5 ELSE 0 END AS weight
FROM bars
WINDOW ten AS (PARTITION BY symbol ORDER BY ts ROWS 9 PRECEDING)
ORDER BY ts, symbol
