//! Cases and their data files as they lie in a folder of the `golden/1` schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::check::Tolerance;

/// Case files of `root`, sorted by name.
pub(crate) fn family_files(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root.join("cases")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("readable folder").path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    files.sort();
    files
}

/// The name of a case file without its ending.
pub(crate) fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// One case file.
pub(crate) struct Family {
    root: PathBuf,
    name: String,
    content: Value,
}

impl Family {
    /// Reads `file`, which belongs to the folder `root`.
    ///
    /// # Errors
    /// Why it is no case file, in words.
    pub(crate) fn read(root: &Path, file: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let content: Value =
            serde_json::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        if content["schema"] != "golden/1" {
            return Err(format!("schema {}, expected golden/1", content["schema"]));
        }
        if !content["cases"].is_array() || !content["family"].is_string() {
            return Err("no list of cases, or no family".to_owned());
        }
        Ok(Self { root: root.to_owned(), name: stem(file), content })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The same file with one case.
    pub(crate) fn with_one_case(&self, case: Value) -> Self {
        let members = self.content.as_object().into_iter().flatten();
        let others = members.filter(|(name, _)| *name != "cases");
        let mut content: serde_json::Map<String, Value> =
            others.map(|(name, member)| (name.clone(), member.clone())).collect();
        content.insert("cases".to_owned(), Value::Array(vec![case]));
        Self { root: self.root.clone(), name: self.name.clone(), content: content.into() }
    }

    pub(crate) fn cases(&self) -> impl Iterator<Item = Case<'_>> {
        let cases = self.content["cases"].as_array().into_iter().flatten().enumerate();
        cases.map(|(at, value)| Case { family: self, at, value })
    }
}

/// One case.
pub(crate) struct Case<'a> {
    family: &'a Family,
    at: usize,
    value: &'a Value,
}

impl Case<'_> {
    /// The case as it stands in the file.
    pub(crate) fn value(&self) -> &Value {
        self.value
    }

    /// The folder that `data/` and `expected/` lie in.
    pub(crate) fn root(&self) -> &Path {
        &self.family.root
    }

    /// The name of the case in reports; nothing is decided by it.
    pub(crate) fn id(&self) -> String {
        self.value["id"].as_str().map_or_else(|| format!("case {}", self.at), str::to_owned)
    }

    /// The family that the file states.
    pub(crate) fn family(&self) -> &str {
        self.family.content["family"].as_str().unwrap_or_default()
    }

    /// How the peer was called, in its own words.
    pub(crate) fn call(&self) -> &str {
        self.get("call").as_str().unwrap_or_default()
    }

    /// The member of that name; null where there is none.
    pub(crate) fn get(&self, name: &str) -> &Value {
        &self.value[name]
    }

    pub(crate) fn input(&self) -> &Value {
        self.get("input")
    }

    pub(crate) fn params(&self) -> &Value {
        self.get("params")
    }

    pub(crate) fn expected(&self) -> &Value {
        self.get("expected")
    }

    /// How much of the case counts: empty for all of it.
    pub(crate) fn compare(&self) -> &str {
        self.get("compare").as_str().unwrap_or_default()
    }

    pub(crate) fn only_class_counts(&self) -> bool {
        self.compare().starts_with("class_only")
    }

    pub(crate) fn is_fragile(&self) -> bool {
        self.compare().starts_with("fragile")
    }

    /// Tolerance of a field: the case's own, else its family's, for the field, else in general.
    pub(crate) fn tolerance(&self, field: &str) -> Tolerance {
        let own = [self.get("tolerance"), self.get("tol")].into_iter().find(|own| own.is_object());
        let own = own.unwrap_or(&Value::Null);
        let family = &self.family.content["tolerance_default"];
        let stated = [&own[field], own, &family[field], family];
        let found = stated.into_iter().find(|t| t["rtol"].is_number() || t["atol"].is_number());
        let part = |name: &str| found.and_then(|t| t[name].as_f64()).unwrap_or(0.0);
        let stated_rtol = self.compare().strip_prefix("rtol ");
        let rtol = stated_rtol.map_or(part("rtol"), |own| own.parse().expect("a number"));
        Tolerance { rtol, atol: part("atol") }
    }

    /// The case's data file.
    pub(crate) fn table(&self) -> Table {
        self.table_at(&self.input()["file"])
    }

    /// A CSV file that the case names, relative to its folder.
    pub(crate) fn table_at(&self, file: &Value) -> Table {
        Table::read(&self.family.root.join(file.as_str().expect("a file name")))
    }

    /// `y` and the `x` columns, logarithms if the case says so.
    pub(crate) fn y_and_x(&self) -> Vec<Vec<f64>> {
        let input = self.input();
        let text = |value: &Value| value.as_str().expect("a column name").to_owned();
        let mut names = vec![text(&input["y"])];
        names.extend(input["x"].as_array().expect("a list of columns").iter().map(text));
        let table = self.table();
        let mut columns: Vec<Vec<f64>> = match self.aligned(&table, &names) {
            None => names.iter().map(|name| table.column(name)).collect(),
            Some(closes) => complete_rows(&closes),
        };
        if input["transform"] == "log" {
            columns.iter_mut().flatten().for_each(|value| *value = libm::log(*value));
        }
        columns
    }
}

impl Case<'_> {
    /// Closes of long bars after the alignment that the case names; missing ones are NaN.
    fn aligned(&self, table: &Table, names: &[String]) -> Option<Vec<Vec<f64>>> {
        match self.input()["alignment"].as_str()? {
            "inner_drop_nan" => Some(table.closes(names)),
            "forward_fill_then_drop" => Some(filled(table.closes(names))),
            other => panic!("unknown alignment {other}"),
        }
    }

    /// The days that an alignment of `y` and `x` keeps.
    pub(crate) fn aligned_days(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().expect("a column name").to_owned();
        let mut names = vec![text(&self.input()["y"])];
        names.extend(self.input()["x"].as_array().expect("columns").iter().map(text));
        let table = self.table();
        let closes = self.aligned(&table, &names).expect("an alignment");
        let whole = |row: &usize| closes.iter().all(|column| !column[*row].is_nan());
        let days = table.days();
        (0..days.len()).filter(whole).map(|row| days[row].clone()).collect()
    }
}

/// A CSV file; empty cells are NaN when read as numbers.
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a file with a header.
    pub(crate) fn read(path: &Path) -> Self {
        let mut reader = csv::Reader::from_path(path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let fields = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
        let rows = reader.records().map(|record| fields(record.expect("a row"))).collect();
        Self { header, rows }
    }

    /// Names of the columns that hold numbers: all but the time.
    pub(crate) fn assets(&self) -> Vec<String> {
        self.header.iter().filter(|name| *name != "ts").cloned().collect()
    }

    /// A column of numbers.
    pub(crate) fn column(&self, name: &str) -> Vec<f64> {
        self.text(name).iter().map(|cell| number(cell)).collect()
    }

    /// A column as written.
    pub(crate) fn text(&self, name: &str) -> Vec<&str> {
        let at = self.header.iter().position(|column| column == name);
        let at = at.unwrap_or_else(|| panic!("no column {name}"));
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }

    /// The times of long bars, each once, ascending.
    pub(crate) fn days(&self) -> Vec<String> {
        let days: BTreeSet<&str> = self.text("ts").into_iter().collect();
        days.into_iter().map(str::to_owned).collect()
    }

    /// Closes of long bars, one column per symbol on the union of their times; NaN without a bar.
    pub(crate) fn closes(&self, symbols: &[String]) -> Vec<Vec<f64>> {
        let mut rows: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        let bars = self.text("ts").into_iter().zip(self.text("symbol")).zip(self.column("close"));
        for ((ts, symbol), close) in bars {
            let row = rows.entry(ts).or_insert_with(|| vec![f64::NAN; symbols.len()]);
            if let Some(at) = symbols.iter().position(|name| name == symbol) {
                row[at] = close;
            }
        }
        (0..symbols.len()).map(|at| rows.values().map(|row| row[at]).collect()).collect()
    }
}

fn number(cell: &str) -> f64 {
    if cell.is_empty() { f64::NAN } else { cell.parse().expect("a number") }
}

/// The rows where every column has a value.
pub(crate) fn complete_rows(columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let complete = |row: &usize| columns.iter().all(|column| !column[*row].is_nan());
    let kept: Vec<usize> = (0..columns[0].len()).filter(complete).collect();
    columns.iter().map(|column| kept.iter().map(|row| column[*row]).collect()).collect()
}

fn filled(mut columns: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for column in &mut columns {
        for row in 1..column.len() {
            if column[row].is_nan() {
                column[row] = column[row - 1];
            }
        }
    }
    columns
}
