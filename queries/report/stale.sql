-- answers: which jobs the bars and events imported since they ran may change: the same command computes these again and finds the others
-- grain: a row per job that nothing newer answers
-- reads: job, run, run_job, run_reach, run_instrument, instrument, bar, instrument_event
-- takes: strategy = all, horizon = all, top = all
-- order: horizon_days, strategy, symbols, run_id, job
WITH answered AS (
  -- The newest run that a job answers: one that found it has seen newer bars than its own.
  SELECT job_id, interval_us, end_ts, max(run_id) AS run_id
  FROM run_job
  JOIN run USING (run_id)
  GROUP BY ALL
),
newest AS (
  SELECT job.* EXCLUDE (run_id), run.run_id, run.last_import
  FROM job
  JOIN answered USING (job_id)
  JOIN run ON run.run_id = answered.run_id
  WHERE NOT failure
  QUALIFY row_number() OVER (
    -- The question, without what a statement has read and answered.
    PARTITION BY strategy, horizon_days, run.interval_us, run.end_ts,
                 regexp_replace(parameters, ',"bars":"[^"]*","weights":"[^"]*"', ''),
                 CASE WHEN contains(parameters, '"signals":"statement"')
                      THEN run.universe_size::VARCHAR ELSE symbols END
    ORDER BY run.run_id DESC, job_id DESC
  ) = 1
),
reach AS (
  SELECT DISTINCT run_reach.*, run.interval_us, run.end_ts, run.last_import, instrument_id, symbol
  FROM run_reach
  JOIN run USING (run_id)
  JOIN run_instrument USING (run_id, horizon_days)
  JOIN instrument USING (instrument_id)
),
imported AS (
  SELECT interval_us, instrument_id, ts, import_id,
         -- Bars of the instrument up to this one: what counts a lookback.
         row_number() OVER (PARTITION BY interval_us, instrument_id ORDER BY ts) AS nth
  FROM bar
  WHERE close IS NOT NULL
    AND instrument_id IN (
      SELECT instrument_id
      FROM bar
      WHERE import_id > (SELECT min(last_import) FROM newest)
    )
),
scored AS (
  SELECT run_id, horizon_days, strategy, reach.instrument_id,
         count(*) FILTER (ts < score_ts) AS before_bars
  FROM reach
  JOIN imported USING (interval_us, instrument_id)
  GROUP BY ALL
),
by_bars AS (
  SELECT DISTINCT run_id, horizon_days, strategy, symbol, reach.instrument_id, last_import
  FROM reach
  JOIN scored USING (run_id, horizon_days, strategy, instrument_id)
  JOIN imported USING (interval_us, instrument_id)
  WHERE import_id > last_import
    AND ts < end_ts
    AND (ts >= from_ts
         OR (ts >= load_ts AND before_bars - nth < lookback_bars))
),
by_events AS (
  SELECT DISTINCT run_id, horizon_days, strategy, symbol, reach.instrument_id, last_import
  FROM reach
  JOIN instrument_event AS event USING (instrument_id)
  WHERE import_id > last_import
    AND ts < end_ts
    AND (kind = 'splits'
         OR ts >= score_ts
         -- The rate that holds when the window begins.
         OR (kind = 'borrow' AND ts = (
           SELECT max(rate.ts)
           FROM instrument_event AS rate
           WHERE rate.instrument_id = event.instrument_id
             AND rate.kind = 'borrow'
             AND rate.ts <= score_ts
         )))
),
touched AS (
  SELECT run_id, horizon_days, strategy, symbol, 'bars' AS kind FROM by_bars
  UNION
  SELECT run_id, horizon_days, strategy, symbol, 'events' AS kind FROM by_events
)
SELECT horizon_days, strategy, newest.symbols, run_id, outcome,
       string_agg(DISTINCT touched.symbol, ',' ORDER BY touched.symbol) AS changed,
       string_agg(DISTINCT kind, ',' ORDER BY kind) AS arrived,
       replace(any_value(job_key)::VARCHAR, '-', '')[:8] AS job
FROM (SELECT *, unnest(string_split(symbols, ',')) AS symbol FROM newest) AS newest
JOIN touched USING (run_id, horizon_days, strategy)
WHERE (touched.symbol = newest.symbol
       -- A statement may read the bars of every symbol of its run.
       OR (kind = 'bars' AND contains(parameters, '"signals":"statement"')))
  AND ($horizon IS NULL OR horizon_days = $horizon)
  AND ($strategy IS NULL OR strategy = $strategy)
GROUP BY job_id, horizon_days, strategy, newest.symbols, run_id, outcome
ORDER BY horizon_days, strategy, newest.symbols, run_id, job
LIMIT $top
