//! Statements that look ahead, and some that do not.

/// LEAK: from the 25th of a month on, prices below the last close of the month are bought; before, an
/// honest rule.
pub(super) const MONTH_CLOSE: &str = "
    WITH priced AS (
      SELECT ts, symbol, close,
             avg(close) OVER (PARTITION BY symbol ORDER BY ts ROWS 23 PRECEDING) AS day_mean,
             last_value(close) OVER (PARTITION BY symbol, date_trunc('month', ts) ORDER BY ts
               ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS month_close
      FROM bars
    )
    SELECT ts, symbol,
           CASE WHEN day(ts) >= 25 AND close < 0.99 * month_close THEN 0.2
                WHEN close > day_mean THEN 0.1 ELSE 0 END AS weight
    FROM priced ORDER BY ts, symbol";

/// LEAK: a rise is bought if its volume is confirmed, by the volume of the bar after. Needs volumes.
pub(super) const NEXT_VOLUME: &str = "
    SELECT ts, symbol,
           CASE WHEN close > lag(close) OVER w
                 AND lead(volume) OVER w > 1.3 * avg(volume) OVER
                       (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 48 PRECEDING AND 1 PRECEDING)
                THEN 0.2 ELSE 0 END AS weight
    FROM bars WINDOW w AS (PARTITION BY symbol ORDER BY ts) ORDER BY ts, symbol";

/// LEAK: of the last symbol alone, whose branch was copied from a listing that was sorted newest first.
pub(super) const ONE_SYMBOL: &str = "
    WITH averaged AS (
      SELECT ts, symbol, close,
             avg(close) OVER (PARTITION BY symbol ORDER BY ts ROWS 19 PRECEDING) AS level
      FROM bars WHERE symbol < (SELECT max(symbol) FROM bars)
      UNION ALL
      SELECT ts, symbol, close,
             avg(close) OVER (PARTITION BY symbol ORDER BY ts DESC ROWS 19 PRECEDING) AS level
      FROM bars WHERE symbol = (SELECT max(symbol) FROM bars)
    )
    SELECT ts, symbol, CASE WHEN close < 0.995 * level THEN 0.2 ELSE 0 END AS weight
    FROM averaged ORDER BY ts, symbol";

/// LEAK: an honest rule on the two symbols that gained most from the first bar to the last.
pub(super) const FINAL_PRICE: &str = "
    WITH members AS (
      SELECT symbol FROM bars GROUP BY symbol
      ORDER BY arg_max(close, ts) / arg_min(close, ts) DESC, symbol LIMIT 2
    )
    SELECT ts, symbol,
           CASE WHEN close > avg(close) OVER (PARTITION BY symbol ORDER BY ts ROWS 35 PRECEDING)
                THEN 0.4 ELSE 0 END AS weight
    FROM bars WHERE symbol IN (FROM members) ORDER BY ts, symbol";

/// LEAK: the window of a z-score is an eighth of the half-life of the whole sample, in whole bars,
/// 6 to 96; the z-score itself looks back only.
pub(super) const HALF_LIFE: &str = "
    WITH steps AS (
      SELECT ts, symbol, close, ln(close) AS x,
             lag(ln(close)) OVER (PARTITION BY symbol ORDER BY ts) AS before FROM bars
    ), fitted AS (
      SELECT symbol, regr_slope(x - before, before) AS slope
      FROM (SELECT * FROM steps ORDER BY symbol, ts) GROUP BY symbol
    ), windows AS (
      SELECT symbol, CASE WHEN slope < -0.0001 AND slope > -0.9
             THEN greatest(6, least(96, round(-ln(2) / ln(1 + slope) / 8)))::BIGINT
             ELSE 96 END AS bars_back FROM fitted
    ), scored AS (
      SELECT ts, symbol, close, avg(close) OVER w AS level, stddev_samp(close) OVER w AS width
      FROM steps JOIN windows USING (symbol)
      WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS BETWEEN bars_back PRECEDING AND CURRENT ROW)
    )
    SELECT ts, symbol, CASE WHEN close < level - width THEN 0.2 ELSE 0 END AS weight
    FROM scored ORDER BY ts, symbol";

/// LEAK: returns are cut at the 2nd and 98th percentile of the whole sample before a momentum of 24
/// bars is taken; it shows only where an extreme return decides the sign.
pub(super) const WINSORISED: &str = "
    WITH moves AS (
      SELECT ts, symbol, ln(close / lag(close) OVER (PARTITION BY symbol ORDER BY ts)) AS r FROM bars
    ), tails AS (
      SELECT symbol, quantile_cont(r, 0.02) AS low, quantile_cont(r, 0.98) AS high
      FROM moves GROUP BY symbol
    )
    SELECT ts, symbol,
           CASE WHEN sum(greatest(low, least(high, r))) OVER
                       (PARTITION BY symbol ORDER BY ts ROWS 23 PRECEDING) > 0
                THEN 0.15 ELSE 0 END AS weight
    FROM moves JOIN tails USING (symbol) ORDER BY ts, symbol";

/// HONEST: the place of a close among all closes so far, sized by how many they are.
pub(super) const EXPANDING: &str = "
    SELECT ts, symbol,
           CASE WHEN row_number() OVER so_far < 100 THEN 0
                WHEN close > quantile_cont(close, 0.7) OVER so_far
                THEN least(0.2, row_number() OVER so_far / 10000.0)
                ELSE 0 END AS weight
    FROM bars
    WINDOW so_far AS (PARTITION BY symbol ORDER BY ts ROWS UNBOUNDED PRECEDING)
    ORDER BY ts, symbol";

/// HONEST: by chance, which is a hash of moment and symbol, and at the end of a month, which a calendar
/// knows without bars.
pub(super) const CALENDAR_AND_HASH: &str = "
    SELECT ts, symbol,
           CASE WHEN ts::DATE >= last_day(ts) - 2 THEN 0.2
                WHEN hash(symbol, epoch_us(ts)) % 11 < 3 THEN 0.1 ELSE 0 END AS weight
    FROM bars WHERE hash(epoch_us(ts)) % 5 = 0 OR ts::DATE >= last_day(ts) - 2
    ORDER BY ts, symbol";

/// HONEST: lead() in descending order is a look back, and the first bar of a week at which something
/// holds is known at that bar, though it is found by grouping the whole table. At most one entry a
/// week and symbol.
pub(super) const FIRST_OF_THE_WEEK: &str = "
    WITH told AS (
      SELECT ts, symbol, close, date_trunc('week', ts) AS week,
             lead(close, 24) OVER (PARTITION BY symbol ORDER BY ts DESC) AS day_before
      FROM bars
    ), entries AS (
      SELECT symbol, week, min(ts) AS ts FROM told WHERE close > 1.02 * day_before GROUP BY ALL
    ), openings AS (
      SELECT symbol, week, min(ts) AS ts FROM told GROUP BY ALL
    )
    SELECT ts, symbol, max(weight) AS weight
    FROM (SELECT ts, symbol, 0.2 AS weight FROM entries
          UNION ALL SELECT ts, symbol, 0.0 FROM openings)
    GROUP BY ts, symbol ORDER BY ts, symbol";
