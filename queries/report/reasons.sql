-- answers: why jobs of a run did not end as done, failures first, then the most frequent reason
-- grain: a row per outcome, strategy, horizon and kind of reason (numbers in it are shown as #, the job's own symbols as @), example is one as it was given
-- reads: job_result
-- takes: run = last, horizon = all, strategy = all, top = 100
-- order: failures first, jobs descending, outcome, strategy, horizon_days, reason_kind
WITH ended AS (
  SELECT *, outcome IN ('failed', 'panicked', 'timed_out') AS failure,
         -- A symbol counts as one only where it stands as a word: B is no part of Bar.
         regexp_replace(
           list_reduce(
             list_prepend(reason, string_split(symbols, ',')),
             lambda told, symbol: regexp_replace(
               told, '(^|[^0-9A-Za-z_])' || regexp_escape(symbol) || '($|[^0-9A-Za-z_])', '\1@\2', 'g'
             )
           ),
           '[0-9]+(\.[0-9]+)?(e-?[0-9]+)?', '#', 'g'
         ) AS reason_kind
  FROM job_result
  WHERE run_id = $run
    AND outcome <> 'done'
    AND ($horizon IS NULL OR horizon_days = $horizon)
    AND ($strategy IS NULL OR strategy = $strategy)
)
SELECT outcome, failure, strategy, horizon_days, count(*) AS jobs, reason_kind,
       min(reason) AS example, min(symbols) AS first_symbols
FROM ended
GROUP BY outcome, failure, strategy, horizon_days, reason_kind
ORDER BY failure DESC, jobs DESC, outcome, strategy, horizon_days, reason_kind NULLS LAST
LIMIT $top
