//! Where each field of a line stands and in which form it is read.

use super::{
    Layout,
    price_form::PriceForm,
    stamp_form::{StampForm, Units, whole},
    vendors, wide,
};
use crate::{
    domain::{Bar, Timestamp},
    error::{Error, Result},
    store::source::{
        RowKind, SourceColumn, SourceOptions,
        column_map::ColumnMap,
        intake::Row,
        moment::{self, Moment},
        raw_bars::{Fault, RejectReason},
        row_rules,
        text_lines::Fields,
    },
};

/// The first lines of a text that are neither blank nor comments, split at its delimiter.
#[derive(Debug)]
pub(in crate::store::source) struct Head<'a> {
    /// The file, for errors.
    pub(super) file: &'a str,
    /// Name of the text itself, for symbols: the file's, or a member's of an archive.
    pub(super) name: &'a str,
    pub(super) delimiter: char,
    /// Trimmed fields.
    pub(super) lines: Vec<Vec<String>>,
}

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

impl<'a> Head<'a> {
    /// The head of a text whose first lines are `lines`.
    ///
    /// # Errors
    /// Data, if the first is not text or leaves a quotation mark open.
    pub(in crate::store::source) fn of(
        lines: &[&[u8]],
        file: &'a str,
        name: &'a str,
    ) -> Result<Self> {
        let first = lines.first().copied().unwrap_or_default();
        let text = std::str::from_utf8(first).map_err(|_| {
            Error::data(format!("{file} is not UTF-8 text")).with_hint("save it as UTF-8")
        })?;
        if is_page(text) {
            return Err(Error::data(format!("{file} is an HTML page, not a file of bars"))
                .with_hint(
                    "a server sends one instead of the file when it refuses; ask it again",
                ));
        }
        let telling = if is_url(text) { lines.get(1).copied().unwrap_or(first) } else { first };
        let delimiter = delimiter_of(&String::from_utf8_lossy(telling));
        let mut fields = Fields::default();
        let mut split = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let line = String::from_utf8_lossy(line);
            if fields.split(&line, delimiter).is_ok() {
                split.push(fields.iter().map(|field| field.trim().to_owned()).collect());
            } else if at == 0 {
                let what = format!("{file}: a quotation mark in the header is not closed");
                return Err(Error::data(what));
            } else {
                split.push(Vec::new());
            }
        }
        Ok(Self { file, name, delimiter, lines: split })
    }

    /// The fields of a line; none, where there is no such line.
    pub(super) fn line(&self, at: usize) -> &[String] {
        self.lines.get(at).map_or(&[], Vec::as_slice)
    }

    /// The names of the line at `at`, in lower case.
    pub(super) fn names(&self, at: usize) -> Vec<String> {
        self.line(at).iter().map(|name| name.to_lowercase()).collect()
    }
}

pub(super) fn is_url(line: &str) -> bool {
    let line = line.trim().trim_matches('"').to_lowercase();
    line.starts_with("http://") || line.starts_with("https://") || line.starts_with("www.")
}

fn is_page(line: &str) -> bool {
    let start: String = line.trim_start().chars().take(16).collect::<String>().to_lowercase();
    ["<!doctype", "<html", "<head", "<?xml"].iter().any(|mark| start.starts_with(mark))
}

fn delimiter_of(line: &str) -> char {
    let uses = |delimiter: char| line.matches(delimiter).count();
    let mut delimiter = DELIMITERS[0];
    for other in &DELIMITERS[1..] {
        if uses(*other) > uses(delimiter) {
            delimiter = *other;
        }
    }
    delimiter
}

/// How many lines before the first row say what the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::store::source) struct Header {
    /// Lines that only tell where the file is from: comments.
    pub(in crate::store::source) comments: usize,
    /// Lines of column names.
    pub(in crate::store::source) lines: usize,
}

/// Where the symbol of a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SymbolOf {
    Field(usize),
    /// It is in the header.
    Header(String),
    /// It is the file's.
    File,
}

/// A record of a line: whose it is, and where its columns stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    pub(super) symbol: SymbolOf,
    pub(super) places: [Option<usize>; 7],
}

/// What else a line says about its moment, and must agree with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Nothing,
    /// The last moment of the bar, in the unit of the first: after it.
    Last(usize),
    /// The same moment as text in UTC, where it is in a form that is read.
    Text(usize),
    /// A record type of OHLCV, from a second to a day.
    RecordType(usize),
}

/// How the lines of a text become records.
#[derive(Debug, Clone)]
pub(in crate::store::source) struct TextPlan {
    pub(super) layout: Layout,
    pub(super) delimiter: char,
    pub(super) width: usize,
    pub(super) header: Header,
    pub(super) stamp: StampForm,
    pub(super) prices: PriceForm,
    pub(super) check: Check,
    pub(super) series: Vec<Series>,
}

impl TextPlan {
    /// The plan of a text: of the layout that is said, else of the one its head shows.
    ///
    /// # Errors
    /// Data, if the head fits no layout, or not the one that is said; Usage, if something has to be
    /// said that the layout leaves open.
    pub(in crate::store::source) fn of(head: &Head<'_>, options: &SourceOptions) -> Result<Self> {
        if options.rows != RowKind::Bars || !options.columns.is_empty() {
            return Self::house(head, options);
        }
        let layout = options.layout.or_else(|| super::signs::recognise(head));
        match layout {
            Some(Layout::Barline) => Self::house(head, options),
            Some(Layout::Wide) => wide::closes(head),
            Some(layout) => vendors::plan(layout, head, options),
            None => match Self::house(head, options) {
                Err(_) if wide::is_wide(head) => wide::closes(head),
                house => house,
            },
        }
    }

    /// Columns found by the names of the house.
    fn house(head: &Head<'_>, options: &SourceOptions) -> Result<Self> {
        let map = ColumnMap::find(head.line(0), options, head.file)?;
        let mut places = SourceColumn::ALL.map(|column| map.place(column));
        let symbol = places[SourceColumn::Symbol as usize].take();
        Ok(Self {
            layout: Layout::Barline,
            delimiter: head.delimiter,
            width: map.width(),
            header: Header { comments: 0, lines: 1 },
            stamp: StampForm::Any,
            prices: PriceForm::Plain,
            check: Check::Nothing,
            series: vec![Series { symbol: symbol.map_or(SymbolOf::File, SymbolOf::Field), places }],
        })
    }

    /// The plan of records that are a moment, four prices and a volume, in this order.
    pub(in crate::store::source) fn of_six(layout: Layout) -> Self {
        let stamp = match layout {
            Layout::Alpaca => StampForm::Zoned(None),
            _ => StampForm::Epoch(Units::MS),
        };
        let places = [Some(0), None, Some(1), Some(2), Some(3), Some(4), Some(5)];
        Self {
            layout,
            delimiter: ',',
            width: 6,
            header: Header::default(),
            stamp,
            prices: PriceForm::Plain,
            check: Check::Nothing,
            series: vec![Series { symbol: SymbolOf::File, places }],
        }
    }

    /// The layout it is of.
    pub(in crate::store::source) fn layout(&self) -> Layout {
        self.layout
    }

    /// What stands before the first row.
    pub(in crate::store::source) fn header(&self) -> Header {
        self.header
    }

    /// Records of a line.
    pub(in crate::store::source) fn records(&self) -> usize {
        self.series.len()
    }

    /// True if the symbol is neither in the rows nor in the header.
    pub(in crate::store::source) fn is_of_one_symbol(&self) -> bool {
        self.series.iter().any(|series| series.symbol == SymbolOf::File)
    }

    /// The columns it has, in the order of the house.
    pub(in crate::store::source) fn columns(&self) -> Vec<SourceColumn> {
        let has = |column: &SourceColumn| match column {
            SourceColumn::Symbol => !self.is_of_one_symbol(),
            column => self.series.iter().any(|one| one.places[*column as usize].is_some()),
        };
        SourceColumn::ALL.into_iter().filter(has).collect()
    }

    /// Splits a line into as many fields as it must have.
    pub(in crate::store::source) fn split(
        &self,
        line: &[u8],
        fields: &mut Fields,
    ) -> Result<(), Fault> {
        let text = std::str::from_utf8(line).map_err(|_| Fault::row(RejectReason::NotText))?;
        if text.contains('\0') {
            return Err(Fault::row(RejectReason::NotText));
        }
        let split = fields.split(text, self.delimiter);
        split.map_err(|_| Fault::row(RejectReason::OpenQuote))?;
        match fields.len().cmp(&self.width) {
            std::cmp::Ordering::Less => Err(Fault::row(RejectReason::TooFewFields)),
            std::cmp::Ordering::Greater => Err(Fault::row(RejectReason::TooManyFields)),
            std::cmp::Ordering::Equal => Ok(()),
        }
    }

    /// The moment of a line, which is that of all its records.
    pub(in crate::store::source) fn moment(
        &self,
        fields: &Fields,
        options: &SourceOptions,
    ) -> Result<Moment, Fault> {
        let fault = |reason| Fault::at(SourceColumn::Ts, reason);
        let place = self.series.first().and_then(|one| one.places[SourceColumn::Ts as usize]);
        let place = place.ok_or_else(|| fault(RejectReason::Missing))?;
        let at = self.stamp.read(fields, place, &options.zone).map_err(fault)?;
        self.checked(fields, fields.field(place).trim(), at).map_err(fault)?;
        Ok(at)
    }

    fn checked(&self, fields: &Fields, first: &str, at: Moment) -> Result<(), RejectReason> {
        match self.check {
            Check::Nothing => Ok(()),
            Check::Last(place) => {
                let (first, last) = (whole(first), whole(fields.field(place).trim()));
                let (Some(first), Some(last)) = (first, last) else {
                    return Err(RejectReason::ContradictoryTimes);
                };
                if Units::of(first) != Units::of(last) {
                    Err(RejectReason::WrongUnit)
                } else if last <= first {
                    Err(RejectReason::ContradictoryTimes)
                } else {
                    Ok(())
                }
            }
            Check::Text(place) => {
                let text = fields.field(place).trim();
                match moment::read(text, &jiff::tz::TimeZone::UTC) {
                    Ok(said) if said.micros != at.micros => Err(RejectReason::ContradictoryTimes),
                    _ => Ok(()),
                }
            }
            Check::RecordType(place) => match fields.field(place).trim() {
                "32" | "33" | "34" | "35" => Ok(()),
                _ => Err(RejectReason::WrongUnit),
            },
        }
    }

    /// The record at `at` of a line whose moment is known, or `None` if the line has nothing for it.
    pub(in crate::store::source) fn record<'a>(
        &'a self,
        at: usize,
        fields: &'a Fields,
        moment: Moment,
        only_symbol: &'a str,
    ) -> Option<Result<Row<'a>, Fault>> {
        let series = self.series.get(at)?;
        let is_panel = self.series.len() > 1;
        let values = &series.places[SourceColumn::Open as usize..];
        let is_empty = |place: &usize| fields.field(*place).trim().is_empty();
        if is_panel && values.iter().flatten().all(is_empty) {
            return None;
        }
        Some(self.row(series, fields, moment, only_symbol))
    }

    fn row<'a>(
        &self,
        series: &'a Series,
        fields: &'a Fields,
        moment: Moment,
        only_symbol: &'a str,
    ) -> Result<Row<'a>, Fault> {
        let symbol = match &series.symbol {
            SymbolOf::Field(place) => fields.field(*place),
            SymbolOf::Header(symbol) => symbol,
            SymbolOf::File => only_symbol,
        };
        let symbol = row_rules::symbol(symbol)?;
        let is_close_alone = self.layout == Layout::Barline
            && row_rules::BESIDE_CLOSE.iter().all(|&column| {
                let place = series.places[column as usize];
                place.is_none_or(|place| fields.field(place).is_empty())
            });
        let number = |column: SourceColumn| match series.places[column as usize] {
            None => Ok(f64::NAN),
            Some(_) if is_close_alone && row_rules::BESIDE_CLOSE.contains(&column) => Ok(f64::NAN),
            Some(place) if column == SourceColumn::Volume => {
                row_rules::number(column, fields.field(place).trim())
            }
            Some(place) => self.prices.read(column, fields.field(place)),
        };
        let bar = Bar {
            ts: Timestamp(moment.micros),
            open: number(SourceColumn::Open)?,
            high: number(SourceColumn::High)?,
            low: number(SourceColumn::Low)?,
            close: number(SourceColumn::Close)?,
            volume: number(SourceColumn::Volume)?,
        };
        Ok(Row { symbol, bar, without_zone: moment.without_zone })
    }
}
