-- holds: what the file is: application, schema version, the versions that made it (one row per key)
CREATE TABLE store_meta (
  key   VARCHAR NOT NULL,
  value VARCHAR NOT NULL
);
