-- answers: how much the jobs of a run traded, and how long they held it
-- grain: a row per job with measures, turnover counts what is bought and what is sold (a round trip of the account is 2), holding times are empty where trades are not kept
-- reads: job_result, trade
-- takes: run = last, top = 20, horizon = all, strategy = all, symbols = all
-- order: turnover_annual descending, symbols, horizon_days, strategy, job
WITH chosen AS (
  SELECT *
  FROM job_result
  WHERE run_id = $run
    AND bars IS NOT NULL
    AND ($horizon IS NULL OR horizon_days = $horizon)
    AND ($strategy IS NULL OR strategy = $strategy)
    AND ($symbols IS NULL
         OR list_sort(string_split(symbols, ',')) = list_sort(string_split($symbols, ',')))
),
holding AS (
  SELECT job_id, median(bars_held) AS median_bars_held, max(bars_held) AS most_bars_held
  FROM trade
  WHERE job_id IN (SELECT job_id FROM chosen)
  GROUP BY job_id
)
SELECT strategy, horizon_days, symbols, turnover_annual, traded_notional, trades,
       trades / (bars / periods_per_year) AS trades_annual, median_bars_held, most_bars_held,
       exposure, outcome, job_key[:8] AS job
FROM chosen
LEFT JOIN holding USING (job_id)
ORDER BY turnover_annual DESC NULLS LAST, symbols, horizon_days, strategy, job_key
LIMIT $top
