-- answers: what each import read, stored, dropped as duplicate and rejected
-- grain: a row per import
-- reads: import
-- takes: top = all
-- order: import_id
SELECT import_id, name, market, interval_name(interval_us) AS interval, calendar, read, stored, duplicate, rejected, detail
FROM import
ORDER BY import_id
LIMIT $top
