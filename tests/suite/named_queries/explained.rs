//! A query explained: what it means, and its statement with the values it would be asked with.

use std::path::Path;

use barline::store::Store;

use super::{open, three_runs};
use crate::demo_store;

#[test]
fn every_explained_statement_answers_as_its_query_does() {
    let (_folder, path) = three_runs();
    let store = open(&path);
    for query in Store::named_queries() {
        let explained = store.explained(query, &[]).expect(&query.name);
        let asked = store.query(&query.name, &[]).expect(&query.name);
        let typed = store.sql(&explained.statement).expect(&query.name);
        assert_eq!(typed.rows, asked.rows, "{}", query.name);
        assert_eq!(typed.columns, asked.columns, "{}", query.name);
    }
}

fn barline(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    super::folder::barline(folder, arguments)
}

#[test]
fn an_explanation_is_complete_and_can_be_asked_as_it_stands() {
    let (folder, _path) = demo_store::copy();
    let line =
        ["query", "leaderboard", "--explain", "--param", "symbols=A'B", "--db", "store.duckdb"];
    let (code, text, _) = barline(folder.path(), &line);
    assert_eq!(code, 0);
    for part in [
        "-- name: leaderboard\n",
        "-- answers: which jobs of a run did best",
        "-- grain: a row per job",
        "-- reads: job_result\n",
        "-- takes: run = last, top = 20, horizon = all, strategy = all, symbols = all\n",
        "-- order: rank\n",
        "-- with: run = 0, top = 20, horizon = all, strategy = all, symbols = 'A''B'\n",
        "WHERE run_id = 0\n",
        "string_split('A''B', ',')",
        "LIMIT 20",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let (code, rows, said) = barline(folder.path(), &["sql", "--db", "store.duckdb", "--", &text]);
    assert_eq!(code, 0, "{said}");
    assert!(rows.contains("(no rows)"), "{rows}");
    let json = [&line[..], &["--format", "json"]].concat();
    let (_, text, _) = barline(folder.path(), &json);
    let read: serde_json::Value = serde_json::from_str(&text).expect("json");
    assert_eq!(read[0]["order"], "rank");
}

#[test]
fn without_a_store_a_run_stays_a_word() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, text, said) = barline(folder.path(), &["query", "score", "--explain"]);
    assert_eq!(code, 0, "{said}");
    assert!(text.contains("-- with: run = last, top = 20"), "{text}");
    assert!(text.contains("WHERE run_id = $run"), "{text}");
    let (code, _, said) = barline(folder.path(), &["query", "--explain"]);
    assert_eq!(code, 2);
    assert!(said.contains("<NAME>"), "{said}");
}
