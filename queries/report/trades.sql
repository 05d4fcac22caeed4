-- answers: what the jobs of a run traded
-- grain: a row per trade
-- reads: job_result, trade
-- takes: run = last, job = all, symbols = all, strategy = all, horizon = all, top = 100
-- order: strategy, horizon_days, symbols, job, seq
SELECT job_result.strategy, job_result.horizon_days, job_result.symbols, job_key[:8] AS job,
       trade.seq, trade.symbol, trade.trade_group, trade.side, trade.entry_ts, trade.exit_ts,
       trade.entry_price, trade.exit_price, trade.quantity, trade.gross_pnl, trade.commission,
       trade.slippage, trade.borrow, trade.net_pnl, trade.bars_held, trade.exit_reason
FROM job_result
JOIN trade USING (job_id)
WHERE run_id = $run
  AND ($job IS NULL OR starts_with(job_key, $job))
  AND ($symbols IS NULL OR symbols = $symbols)
  AND ($strategy IS NULL OR strategy = $strategy)
  AND ($horizon IS NULL OR horizon_days = $horizon)
ORDER BY job_result.strategy, job_result.horizon_days, job_result.symbols, job_key, trade.seq
LIMIT $top
