-- holds: what the file is: application, schema version, the versions that made it (one row per key)
CREATE TABLE store_meta (
  key   VARCHAR NOT NULL, -- application, schema_version, engine_version, duckdb_version
  value VARCHAR NOT NULL  -- its value
);
