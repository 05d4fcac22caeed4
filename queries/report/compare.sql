-- answers: what differs between two runs, jobs that only one of them has and jobs that are not the same in both, by how much
-- grain: a row per job that differs, jobs are the same question if strategy, horizon and symbols are, differs names the columns that are not equal to the last bit (key where nothing asked for is: other bars, or another numeric version), changes are run minus other
-- reads: job_result
-- takes: run = last, other = last~1, horizon = all, strategy = all, top = all
-- order: found, the size of return_change descending, strategy, horizon_days, symbols, nth
WITH asked AS (
  SELECT *,
         commission + slippage + spread + impact + borrow + financing + funding - dividend AS cost,
         -- Above 1 only where a run asks one question twice.
         row_number() OVER (
           PARTITION BY run_id, strategy, horizon_days, symbols ORDER BY parameters, job_key
         ) AS nth
  FROM job_result
  WHERE run_id IN ($run, $other)
    AND ($horizon IS NULL OR horizon_days = $horizon)
    AND ($strategy IS NULL OR strategy = $strategy)
),
matched AS (
  SELECT strategy, horizon_days, symbols, nth, a.outcome, b.outcome AS other_outcome,
         a.total_return, b.total_return AS other_return,
         a.total_return - b.total_return AS return_change,
         a.sharpe - b.sharpe AS sharpe_change,
         a.max_drawdown - b.max_drawdown AS drawdown_change,
         a.cost - b.cost AS cost_change,
         a.trades::BIGINT - b.trades::BIGINT AS trades_change,
         a.job_key[:8] AS job, b.job_key[:8] AS other_job,
         CASE WHEN b.job_key IS NULL THEN '1 only in run'
              WHEN a.job_key IS NULL THEN '2 only in other'
              ELSE '3 in both' END AS found,
         concat_ws(',',
           CASE WHEN a.parameters <> b.parameters THEN 'parameters'
                WHEN a.job_key <> b.job_key THEN 'key' END,
           CASE WHEN a.outcome <> b.outcome THEN 'outcome' END,
           CASE WHEN a.reason IS DISTINCT FROM b.reason THEN 'reason' END,
           CASE WHEN a.bars IS DISTINCT FROM b.bars THEN 'bars' END,
           CASE WHEN a.periods_per_year IS DISTINCT FROM b.periods_per_year THEN 'periods_per_year' END,
           CASE WHEN a.final_equity IS DISTINCT FROM b.final_equity THEN 'final_equity' END,
           CASE WHEN a.total_return IS DISTINCT FROM b.total_return THEN 'total_return' END,
           CASE WHEN a.cagr IS DISTINCT FROM b.cagr THEN 'cagr' END,
           CASE WHEN a.volatility IS DISTINCT FROM b.volatility THEN 'volatility' END,
           CASE WHEN a.sharpe IS DISTINCT FROM b.sharpe THEN 'sharpe' END,
           CASE WHEN a.sortino IS DISTINCT FROM b.sortino THEN 'sortino' END,
           CASE WHEN a.max_drawdown IS DISTINCT FROM b.max_drawdown THEN 'max_drawdown' END,
           CASE WHEN a.calmar IS DISTINCT FROM b.calmar THEN 'calmar' END,
           CASE WHEN a.exposure IS DISTINCT FROM b.exposure THEN 'exposure' END,
           CASE WHEN a.turnover_annual IS DISTINCT FROM b.turnover_annual THEN 'turnover_annual' END,
           CASE WHEN a.traded_notional IS DISTINCT FROM b.traded_notional THEN 'traded_notional' END,
           CASE WHEN a.trades IS DISTINCT FROM b.trades THEN 'trades' END,
           CASE WHEN a.win_rate IS DISTINCT FROM b.win_rate THEN 'win_rate' END,
           CASE WHEN a.profit_factor IS DISTINCT FROM b.profit_factor THEN 'profit_factor' END,
           CASE WHEN a.commission IS DISTINCT FROM b.commission THEN 'commission' END,
           CASE WHEN a.slippage IS DISTINCT FROM b.slippage THEN 'slippage' END,
           CASE WHEN a.spread IS DISTINCT FROM b.spread THEN 'spread' END,
           CASE WHEN a.impact IS DISTINCT FROM b.impact THEN 'impact' END,
           CASE WHEN a.borrow IS DISTINCT FROM b.borrow THEN 'borrow' END,
           CASE WHEN a.financing IS DISTINCT FROM b.financing THEN 'financing' END,
           CASE WHEN a.dividend IS DISTINCT FROM b.dividend THEN 'dividend' END,
           CASE WHEN a.funding IS DISTINCT FROM b.funding THEN 'funding' END,
           CASE WHEN a.benchmark_return IS DISTINCT FROM b.benchmark_return THEN 'benchmark_return' END,
           CASE WHEN a.benchmark_sharpe IS DISTINCT FROM b.benchmark_sharpe THEN 'benchmark_sharpe' END,
           CASE WHEN a.benchmark_drawdown IS DISTINCT FROM b.benchmark_drawdown THEN 'benchmark_drawdown' END
         ) AS differs
  FROM (SELECT * FROM asked WHERE run_id = $run) AS a
  FULL JOIN (SELECT * FROM asked WHERE run_id = $other) AS b
    USING (strategy, horizon_days, symbols, nth)
)
SELECT found[3:] AS found, strategy, horizon_days, symbols, outcome, other_outcome, total_return,
       other_return, return_change, sharpe_change, drawdown_change, trades_change, cost_change,
       CASE WHEN found = '3 in both' THEN differs END AS differs, job, other_job
FROM matched
WHERE found <> '3 in both' OR differs <> ''
ORDER BY matched.found, abs(return_change) DESC NULLS LAST, strategy, horizon_days, symbols, nth
LIMIT $top
