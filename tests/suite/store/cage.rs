//! Free SQL: what it may ask, and what it may not do.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use barline::store::{Cell, Store};

use super::{empty, fill};

/// Everything the store holds that an escape could change.
fn state(store: &Store) -> Vec<Cell> {
    store
        .sql(
            "SELECT (SELECT count(*) FROM bar), (SELECT count(*) FROM store_meta),
                    (SELECT count(*) FROM duckdb_tables()), (SELECT count(*) FROM duckdb_views()),
                    current_setting('threads'), current_setting('memory_limit')",
        )
        .expect("answered")
        .rows
        .remove(0)
}

#[test]
fn escapes_are_refused_in_one_line_and_change_nothing() {
    let (folder, path, store) = empty();
    fill(&store, &[("A", 0..5)]);
    let secret = folder.path().join("secret.csv");
    fs::write(&secret, "x\n1\n").expect("written");
    std::os::unix::fs::symlink(&secret, folder.path().join("link.csv")).expect("a link");
    let name = folder.path().file_name().expect("a name").to_string_lossy().into_owned();
    let secret = secret.display();
    let out = folder.path().join("out.csv");
    let before = state(&store);
    let escapes = [
        format!("SELECT * FROM read_csv('{secret}')"),
        format!("SELECT * FROM '{secret}'"),
        format!("FROM read_text('{secret}')"),
        format!("FROM read_blob('{secret}')"),
        format!("FROM glob('{}/*')", folder.path().display()),
        format!("FROM sniff_csv('{secret}')"),
        "FROM read_csv('~/.profile')".into(),
        "FROM read_csv('https://example.org/x.csv')".into(),
        "FROM read_text('/dev/stdin')".into(),
        "FROM read_parquet('x.parquet')".into(),
        format!("COPY bar TO '{}'", out.display()),
        format!("EXPLAIN ANALYZE COPY bar TO '{}'", out.display()),
        format!("EXPORT DATABASE '{}'", folder.path().display()),
        "ATTACH 'other.duckdb'".into(),
        "ATTACH ':memory:' AS m".into(),
        "INSTALL httpfs".into(),
        "LOAD httpfs".into(),
        "SET threads = 8".into(),
        "RESET lock_configuration".into(),
        "PRAGMA enable_profiling".into(),
        "FROM enable_profiling()".into(),
        "FROM enable_logging(storage = 'file')".into(),
        "DROP TABLE bar".into(),
        "DELETE FROM bar".into(),
        "UPDATE bar SET close = 0".into(),
        "INSERT INTO store_meta VALUES ('a', 'b')".into(),
        "WITH gone AS (DELETE FROM bar RETURNING *) SELECT * FROM gone".into(),
        "WITH new AS (INSERT INTO store_meta VALUES ('a', 'b') RETURNING *) FROM new".into(),
        "EXPLAIN ANALYZE DELETE FROM bar".into(),
        "CREATE TABLE t (x INTEGER)".into(),
        "CREATE TEMP TABLE t (x INTEGER)".into(),
        "CREATE SECRET s (TYPE s3)".into(),
        "SELECT 1; DROP TABLE bar".into(),
        "COMMIT; DROP TABLE bar".into(),
        "SELECT $$'$$; DELETE FROM bar; SELECT $$'$$".into(),
        "SELECT * FROM query('DROP TABLE bar')".into(),
        "SELECT * FROM query('SELECT 1; DROP TABLE bar')".into(),
        "CALL force_checkpoint()".into(),
        "FROM force_checkpoint()".into(),
        "SELECT getenv('HOME')".into(),
        // By a way round: a name that resolves to a file, a folder, a link.
        format!("FROM '{}'", folder.path().join("link.csv").display()),
        format!("FROM read_csv('{}/../{name}/secret.csv')", folder.path().display()),
        format!("FROM read_csv_auto(['{secret}', '{secret}'])"),
        format!("FROM read_json('{secret}')"),
        format!("FROM read_ndjson_objects('{secret}')"),
        format!("FROM read_json_objects('file://{secret}')"),
        format!("FROM parquet_metadata('{secret}')"),
        format!("FROM parquet_schema('{secret}')"),
        format!("WITH x AS (FROM read_text('{secret}')) SELECT size FROM x"),
        format!("SELECT (SELECT content FROM read_text('{secret}'))"),
        format!("FROM query_table('{secret}')"),
        format!("FROM query('FROM read_text(''{secret}'')')"),
        format!("DESCRIBE FROM '{secret}'"),
        format!("SUMMARIZE FROM '{secret}'"),
        format!("COPY (SELECT 1) TO '{}' (FORMAT parquet)", out.display()),
        format!("COPY bar FROM '{secret}'"),
        format!("IMPORT DATABASE '{}'", folder.path().display()),
        format!("ATTACH '{}' AS twice (READ_ONLY)", path.display()),
        "ATTACH 'host=127.0.0.1' AS p (TYPE postgres)".into(),
        "DETACH store".into(),
        "USE memory".into(),
        "SET home_directory = '/'".into(),
        "SET GLOBAL allowed_directories = ['/']".into(),
        "SET enable_external_access = true".into(),
        "SET VARIABLE x = (SELECT 1)".into(),
        "PRAGMA database_list; PRAGMA memory_limit = '100GB'".into(),
        "PRAGMA import_database('.')".into(),
        "CALL pragma_version(); DROP VIEW results".into(),
        "CREATE MACRO m() AS TABLE FROM bar".into(),
        "CREATE TYPE t AS ENUM ('a')".into(),
        "CREATE SEQUENCE s".into(),
        "CREATE OR REPLACE VIEW results AS SELECT 1".into(),
        "ALTER TABLE bar DROP COLUMN close".into(),
        "TRUNCATE bar".into(),
        "MERGE INTO store_meta USING (SELECT 'a' k, 'b' v) n ON key = k WHEN NOT MATCHED THEN INSERT VALUES (k, v)".into(),
        "COMMENT ON TABLE bar IS 'mine'".into(),
        "VACUUM bar".into(),
        "CHECKPOINT".into(),
        "BEGIN; DELETE FROM bar; COMMIT".into(),
        "PREPARE p AS DELETE FROM bar; EXECUTE p".into(),
        "EXECUTE p".into(),
        "UPDATE EXTENSIONS".into(),
        "FROM duckdb_secrets(); CREATE PERSISTENT SECRET s (TYPE http)".into(),
        "FROM which_secret('s3://x', 's3'); LOAD aws".into(),
        "SELECT ?".into(),
        "SELECT $run".into(),
        "SELECT".into(),
        String::new(),
    ];
    assert!(escapes.len() > 80);
    for escape in escapes {
        let error = store.sql(&escape).expect_err(&escape);
        assert!(!error.to_string().contains('\n'), "{error}");
        assert!(error.to_string().len() < 600, "{error}");
    }
    assert_eq!(state(&store), before);
    assert!(!out.exists());
}

#[test]
fn questions_are_answered_with_cells() {
    let (_folder, _path, store) = empty();
    let table = store
        .sql(
            "SELECT 1::TINYINT AS a, 2::UBIGINT AS b, sum(x) AS c, 1.5::DOUBLE AS d,
                    'nan'::DOUBLE AS e, NULL AS f, true AS g, 'tex;t' AS h,
                    make_timestamp(5) AS i, [1, 2] AS j, 1.25::DECIMAL(4, 2) AS k,
                    340282366920938463463374607431768211455::UHUGEINT AS l,
                    DATE '2024-03-01' AS m, 'inf'::DOUBLE AS n
             FROM range(4) t(x);",
        )
        .expect("answered");
    assert_eq!(table.columns.len(), 14);
    let text = |value: &str| Cell::Text(value.into());
    assert_eq!(
        table.rows[0][..11],
        [
            Cell::Int(1),
            Cell::Int(2),
            Cell::Int(6),
            Cell::Float(1.5),
            Cell::Null,
            Cell::Null,
            Cell::Bool(true),
            text("tex;t"),
            Cell::Time(5),
            text("[1, 2]"),
            text("1.25"),
        ]
    );
    assert_eq!(table.rows[0][12], text("2024-03-01"));
    assert_eq!(table.rows[0][13], Cell::Float(f64::INFINITY));
}

#[test]
fn an_answer_without_end_is_refused_and_can_be_stopped() {
    let (_folder, _path, store) = empty();
    let error = store.sql("FROM range(2000000)").expect_err("too long");
    assert!(error.is_usage(), "{error}");
    let interrupt = store.interrupt_handle();
    let stopped = Arc::new(AtomicBool::new(false));
    let stopper = std::thread::spawn({
        let stopped = Arc::clone(&stopped);
        move || {
            while !stopped.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(50));
                interrupt.interrupt();
            }
        }
    });
    let error = store
        .sql("SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range % 7 = b.range")
        .expect_err("stopped");
    assert_eq!(error.kind(), barline::error::ErrorKind::Interrupted, "{error}");
    // Ended before the store is asked again, or it would stop that question too.
    stopped.store(true, Ordering::SeqCst);
    stopper.join().expect("ended");
    assert_eq!(state(&store)[0], Cell::Int(0), "the store goes on");
}
