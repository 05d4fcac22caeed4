//! Writing what was found into the text of a case, and nothing else.
//!
//! The text is edited by the places of its values: order, comments and blank lines stay as they are. A
//! case that was never blessed gets everything there is to hold, behind its last line. In one that was,
//! the keys that stand there are brought up to date, so that whoever took one out has chosen not to
//! hold it; below `[hold.bars_of]` and `[hold.job]` lines come and go with the instruments and jobs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    ops::Range,
};

use toml::de::{DeTable, DeValue};

use super::{Found, FoundJob};
use crate::error::{Error, Result};

/// A key below a table with what it is to be.
type Entry = (String, String);

/// A piece of the text and what is to stand there.
type Edit = (Range<usize>, String);

/// The `text` of a case with what its runs left, by number of workers, and the `measures` of every job.
///
/// # Errors
/// Usage, if the text is not TOML; internal, if there is nothing to hold.
pub fn blessed(text: &str, found: &BTreeMap<usize, Found>, measures: &[String]) -> Result<String> {
    let document = DeTable::parse(text).map_err(|error| Error::usage(error.to_string()))?;
    let first = found.values().next().ok_or_else(|| Error::internal("no run was found"))?;
    let tables = [
        ("hold", totals(first, found)),
        ("hold.bars_of", bars_of(first)),
        ("hold.job", jobs(first, measures)),
    ];
    let is_new = table(document.get_ref(), "hold").is_none();
    let mut edits = Vec::new();
    let mut behind = String::new();
    for (name, entries) in tables {
        match table(document.get_ref(), name) {
            Some(table) => edits.extend(edited(text, table, entries, name == "hold")),
            None if is_new => behind.push_str(&appended(name, &entries)),
            None => {}
        }
    }
    Ok(applied(text, edits, &behind))
}

/// The table that a dotted name names.
fn table<'a, 'i>(root: &'a DeTable<'i>, name: &str) -> Option<&'a DeTable<'i>> {
    name.split('.').try_fold(root, |table, part| {
        let (_, value) = table.iter().find(|(key, _)| key.get_ref() == part)?;
        value.get_ref().as_table()
    })
}

/// What makes the entries of a table what they are to be. Totals are only replaced.
fn edited(text: &str, table: &DeTable<'_>, entries: Vec<Entry>, is_totals: bool) -> Vec<Edit> {
    let mut wanted: BTreeMap<String, String> = entries.into_iter().collect();
    let mut edits = Vec::new();
    let mut end = None;
    for (key, value) in table {
        let is_table = matches!(key.get_ref().as_ref(), "bars_of" | "job");
        if is_totals && is_table && matches!(value.get_ref(), DeValue::Table(_)) {
            continue;
        }
        let lines = line_start(text, key.span().start)..line_end(text, value.span().end);
        end = end.max(Some(lines.end));
        match wanted.remove(key.get_ref().as_ref()) {
            Some(literal) if text.get(value.span()) == Some(&literal) => {}
            Some(literal) => edits.push((value.span(), literal)),
            None if is_totals => {}
            None => edits.push((lines, String::new())),
        }
    }
    if let (Some(end), false) = (end, is_totals) {
        let new: String = wanted.iter().map(|(key, literal)| line(key, literal)).collect();
        let needs_break = end == text.len() && !text.ends_with('\n');
        edits.push((end..end, if needs_break { format!("\n{new}") } else { new }));
    }
    edits
}

fn appended(name: &str, entries: &[Entry]) -> String {
    let lines: String = entries.iter().map(|(key, literal)| line(key, literal)).collect();
    format!("\n[{name}]\n{lines}")
}

/// The text with its edits made, from the last to the first.
fn applied(text: &str, mut edits: Vec<Edit>, behind: &str) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut blessed = text.to_owned();
    for (range, new) in edits.into_iter().rev() {
        blessed.replace_range(range, &new);
    }
    if !behind.is_empty() && !blessed.ends_with('\n') {
        blessed.push('\n');
    }
    blessed + behind
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |before| before + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |after| at + after + 1)
}

fn line(key: &str, literal: &str) -> String {
    let is_bare = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_bare { format!("{key} = {literal}\n") } else { format!("{} = {literal}\n", quoted(key)) }
}

/// A text as TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            _ if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

fn totals(first: &Found, found: &BTreeMap<usize, Found>) -> Vec<Entry> {
    let outcomes = first.outcomes().into_iter().map(|(name, jobs)| format!("{name} = {jobs}"));
    let planned = found.iter().map(|(workers, one)| format!("{workers} = {}", one.planned_bytes));
    let table = |entries: Vec<String>| match entries[..] {
        [] => "{}".to_owned(),
        _ => format!("{{ {} }}", entries.join(", ")),
    };
    let entries = [
        ("jobs", first.jobs.len().to_string()),
        ("outcomes", table(outcomes.collect())),
        ("bars", first.bars().to_string()),
        ("fills", quoted(&first.fills)),
        ("equity", quoted(&first.equity)),
        ("planned_bytes", table(planned.collect())),
    ];
    entries.map(|(key, literal)| (key.to_owned(), literal)).into()
}

fn bars_of(found: &Found) -> Vec<Entry> {
    let entry = |(name, of): (&String, &super::FoundBars)| {
        let literal = format!("{{ bars = {}, content = {} }}", of.bars, quoted(&of.content));
        (name.clone(), literal)
    };
    found.bars_of.iter().map(entry).collect()
}

fn jobs(found: &Found, measures: &[String]) -> Vec<Entry> {
    found.jobs.iter().map(|(name, job)| (name.clone(), job_line(job, measures))).collect()
}

fn job_line(job: &FoundJob, measures: &[String]) -> String {
    let mut fields = vec![format!("outcome = {}", quoted(&job.outcome))];
    let mut named = BTreeSet::new();
    for name in measures.iter().filter(|name| named.insert(*name)) {
        if let Some(value) = job.measures.get(name) {
            fields.push(format!("{name} = {value}"));
        }
    }
    fields.push(format!("fills = {}", quoted(&job.fills)));
    fields.push(format!("equity = {}", quoted(&job.equity)));
    format!("{{ {} }}", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Found, FoundJob, blessed};
    use crate::regress::FoundBars;

    fn found(trades: &str, name: &str) -> BTreeMap<usize, Found> {
        let measures = [("trades", trades), ("sharpe", "0.25")];
        let job = FoundJob {
            strategy: "hrp".into(),
            outcome: "done".into(),
            measures: measures.map(|(name, value)| (name.into(), value.into())).into(),
            fills: "aa".into(),
            equity: "bb".into(),
        };
        let found = Found {
            jobs: [(name.to_owned(), job)].into(),
            bars_of: [("5d m:A".into(), FoundBars { bars: 120, content: "cc".into() })].into(),
            fills: "FF".into(),
            equity: "EE".into(),
            planned_bytes: 7,
            ..Found::default()
        };
        BTreeMap::from([(1, found.clone()), (2, Found { planned_bytes: 9, ..found })])
    }

    fn bless(text: &str, found: &BTreeMap<usize, Found>) -> String {
        let measures = ["trades", "sharpe", "sortino"].map(str::to_owned);
        blessed(text, found, &measures).expect("a case")
    }

    const NEW: &str = "# mine\n[run]\nseed = 1 # so";

    #[test]
    fn a_new_case_gets_everything_behind_its_last_line() {
        let text = bless(NEW, &found("3", "hrp 5d A,B"));
        let hold = "\n\n[hold]\njobs = 1\noutcomes = { done = 1 }\nbars = 120\nfills = \"FF\"\n\
                    equity = \"EE\"\nplanned_bytes = { 1 = 7, 2 = 9 }\n\n[hold.bars_of]\n\
                    \"5d m:A\" = { bars = 120, content = \"cc\" }\n\n[hold.job]\n\
                    \"hrp 5d A,B\" = { outcome = \"done\", trades = 3, sharpe = 0.25, \
                    fills = \"aa\", equity = \"bb\" }\n";
        assert_eq!(text, format!("{NEW}{hold}"));
        assert_eq!(bless(&text, &found("3", "hrp 5d A,B")), text, "what holds is left alone");
    }

    #[test]
    fn comments_order_and_what_is_not_held_stay() {
        let text = "[hold.job]\n# the first\n\"hrp 5d A,B\" = { outcome = \"done\" } # mine\n\n\
                    [hold]\n  fills = \"old\"   # why\njobs = 1\n\n[run]\n# the end\n";
        let expected = "[hold.job]\n# the first\n\"hrp 5d A,B\" = { outcome = \"done\", trades = 4, \
                        sharpe = 0.25, fills = \"aa\", equity = \"bb\" } # mine\n\n\
                        [hold]\n  fills = \"FF\"   # why\njobs = 1\n\n[run]\n# the end\n";
        assert_eq!(bless(text, &found("4", "hrp 5d A,B")), expected);
    }

    #[test]
    fn lines_of_jobs_come_and_go() {
        let text = bless(NEW, &found("3", "hrp 5d A,B"));
        let moved = bless(&text, &found("3", "hrp 5d A,C"));
        assert!(!moved.contains("A,B") && moved.contains("\n\"hrp 5d A,C\" = {"), "{moved}");
        assert_eq!(moved.lines().count(), text.lines().count());
    }
}
