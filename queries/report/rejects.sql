-- answers: which lines did not become bars, and why
-- grain: a row per rejected line (CSV, the header is line 1) or row (Parquet)
-- reads: import, import_reject
-- takes: top = 100
-- order: import_id, line, reason, raw
SELECT import_id, name, line, field, reason, raw
FROM import_reject
JOIN import USING (import_id)
ORDER BY import_id, line, reason, raw
LIMIT $top
