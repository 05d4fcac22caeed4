//! The house reads itself: floors, `unsafe`, query headers, sizes, forbidden words.
//!
//! Each rule is a function from texts to complaints, so that it can be shown to fail on a bad
//! text as well as to pass on ours.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Modules and their floors, as in `src/lib.rs`; `main` stands on top.
const FLOORS: [(&str, u32); 19] = [
    ("error", 0),
    ("domain", 0),
    ("stats", 1),
    ("demo", 1),
    ("compute", 2),
    ("store", 2),
    ("frame", 3),
    ("sim", 4),
    ("strategy", 5),
    ("measure", 6),
    ("run", 7),
    ("report", 8),
    ("audit", 8),
    ("regress", 8),
    ("compare", 8),
    ("fetch", 8),
    ("cli", 9),
    ("lib", 10),
    ("main", 10),
];

/// The only files that may hold `unsafe`.
const UNSAFE_FILES: [&str; 5] = [
    "src/compute/cpu/simd.rs",
    "src/compute/cuda/launch.rs",
    "src/frame/arrow_bridge.rs",
    "src/run/allocator.rs",
    "src/store/mapping.rs",
];

/// Most lines of a file, all counted: comments, blank lines and the tests at its foot too.
const MOST_LINES: usize = 400;

/// Files that may be longer, each with the reason.
const LONG_FILES: [(&str, &str); 1] =
    [("tests/suite/second_opinion.rs", "an interpreter that is read from top to bottom, alone")];

/// A committed text file: its path from the repository root, and its text.
struct Source {
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text files below `folder` with one of the `extensions`, in path order.
fn sources(folder: &str, extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("a folder entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if has_extension(&path, extensions) {
                found.push(read(&path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
}

fn read(path: &PathBuf) -> Source {
    let relative = path.strip_prefix(root()).expect("a path below the root");
    Source {
        path: relative.to_string_lossy().replace('\\', "/"),
        text: fs::read_to_string(path).expect("a text file"),
    }
}

/// Everything a reader of the repository sees as text, apart from lock file and test inputs.
fn committed_texts() -> Vec<Source> {
    let mut texts = Vec::new();
    for folder in
        ["src", "queries", "tests/suite", "benches", "data", ".ci", "docs", "peers", "regress"]
    {
        texts.extend(sources(
            folder,
            &["rs", "sql", "md", "toml", "yml", "cu", "py", "html", "txt"],
        ));
    }
    let top = fs::read_dir(root()).expect("the root").map(|entry| entry.expect("an entry").path());
    let mut named: Vec<PathBuf> = top.filter(|p| has_extension(p, &["md", "toml"])).collect();
    named.push(root().join(".ci/run"));
    texts.extend(named.iter().filter(|path| path.is_file()).map(read));
    texts
}

fn floor_of(module: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// The code of a line: without a trailing or whole-line comment. A `//` inside a string ends the
/// line early too, which none of these rules minds.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Modules of ours that a text names by `crate::` or, outside the library, `barline::` paths.
fn modules_named(text: &str) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    let code: Vec<&str> = text.lines().map(code).collect();
    for (at, line) in code.iter().enumerate() {
        for (start, prefix) in line.match_indices("crate::").chain(line.match_indices("barline::"))
        {
            let mut rest = line[start + prefix.len()..].to_owned();
            if rest.starts_with('{') {
                // A grouped import may run over several lines, up to its closing brace.
                rest.push_str(&code[at + 1..].join(" "));
                let group = balanced(&rest);
                named.extend(group_heads(group).into_iter().map(|module| (at + 1, module)));
            } else {
                named.push((at + 1, identifier(&rest)));
            }
        }
    }
    named
}

/// The text between the brace that `text` starts with and the one that closes it.
fn balanced(text: &str) -> &str {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[1..at];
        }
    }
    &text[1..]
}

/// First identifiers of the members of an import group.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(identifier(group[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
    heads.push(identifier(group[start..].trim_start()));
    heads.retain(|head| !head.is_empty());
    heads
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The module a file of `src` belongs to.
fn module_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

/// Imports that point up or sideways.
fn floor_complaints(source: &Source) -> Vec<String> {
    let here = module_of(&source.path);
    let Some(floor) = floor_of(here) else {
        return vec![format!("{}: module '{here}' has no floor", source.path)];
    };
    modules_named(&source.text)
        .into_iter()
        .filter(|(_, named)| named != here)
        .filter_map(|(line, named)| {
            let target = floor_of(&named)?;
            // Floor 0 is one floor of words: `domain` returns `error`'s type.
            let allowed = target < floor || (floor == 0 && target == 0);
            (!allowed).then(|| {
                format!("{}:{line}: {here} ({floor}) imports {named} ({target})", source.path)
            })
        })
        .collect()
}

/// `unsafe` outside the five files, or inside them without a reason.
fn unsafe_complaints(source: &Source) -> Vec<String> {
    let named = UNSAFE_FILES.contains(&source.path.as_str());
    let lines: Vec<&str> = source.text.lines().collect();
    let mut complaints = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let holds =
            code(line).split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == "unsafe");
        let reasoned = lines[at.saturating_sub(8)..=at]
            .iter()
            .any(|l| l.contains("SAFETY:") || l.contains("# Safety"));
        if holds && !named {
            complaints.push(format!("{}:{}: unsafe", source.path, at + 1));
        } else if holds && !reasoned {
            complaints.push(format!("{}:{}: unsafe without SAFETY", source.path, at + 1));
        }
    }
    complaints
}

/// Header lines a query lacks.
fn header_complaints(source: &Source) -> Vec<String> {
    let schema = source.path.starts_with("queries/schema/");
    let wanted: &[&str] = if schema {
        &["-- holds:"]
    } else {
        &["-- answers:", "-- grain:", "-- reads:", "-- takes:", "-- order:"]
    };
    let header: Vec<&str> =
        source.text.lines().map(str::trim).take_while(|line| line.starts_with("--")).collect();
    wanted
        .iter()
        .filter(|start| !header.iter().any(|line| line.starts_with(**start)))
        .map(|start| format!("{}: no '{start}' in its header", source.path))
        .collect()
}

/// Files with too many lines.
fn size_complaints(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    let excused = LONG_FILES.iter().any(|(path, _)| *path == source.path);
    let too_long = lines > MOST_LINES && !excused;
    too_long.then(|| format!("{}: {lines} lines", source.path)).into_iter().collect()
}

/// Excuses for files that are short enough, or not there.
fn idle_excuses(sources: &[Source]) -> Vec<&'static str> {
    let is_long = |path: &str| {
        sources.iter().any(|source| source.path == path && source.text.lines().count() > MOST_LINES)
    };
    LONG_FILES.iter().map(|(path, _)| *path).filter(|path| !is_long(path)).collect()
}

/// Words that tie a text to one machine. They are put together here so that this file does not
/// hold them itself.
fn forbidden_words() -> Vec<String> {
    [
        ["/", "tmp/"],
        ["/", "work/"],
        ["/", "root/"],
        ["/", "home/"],
        ["/", "Users/"],
        ["..", "/shared"],
        ["index.", "crates.io"],
        ["static.", "crates.io"],
        ["pypi.", "org"],
    ]
    .map(|parts| parts.concat())
    .to_vec()
}

fn word_complaints(source: &Source) -> Vec<String> {
    let words = forbidden_words();
    let mut complaints = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        for word in words.iter().filter(|word| line.contains(word.as_str())) {
            complaints.push(format!("{}:{}: names {word}", source.path, at + 1));
        }
    }
    complaints
}

/// Fails with every complaint of `rule` on a line of its own; also if there was nothing to read.
fn hold(texts: &[Source], rule: impl Fn(&Source) -> Vec<String>) {
    assert!(!texts.is_empty(), "nothing to read");
    let complaints: Vec<String> = texts.iter().flat_map(rule).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

#[test]
fn imports_point_down() {
    hold(&sources("src", &["rs"]), floor_complaints);
}

#[test]
fn every_module_has_a_floor_and_every_floor_a_module() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs");
    let mut declared: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .chain(["lib", "main"])
        .collect();
    let mut floored: Vec<&str> = FLOORS.iter().map(|(name, _)| *name).collect();
    declared.sort_unstable();
    floored.sort_unstable();
    assert_eq!(declared, floored);
}

#[test]
fn the_floor_rule_sees_every_way_to_import() {
    let complaints = |path, text| floor_complaints(&source(path, text)).len();
    assert_eq!(complaints("src/stats/x.rs", "use crate::store::Store;"), 1);
    assert_eq!(complaints("src/stats/x.rs", "use crate::{domain::Bar, run, sim::{A, B}};"), 2);
    assert_eq!(complaints("src/stats/x.rs", "use crate::{\n    domain::Bar,\n    cli,\n};"), 1);
    assert_eq!(complaints("src/stats/x.rs", "let a = crate::demo::Demo::new(1);"), 1);
    assert_eq!(complaints("src/stats/x.rs", "use crate::{domain::Bar, error::Result};"), 0);
    assert_eq!(complaints("src/stats/x.rs", "//! [`crate::cli`] shows it"), 0);
    assert_eq!(complaints("src/measure/x.rs", "use crate::sim::Ledger;"), 0);
    assert_eq!(complaints("src/domain/x.rs", "use crate::error::Error;"), 0);
    assert_eq!(complaints("src/main.rs", "fn main() { barline::cli::run() }"), 0);
    assert_eq!(complaints("src/cellar/x.rs", ""), 1);
}

#[test]
fn unsafe_stays_in_its_files_with_its_reason() {
    hold(&sources("src", &["rs"]), unsafe_complaints);
    let complaints = |path, text| unsafe_complaints(&source(path, text)).len();
    assert_eq!(complaints("src/run/x.rs", "let a = unsafe { b() };"), 1);
    assert_eq!(complaints("src/run/x.rs", "#![deny(unsafe_code)] // unsafe"), 0);
    assert_eq!(complaints(UNSAFE_FILES[0], "let a = unsafe { b() };"), 1);
    assert_eq!(complaints(UNSAFE_FILES[0], "// SAFETY: b checks\nlet a = unsafe { b() };"), 0);
}

#[test]
fn queries_carry_their_headers() {
    hold(&sources("queries", &["sql"]), header_complaints);
    let missing = |path, text| header_complaints(&source(path, text)).len();
    assert_eq!(missing("queries/report/x.sql", "-- answers: what\nSELECT 1"), 4);
    assert_eq!(missing("queries/report/x.sql", "SELECT 1 -- order:"), 5);
    assert_eq!(missing("queries/schema/x.sql", "-- holds: bars\nCREATE"), 0);
}

#[test]
fn files_stay_short() {
    let mut ours = sources("src", &["rs"]);
    ours.extend(sources("tests/suite", &["rs"]));
    ours.extend(sources("benches", &["rs"]));
    hold(&ours, size_complaints);
    assert!(idle_excuses(&ours).is_empty(), "no reason to excuse {:?}", idle_excuses(&ours));
    let lines = |count| "// A line.\n".repeat(count);
    assert_eq!(size_complaints(&source("src/x.rs", &lines(MOST_LINES + 1))).len(), 1);
    assert_eq!(size_complaints(&source("src/x.rs", &lines(MOST_LINES))).len(), 0);
    assert_eq!(size_complaints(&source(LONG_FILES[0].0, &lines(MOST_LINES + 1))).len(), 0);
    assert_eq!(idle_excuses(&[source(LONG_FILES[0].0, &lines(MOST_LINES))]), [LONG_FILES[0].0]);
}

#[test]
fn the_binary_only_calls_the_library() {
    let main = fs::read_to_string(root().join("src/main.rs")).expect("main.rs");
    let lines = main.lines().count();
    assert!(lines <= 40, "main.rs has {lines} lines");
}

#[test]
fn texts_name_no_machine() {
    hold(&committed_texts(), word_complaints);
    let planted = format!("see {}x", forbidden_words()[0]);
    assert_eq!(word_complaints(&source("README.md", &planted)).len(), 1);
}
