-- answers: which jobs of a run did best by a weighted score of four measures, undefined ones rank last
-- grain: a row per job with measures, score = 0.35 Sharpe + 0.30 CAGR + 0.20 drawdown + 0.15 win rate over their percentile ranks among the jobs of the same run and horizon (0 the worst, 1 the best, equal ones alike, undefined ones below all others)
-- reads: job_result
-- takes: run = last, top = 20, horizon = all, strategy = all, symbols = all
-- order: rank
WITH placed AS (
  SELECT *, count(*) OVER in_horizon AS jobs_ranked,
         percent_rank() OVER (in_horizon ORDER BY sharpe NULLS FIRST) AS sharpe_place,
         percent_rank() OVER (in_horizon ORDER BY cagr NULLS FIRST) AS cagr_place,
         percent_rank() OVER (in_horizon ORDER BY max_drawdown NULLS FIRST) AS drawdown_place,
         percent_rank() OVER (in_horizon ORDER BY win_rate NULLS FIRST) AS win_rate_place
  FROM job_result
  WHERE run_id = $run AND bars IS NOT NULL
  WINDOW in_horizon AS (PARTITION BY horizon_days)
),
scored AS (
  SELECT *,
         0.35::DOUBLE * sharpe_place + 0.30::DOUBLE * cagr_place
           + 0.20::DOUBLE * drawdown_place + 0.15::DOUBLE * win_rate_place AS score
  FROM placed
)
SELECT row_number() OVER (
         ORDER BY score DESC, symbols, horizon_days, strategy, job_key
       ) AS rank,
       strategy, horizon_days, symbols, score, sharpe, cagr, max_drawdown, win_rate,
       sharpe_place, cagr_place, drawdown_place, win_rate_place, jobs_ranked, outcome,
       job_key[:8] AS job
FROM scored
WHERE ($horizon IS NULL OR horizon_days = $horizon)
  AND ($strategy IS NULL OR strategy = $strategy)
  AND ($symbols IS NULL
       OR list_sort(string_split(symbols, ',')) = list_sort(string_split($symbols, ',')))
ORDER BY rank
LIMIT $top
