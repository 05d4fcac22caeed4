//! Cases and their data files as they lie in a folder of the `golden/1` schema.

use std::{
    collections::BTreeMap,
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

/// How many cases the folder's manifest lists per case file, by its name without `.json`; nothing
/// where there is no manifest.
pub(crate) fn listed(root: &Path) -> BTreeMap<String, usize> {
    let Ok(text) = fs::read_to_string(root.join("manifest.json")) else { return BTreeMap::new() };
    let manifest: Value = serde_json::from_str(&text).expect("the manifest is JSON");
    let files = manifest["case_files"].as_array().expect("the manifest lists case files");
    files
        .iter()
        .map(|file| {
            let path = PathBuf::from(file["file"].as_str().expect("a path"));
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
            let cases = file["n_cases"].as_u64().expect("a count");
            (name, usize::try_from(cases).expect("a small count"))
        })
        .collect()
}

/// One case file.
pub(crate) struct Family {
    root: PathBuf,
    name: String,
    content: Value,
}

impl Family {
    /// Reads `file`, which belongs to the folder `root`.
    pub(crate) fn read(root: &Path, file: &Path) -> Self {
        let text = fs::read_to_string(file).expect("readable case file");
        let content: Value = serde_json::from_str(&text).expect("case file is JSON");
        assert_eq!(content["schema"], "golden/1", "{}", file.display());
        let name = file.file_stem().and_then(|stem| stem.to_str()).expect("file name").to_owned();
        Self { root: root.to_owned(), name, content }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn cases(&self) -> impl Iterator<Item = Case<'_>> {
        let cases = self.content["cases"].as_array().expect("a list of cases");
        cases.iter().map(|value| Case { family: self, value })
    }
}

/// One case.
pub(crate) struct Case<'a> {
    family: &'a Family,
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

    pub(crate) fn id(&self) -> &str {
        self.value["id"].as_str().expect("a case has an id")
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
        let own = self.get("tolerance");
        let family = &self.family.content["tolerance_default"];
        let stated = [&own[field], own, &family[field], family];
        let found = stated.into_iter().find(|t| t["rtol"].is_f64() || t["atol"].is_f64());
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
        let mut columns: Vec<Vec<f64>> = match input["alignment"].as_str() {
            None => names.iter().map(|name| table.column(name)).collect(),
            Some("inner_drop_nan") => complete_rows(&table.closes(&names)),
            Some("forward_fill_then_drop") => complete_rows(&filled(table.closes(&names))),
            Some(other) => panic!("{}: unknown alignment {other}", self.id()),
        };
        if input["transform"] == "log" {
            columns.iter_mut().flatten().for_each(|value| *value = libm::log(*value));
        }
        columns
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
