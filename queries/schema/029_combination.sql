-- holds: the sets of symbols that have jobs, each once, in canonical order
-- columns as in: job
CREATE VIEW combination AS
SELECT DISTINCT size, symbols FROM job;
