-- answers: what the jobs of a run paid, by kind of cost, and what their return would have been with the costs added back
-- grain: a row per job with measures, costs are money and positive when paid (a dividend when received), gross_return adds them back and is no second simulation
-- reads: job_result
-- takes: run = last, top = 20, horizon = all, strategy = all, symbols = all
-- order: cost_frac descending, symbols, horizon_days, strategy, job
WITH paid AS (
  SELECT *, TRY_CAST(regexp_extract(parameters, '"capital":([0-9.eE+-]+)', 1) AS DOUBLE) AS capital,
         commission + slippage + spread + impact + borrow + financing + funding - dividend AS cost
  FROM job_result
  WHERE run_id = $run
    AND bars IS NOT NULL
    AND ($horizon IS NULL OR horizon_days = $horizon)
    AND ($strategy IS NULL OR strategy = $strategy)
    AND ($symbols IS NULL
         OR list_sort(string_split(symbols, ',')) = list_sort(string_split($symbols, ',')))
)
SELECT strategy, horizon_days, symbols, total_return, total_return + cost / capital AS gross_return,
       cost / capital AS cost_frac, cost / capital / (bars / periods_per_year) AS cost_annual_frac,
       10000 * cost / nullif(traded_notional, 0) AS cost_bps_of_traded, cost, commission, slippage,
       spread, impact, borrow, financing, funding, dividend, traded_notional, outcome,
       job_key[:8] AS job
FROM paid
ORDER BY cost_frac DESC NULLS LAST, symbols, horizon_days, strategy, job_key
LIMIT $top
