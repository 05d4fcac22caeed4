-- holds: a row per job whose scored window was simulated, NULL where a measure is undefined
CREATE TABLE measure (
  job_id             BIGINT  NOT NULL, -- its job
  bars               UBIGINT NOT NULL, -- scored bars [bars]
  periods_per_year   DOUBLE,           -- bars a year that annualized measures use [bars per year]
  final_equity       DOUBLE,           -- equity after the last scored bar [quote]
  total_return       DOUBLE,           -- final equity over capital, less 1 [fraction]
  cagr               DOUBLE,           -- compound annual growth rate [fraction per year]
  volatility         DOUBLE,           -- standard deviation of returns per bar (ddof 1), annualized [fraction per year]
  sharpe             DOUBLE,           -- mean over standard deviation of returns per bar (ddof 1), annualized, risk-free rate 0
  sortino            DOUBLE,           -- mean over downside deviation of returns per bar, annualized
  max_drawdown       DOUBLE,           -- deepest fall from a running maximum that begins at the capital, not above 0 [fraction]
  calmar             DOUBLE,           -- cagr over the size of max_drawdown
  exposure           DOUBLE,           -- share of scored bars with a position at the close [fraction]
  turnover_annual    DOUBLE,           -- what was bought and sold over mean equity, a year [per year]
  traded_notional    DOUBLE,           -- what was bought and sold [quote]
  trades             UBIGINT NOT NULL, -- trades, see table trade [count]
  win_rate           DOUBLE,           -- share of trades with a positive net profit [fraction]
  profit_factor      DOUBLE,           -- net profits over net losses of trades
  commission         DOUBLE,           -- commission paid [quote]
  slippage           DOUBLE,           -- slippage paid within prices [quote]
  spread             DOUBLE,           -- half spreads paid within prices [quote]
  impact             DOUBLE,           -- market impact paid within prices [quote]
  borrow             DOUBLE,           -- borrow fees paid on shorts [quote]
  financing          DOUBLE,           -- interest paid on negative cash [quote]
  dividend           DOUBLE,           -- dividends received, less those paid [quote]
  funding            DOUBLE,           -- funding paid, less what was received [quote]
  benchmark_return   DOUBLE,           -- total return of buying and holding the combination over the same bars [fraction]
  benchmark_sharpe   DOUBLE,           -- its Sharpe ratio
  benchmark_drawdown DOUBLE            -- its deepest fall, not above 0 [fraction]
);
