-- answers: what the jobs of a run traded, slippage, spread and impact are within the prices, net = gross - commission - borrow - (funding - dividend)
-- grain: a row per trade (a flat-to-flat episode of one symbol), legs of one entry share trade_group
-- reads: job_result, trade
-- takes: run = last, job = all, symbols = all, strategy = all, horizon = all, top = 100
-- order: strategy, horizon_days, symbols, job, seq
SELECT job_result.strategy, job_result.horizon_days, job_result.symbols, job_key[:8] AS job,
       trade.seq, trade.trade_group, trade.symbol,
       CASE WHEN trade.side > 0 THEN 'long' ELSE 'short' END AS side, trade.entry_ts,
       trade.exit_ts, trade.bars_held, trade.entry_price, trade.exit_price, trade.quantity,
       trade.gross_pnl, trade.commission, trade.slippage, trade.spread, trade.impact, trade.borrow,
       trade.dividend, trade.funding, trade.net_pnl,
       trade.exit_reason
FROM job_result
JOIN trade USING (job_id)
WHERE run_id = $run
  AND ($job IS NULL OR starts_with(job_key, $job))
  AND ($symbols IS NULL
       OR list_sort(string_split(symbols, ',')) = list_sort(string_split($symbols, ',')))
  AND ($strategy IS NULL OR strategy = $strategy)
  AND ($horizon IS NULL OR horizon_days = $horizon)
ORDER BY job_result.strategy, job_result.horizon_days, job_result.symbols, job_key, trade.seq
LIMIT $top
