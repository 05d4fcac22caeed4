//! The data dictionary: made of the schema's files and of the columns that a store has, and equal to
//! `docs/data-dictionary.md`. With `BARLINE_WRITE=1` in the environment the file is written anew.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use barline::store::{Cell, Store, StoreOptions};

const HEAD: &str = "# Data dictionary

Every table and view of a store, with the type, unit and meaning of each column. This text is made of
the files in `queries/schema` and of the columns a store has; a test holds it to them, and
`BARLINE_WRITE=1 cargo test --release dictionary` writes it anew.

Read the views: `results`, `job_result`, `ledger`, `combination`, `gap` and `fits_of_run(run)` keep their
names and columns. Tables may change with the version of the schema (`store_meta`).

Units: `quote` is money in the quote currency of the instruments, `units` are units of the instrument,
`us` microseconds, `UTC` a moment (TIMESTAMP, microseconds), `fraction` a share of one (0.05 is 5 %). Where no unit
is given there is none. NULL is an undefined value, never zero.
";

/// Units that a column may have.
const UNITS: [&str; 17] = [
    "UTC",
    "us",
    "s",
    "h",
    "days",
    "bars",
    "bars per year",
    "per year",
    "rows",
    "count",
    "bytes",
    "quote",
    "units",
    "fraction",
    "fraction per year",
    "fraction of equity",
    "log price",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a file of the schema makes.
struct Made {
    kind: &'static str,
    name: String,
    /// `name(argument)` of a macro.
    call: String,
    holds: String,
    /// Meanings of columns that the file itself gives.
    meanings: BTreeMap<String, String>,
    /// Tables that have the meanings of the others.
    like: Vec<String>,
}

fn made(text: &str) -> Made {
    let create = text.lines().find_map(|line| line.strip_prefix("CREATE ")).expect("a CREATE");
    let (kind, rest) = [("TABLE ", "table"), ("VIEW ", "view"), ("MACRO ", "macro")]
        .into_iter()
        .find_map(|(word, kind)| Some((kind, create.strip_prefix(word)?)))
        .expect("a table, a view or a macro");
    let end = |stops: &[char]| rest.find(stops).unwrap_or(rest.len());
    let comments = text.lines().take_while(|line| line.starts_with("-- ")).map(|line| &line[3..]);
    let mut header = String::new();
    let (mut meanings, mut like) = (BTreeMap::new(), Vec::new());
    for line in comments {
        match line.split_once(": ") {
            Some(("columns as in", tables)) => {
                like = tables.split(", ").map(str::to_owned).collect();
            }
            Some(("holds", holds)) => header.push_str(holds),
            Some((column, meaning)) if !column.contains(' ') => {
                meanings.insert(column.to_owned(), meaning.to_owned());
            }
            _ => header.extend([" ", line]),
        }
    }
    let columns = text.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(" -- "));
    if kind == "table" {
        meanings.extend(columns.map(|(column, meaning)| {
            (column.split(' ').next().unwrap_or_default().to_owned(), meaning.to_owned())
        }));
    }
    Made {
        kind,
        name: rest[..end(&[' ', '('])].to_owned(),
        call: rest.split(" AS").next().unwrap_or_default().to_owned(),
        holds: header,
        meanings,
        like,
    }
}

/// The meaning and, in brackets behind it, the unit.
fn divided(meaning: &str) -> (&str, &str) {
    match meaning.strip_suffix(']').and_then(|rest| rest.split_once(" [")) {
        Some(divided) => divided,
        None => (meaning, ""),
    }
}

/// Columns with their types as a store has them.
fn columns(store: &Store, made: &Made) -> Vec<(String, String)> {
    let source = if made.kind == "macro" { format!("{}(0)", made.name) } else { made.name.clone() };
    let described = store.sql(&format!("DESCRIBE SELECT * FROM {source}")).expect("described");
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    described.rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
}

fn section(store: &Store, one: &Made, all: &[Made]) -> String {
    if one.name == "interval_name" {
        return format!("\n## Macro `{}`\n\nHolds {}.\n", one.call, one.holds);
    }
    let columns = columns(store, one);
    for name in one.meanings.keys() {
        assert!(columns.iter().any(|(column, _)| column == name), "{} has no {name}", one.name);
    }
    let kind = match one.kind {
        "table" => "Table",
        "view" => "View",
        _ => "Table macro",
    };
    let title = if one.kind == "macro" { &one.call } else { &one.name };
    let mut text = format!("\n## {kind} `{title}`\n\nHolds {}.\n\n", one.holds);
    text.push_str("| column | type | unit | meaning |\n|---|---|---|---|\n");
    for (column, declared) in columns {
        let likes = one.like.iter().map(|like| {
            all.iter().find(|made| made.name == *like).unwrap_or_else(|| panic!("no table {like}"))
        });
        let known = std::iter::once(one).chain(likes).find_map(|made| made.meanings.get(&column));
        let known = known.unwrap_or_else(|| panic!("{}.{column} has no meaning", one.name));
        let (meaning, unit) = divided(known);
        assert!(unit.is_empty() || UNITS.contains(&unit), "{}.{column}: unit {unit}", one.name);
        text.extend(["| `", &column, "` | ", &declared, " | ", unit, " | ", meaning, " |\n"]);
    }
    text
}

fn dictionary() -> String {
    let entries = fs::read_dir(root().join("queries/schema")).expect("the schema");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let all: Vec<Made> =
        files.iter().map(|file| made(&fs::read_to_string(file).expect("a text"))).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.duckdb");
    let store = Store::create(&path, &StoreOptions::default()).expect("a store");
    let (tables, views): (Vec<&Made>, Vec<&Made>) = all.iter().partition(|one| one.kind == "table");
    let sections = views.into_iter().chain(tables).map(|one| section(&store, one, &all));
    let text = HEAD.to_owned() + &sections.collect::<String>();
    let listed = store
        .sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'
             ORDER BY table_name",
        )
        .expect("listed");
    for row in &listed.rows {
        let Cell::Text(name) = &row[0] else { panic!("{row:?}") };
        assert!(text.contains(&format!("`{name}`\n")), "{name} has no section");
    }
    store.close().expect("closed");
    text
}

#[test]
fn the_data_dictionary_is_what_the_schema_says() {
    let path = root().join("docs/data-dictionary.md");
    let made = dictionary();
    if env::var_os("BARLINE_WRITE").is_some() {
        fs::write(&path, &made).expect("written");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let differs = stored.lines().zip(made.lines()).find(|(stored, made)| stored != made);
    assert!(
        stored == made,
        "docs/data-dictionary.md is not what the schema says: {differs:?}; BARLINE_WRITE=1 writes it anew"
    );
}

#[test]
fn a_column_is_read_with_its_unit() {
    let table = made(
        "-- holds: a\n-- and b\nCREATE TABLE x (\n  a BIGINT, -- size [bars]\n  b DOUBLE -- c\n);\n",
    );
    assert_eq!((table.kind, table.name.as_str(), table.holds.as_str()), ("table", "x", "a and b"));
    assert_eq!(divided(&table.meanings["a"]), ("size", "bars"));
    assert_eq!(divided(&table.meanings["b"]), ("c", ""));
    let view =
        made("-- holds: a\n-- k: key [s]\n-- columns as in: x, y\nCREATE VIEW v AS\nSELECT 1;\n");
    assert_eq!((view.like, view.meanings.len()), (vec!["x".to_owned(), "y".to_owned()], 1));
}
