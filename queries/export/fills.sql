-- answers: the fills of a run under the names of nautilus_trader's reports
-- grain: a row per fill, ts_event is the bar of the fill in nanoseconds since the epoch, last_px holds slippage, spread and impact
-- reads: job_result, fill
-- takes: run = last, job = all
-- order: strategy, horizon_days, symbols, job, trade_id
SELECT job_key[:8] AS job, job_result.strategy AS strategy_id, job_result.horizon_days,
       job_result.symbols, fill.seq AS trade_id, fill.symbol AS instrument_id,
       CASE WHEN quantity > 0 THEN 'BUY' ELSE 'SELL' END AS order_side, price AS last_px,
       abs(quantity) AS last_qty, fill.commission, epoch_us(ts) * 1000 AS ts_event,
       fill.reason AS tag
FROM job_result
JOIN fill USING (job_id)
WHERE run_id = $run
  AND ($job IS NULL OR starts_with(job_key, $job))
ORDER BY job_result.strategy, job_result.horizon_days, job_result.symbols, job_key, fill.seq
