//! Statements over `bars` as a user writes them: some that look ahead, some that do not.

/// A name and a statement.
pub(super) type Statement = (&'static str, &'static str);

/// Bars ahead of the one it decides at that a leak sees; those that are not here see all there are.
pub(super) const AHEAD: &[(&str, usize)] = &[
    ("lead", 1),
    ("a centred frame", 5),
    ("a join on the next bar", 1),
    ("a day labelled by its beginning", 23),
    ("the next bar of another symbol", 1),
    ("a range of time that follows", 24),
    ("the time of the next bar", 1),
];

/// Fifteen ways to look ahead in SQL.
pub(super) const LEAKS: &[Statement] = &[
    (
        "lead",
        "SELECT ts, symbol,
                CASE WHEN lead(close) OVER w > close THEN 0.3 ELSE -0.3 END AS weight
         FROM bars WINDOW w AS (PARTITION BY symbol ORDER BY ts) ORDER BY ts, symbol",
    ),
    (
        "a centred frame",
        "SELECT ts, symbol, CASE WHEN avg(close) OVER w > close THEN 0.3 ELSE 0 END AS weight
         FROM bars
         WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 5 PRECEDING AND 5 FOLLOWING)
         ORDER BY ts, symbol",
    ),
    (
        "last_value to the end",
        "SELECT ts, symbol, 0.3 * sign(last_value(close) OVER w - close) AS weight
         FROM bars
         WINDOW w AS (PARTITION BY symbol ORDER BY ts
                      ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
         ORDER BY ts, symbol",
    ),
    (
        "a join on the next bar",
        "SELECT a.ts, a.symbol, CASE WHEN b.close > a.close THEN 0.3 ELSE -0.1 END AS weight
         FROM bars AS a
         LEFT JOIN bars AS b ON b.symbol = a.symbol AND b.ts = a.ts + INTERVAL 1 HOUR
         ORDER BY a.ts, a.symbol",
    ),
    (
        "a mean of everything",
        "SELECT ts, symbol,
                CASE WHEN close < (SELECT avg(close) FROM bars AS b WHERE b.symbol = bars.symbol)
                     THEN 0.3 ELSE 0 END AS weight
         FROM bars ORDER BY ts, symbol",
    ),
    (
        "sized by the highest price of the run",
        "SELECT ts, symbol, 0.3 * close / max(close) OVER (PARTITION BY symbol) AS weight
         FROM bars ORDER BY ts, symbol",
    ),
    (
        "a z-score of the full sample",
        "SELECT ts, symbol,
                greatest(-0.3, least(0.3, -0.1 * (close - avg(close) OVER w) / stddev(close) OVER w))
                  AS weight
         FROM bars WINDOW w AS (PARTITION BY symbol) ORDER BY ts, symbol",
    ),
    (
        "bars counted from the end",
        "SELECT ts, symbol,
                CASE WHEN row_number() OVER (PARTITION BY symbol ORDER BY ts DESC) > 12
                     THEN 0.3 ELSE 0 END AS weight
         FROM bars ORDER BY ts, symbol",
    ),
    (
        "a day labelled by its beginning",
        "WITH day AS (
           SELECT symbol, date_trunc('day', ts) AS day, arg_max(close, ts) AS last
           FROM bars GROUP BY ALL)
         SELECT ts, symbol, CASE WHEN last > close THEN 0.3 ELSE -0.3 END AS weight
         FROM bars JOIN day USING (symbol)
         WHERE day = date_trunc('day', ts)
         ORDER BY ts, symbol",
    ),
    (
        "the next bar of another symbol",
        "SELECT a.ts, a.symbol, CASE WHEN b.close > b.open THEN 0.3 ELSE 0 END AS weight
         FROM bars AS a
         LEFT JOIN bars AS b ON b.symbol = 'A' AND b.ts = a.ts + INTERVAL 1 HOUR
         WHERE a.symbol = 'D'
         ORDER BY a.ts, a.symbol",
    ),
    (
        "a range of time that follows",
        "SELECT ts, symbol,
                CASE WHEN min(low) OVER w < 0.985 * close THEN 0 ELSE 0.3 END AS weight
         FROM bars
         WINDOW w AS (PARTITION BY symbol ORDER BY ts
                      RANGE BETWEEN CURRENT ROW AND INTERVAL 24 HOURS FOLLOWING)
         ORDER BY ts, symbol",
    ),
    (
        "a threshold of the full sample",
        "WITH moves AS (
           SELECT ts, symbol, close / lag(close) OVER (PARTITION BY symbol ORDER BY ts) - 1 AS move
           FROM bars)
         SELECT ts, symbol,
                CASE WHEN move < (SELECT quantile_cont(move, 0.1) FROM moves) THEN 0.3 ELSE 0 END
                  AS weight
         FROM moves ORDER BY ts, symbol",
    ),
    (
        "a slope of the full sample",
        "SELECT ts, symbol,
                0.3 * sign(regr_slope(close, epoch(ts)) OVER (PARTITION BY symbol)) AS weight
         FROM bars ORDER BY ts, symbol",
    ),
    (
        "symbols that are still there at the end",
        "SELECT ts, symbol, 0.3 AS weight
         FROM bars
         WHERE symbol IN (SELECT symbol FROM bars GROUP BY symbol
                          HAVING max(ts) = (SELECT max(ts) FROM bars))
         ORDER BY ts, symbol",
    ),
    // Out of the market before a gap that nobody has announced.
    (
        "the time of the next bar",
        "SELECT ts, symbol,
                CASE WHEN lead(ts) OVER w > ts + INTERVAL 1 HOUR THEN 0 ELSE 0.3 END AS weight
         FROM bars WINDOW w AS (PARTITION BY symbol ORDER BY ts) ORDER BY ts, symbol",
    ),
];

/// Eight that know no more than they may.
pub(super) const HONEST: &[Statement] = &[
    (
        "two moving averages",
        "SELECT ts, symbol,
                CASE WHEN avg(close) OVER fast > avg(close) OVER slow THEN 0.3 ELSE 0 END AS weight
         FROM bars
         WINDOW fast AS (PARTITION BY symbol ORDER BY ts ROWS 11 PRECEDING),
                slow AS (PARTITION BY symbol ORDER BY ts ROWS 35 PRECEDING)
         ORDER BY ts, symbol",
    ),
    (
        "reversal",
        "SELECT ts, symbol,
                coalesce(-0.3 * sign(close - lag(close) OVER (PARTITION BY symbol ORDER BY ts)), 0)
                  AS weight
         FROM bars ORDER BY ts, symbol",
    ),
    (
        "trailing z-score",
        "SELECT ts, symbol,
                coalesce(greatest(-0.3, least(0.3, -0.1 * (close - avg(close) OVER w)
                                                        / nullif(stddev(close) OVER w, 0))), 0)
                  AS weight
         FROM bars
         WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 29 PRECEDING)
         ORDER BY ts, symbol",
    ),
    (
        "breakout",
        "SELECT ts, symbol,
                CASE WHEN close > max(high) OVER w THEN 0.3 WHEN close < min(low) OVER w THEN -0.3
                     ELSE 0 END AS weight
         FROM bars
         WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 24 PRECEDING AND 1 PRECEDING)
         ORDER BY ts, symbol",
    ),
    (
        "best of the symbols",
        "WITH moves AS (
           SELECT ts, symbol, close / lag(close, 24) OVER (PARTITION BY symbol ORDER BY ts) AS move
           FROM bars)
         SELECT ts, symbol,
                CASE WHEN rank() OVER (PARTITION BY ts ORDER BY move DESC, symbol) = 1
                     THEN 0.5 ELSE 0 END AS weight
         FROM moves WHERE move IS NOT NULL ORDER BY ts, symbol",
    ),
    (
        "hours of the day",
        "SELECT ts, symbol, CASE WHEN hour(ts) < 8 THEN 0.3 ELSE -0.1 END AS weight
         FROM bars ORDER BY ts, symbol",
    ),
    // The last bits of its deviations depend on how many bars follow.
    (
        "sized by its volatility at every bar",
        "WITH moves AS (
           SELECT ts, symbol, ln(close / lag(close) OVER (PARTITION BY symbol ORDER BY ts)) AS move
           FROM bars)
         SELECT ts, symbol, least(1, 0.002 / nullif(stddev(move) OVER w, 0)) * 0.25 AS weight
         FROM moves
         WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 59 PRECEDING)
         QUALIFY count(move) OVER w = 60 AND stddev(move) OVER w > 0
         ORDER BY ts, symbol",
    ),
    (
        "once a day by its volatility",
        "WITH moves AS (
           SELECT ts, symbol, ln(close / lag(close) OVER (PARTITION BY symbol ORDER BY ts)) AS move
           FROM bars),
         risk AS (
           SELECT ts, symbol, stddev(move) OVER w AS risk, count(move) OVER w AS moves
           FROM moves
           WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 35 PRECEDING))
         SELECT ts, symbol, least(0.5, 0.001 / risk) AS weight
         FROM risk WHERE hour(ts) = 23 AND moves = 36 AND risk > 0 ORDER BY ts, symbol",
    ),
];
