-- answers: what each import read, stored, replaced, dropped as duplicate, rejected and skipped as blank, comment or header
-- grain: a row per import, read = stored + replaced + duplicate + rejected + blank + comment + header, differing is a part of duplicate
-- reads: import
-- takes: top = all
-- order: import_id
SELECT import_id, name, market, kind,
       CASE WHEN interval_us IS NOT NULL THEN interval_name(interval_us) END AS interval, calendar, read, stored, replaced,
       duplicate, differing, rejected, blank, comment, header, on_conflict, detail
FROM import
ORDER BY import_id
LIMIT $top
