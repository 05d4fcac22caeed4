-- answers: which lines did not become bars, and why
-- grain: a row per rejected line
-- reads: import, import_reject
-- takes: top = 100
-- order: import_id, line, reason, raw
SELECT import_id, name, line, reason, raw
FROM import_reject
JOIN import USING (import_id)
ORDER BY import_id, line, reason, raw
LIMIT $top
