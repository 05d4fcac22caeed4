//! Queries of the user's own, from a folder.

use std::{fs, path::Path};

use assert_cmd::Command;

use crate::demo_store;

pub(super) fn barline(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_barline"));
    command.env_remove("BARLINE_DB").env_remove("BARLINE_LOG");
    let output = command.current_dir(folder).args(arguments).output().expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("a code"), text(output.stdout), text(output.stderr))
}

const BUSY: &str = "-- answers: which symbols have the most bars; also few
-- grain: a row per symbol
-- reads: bar, instrument
-- takes: least_bars = 1, top = 3
-- order: bars descending, symbol
SELECT symbol, count(*) AS bars
FROM bar JOIN instrument USING (instrument_id)
GROUP BY symbol
HAVING count(*) >= $least_bars::INTEGER
ORDER BY bars DESC, symbol
LIMIT $top;
";

#[test]
fn a_query_of_the_users_is_listed_asked_and_explained_like_ours() {
    let (folder, _path) = demo_store::copy();
    let mine = folder.path().join("mine");
    fs::create_dir(&mine).expect("a folder");
    fs::write(mine.join("busy.sql"), BUSY).expect("written");
    fs::write(mine.join("notes.txt"), "no query").expect("written");
    let (code, list, _) =
        barline(folder.path(), &["query", "--queries", "mine", "--format", "csv"]);
    assert_eq!(code, 0);
    let last = list.lines().last().expect("a line");
    assert_eq!(last, "busy,which symbols have the most bars; also few,\"least_bars = 1, top = 3\"");
    assert!(list.lines().nth(1).expect("a line").starts_with("leaderboard,"), "{list}");
    let ask = |more: &[&str]| {
        let line =
            ["query", "busy", "--queries", "mine", "--db", "store.duckdb", "--format", "csv"];
        barline(folder.path(), &[&line[..], more].concat())
    };
    let (code, rows, said) = ask(&[]);
    assert_eq!((code, rows.lines().count()), (0, 4), "{said}");
    let (_, none, said) = ask(&["--param", "least_bars=100000000"]);
    assert_eq!(none, "symbol,bars\n");
    assert!(said.contains("no rows for least_bars = 100000000"), "{said}");
    let (code, _, said) = ask(&["--param", "least_bars=many"]);
    assert_eq!(code, 2);
    assert!(said.contains("busy.sql: cannot answer"), "{said}");
    let (code, text, _) = ask(&["--explain", "--top", "5"]);
    assert_eq!(code, 0);
    assert!(text.contains("LIMIT 5") && text.contains("'1'::INTEGER"), "{text}");
    let (code, _, said) = ask(&["--param", "run=1"]);
    assert_eq!(code, 2);
    assert!(said.contains("the query 'busy' takes no parameter 'run'"), "{said}");
    let (code, _, said) = barline(folder.path(), &["query", "busy"]);
    assert_eq!(code, 2, "without the folder there is no such query");
    assert!(said.contains("there is no query 'busy'"), "{said}");
}

#[test]
fn a_file_that_is_no_query_is_refused_in_one_line() {
    let (folder, _path) = demo_store::copy();
    let secret = folder.path().join("secret.csv");
    fs::write(&secret, "x\n1\n").expect("written");
    let with = |statement: &str| {
        let head = "-- answers: a\n-- grain: b\n-- reads: c\n-- takes: nothing\n-- order: d\n";
        format!("{head}{statement}")
    };
    for (name, text, told) in [
        ("bare.sql", "SELECT 1".to_owned(), "bare.sql: no '-- answers: ..' in its header"),
        ("leaderboard.sql", with("SELECT 1"), "'leaderboard' is a query of Barline's own"),
        ("two.sql", with("SELECT 1; SELECT 2"), "two.sql: more than one statement"),
        ("drop.sql", with("DROP TABLE bar"), "drop.sql: 'DROP' is not a question"),
        ("stray.sql", with("SELECT $x"), "stray.sql: the statement has $x"),
        ("Bad Name.sql", with("SELECT 1"), "small letters, digits and hyphens"),
    ] {
        let mine = folder.path().join("mine");
        fs::create_dir_all(&mine).expect("a folder");
        fs::write(mine.join(name), text).expect("written");
        let (code, out, said) = barline(folder.path(), &["query", "--queries", "mine"]);
        assert!(code == 0 && out.contains("leaderboard"), "the others are listed: {said}");
        assert!(said.starts_with("warning: left out: ") && said.contains(told), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        let stem = name.trim_end_matches(".sql");
        if stem != "leaderboard" {
            let (code, out, said) = barline(folder.path(), &["query", stem, "--queries", "mine"]);
            assert_eq!((code, out.as_str()), (2, ""), "{name}");
            let mut lines = said.lines();
            let error = lines.next().expect("a line");
            assert!(error.starts_with("error: ") && error.contains(told), "{said}");
            assert!(lines.all(|line| line.starts_with("hint: ")), "{said}");
        }
        fs::remove_dir_all(&mine).expect("removed");
    }
    let (code, _, said) = barline(folder.path(), &["query", "--queries", "mine"]);
    assert_eq!((code, said.lines().next()), (2, Some("error: there is no folder mine")));
    // What passes for a question is still asked from within the cage.
    fs::create_dir(folder.path().join("mine")).expect("a folder");
    for (name, statement) in [
        ("file", format!("SELECT * FROM read_csv('{}')", secret.display())),
        ("hidden", "WITH x AS (SELECT 1) DELETE FROM store_meta".to_owned()),
    ] {
        fs::write(folder.path().join(format!("mine/{name}.sql")), with(&statement))
            .expect("written");
        let line = ["query", name, "--queries", "mine", "--db", "store.duckdb"];
        let (code, out, said) = barline(folder.path(), &line);
        assert!(code == 2 && out.is_empty(), "{name}: {code} {said}");
    }
    let (_, rows, _) = barline(
        folder.path(),
        &["sql", "SELECT count(*) > 0 FROM store_meta", "--db", "store.duckdb", "--format", "csv"],
    );
    assert!(rows.ends_with("true\n"), "{rows}");
}
