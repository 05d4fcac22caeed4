-- answers: the trades of a run under the names of freqtrade's results
-- grain: a row per trade (a flat-to-flat episode of one symbol), enter_tag is the number that legs of one entry share, stake_amount = open_rate x amount, profit_abs is after all costs, profit_ratio = profit_abs / stake_amount
-- reads: job_result, trade
-- takes: run = last, job = all
-- order: strategy, horizon_days, symbols, job, seq
SELECT job_key[:8] AS job, job_result.strategy, job_result.horizon_days, job_result.symbols,
       trade.symbol AS pair, entry_price * quantity AS stake_amount, quantity AS amount,
       entry_ts AS open_date, exit_ts AS close_date, entry_price AS open_rate,
       exit_price AS close_rate, trade.commission,
       (epoch_us(exit_ts) - epoch_us(entry_ts)) // 60000000 AS trade_duration,
       CASE WHEN entry_price * quantity > 0 THEN net_pnl / (entry_price * quantity) END
         AS profit_ratio,
       net_pnl AS profit_abs, exit_reason, trade_group AS enter_tag, side < 0 AS is_short,
       epoch_us(entry_ts) // 1000 AS open_timestamp, epoch_us(exit_ts) // 1000 AS close_timestamp
FROM job_result
JOIN trade USING (job_id)
WHERE run_id = $run
  AND ($job IS NULL OR starts_with(job_key, $job))
ORDER BY job_result.strategy, job_result.horizon_days, job_result.symbols, job_key, trade.seq
