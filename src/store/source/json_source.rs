//! JSON of bars: what CCXT and freqtrade write, and pages of Alpaca.
//!
//! - `[[ms, open, high, low, close, volume], ..]`: a record per array.
//! - `{"bars": {"AAPL": [{"t": .., "o": .., ..}, ..]}, "next_page_token": ..}`, or `"bars": [..]` with
//!   `"symbol"` beside it, or the bars alone: a record per object. Pages may follow one another.
//!
//! A record is counted by its number, from 1. Text that is not whole JSON is refused as a file.

use std::path::Path;

use super::{
    SourceOptions,
    csv_source::Shape,
    intake::Intake,
    json_tokens::{Token, Tokens},
    layout::{Layout, TextPlan, symbol_in},
    packed::Part,
    raw_bars::{Fault, RejectReason},
    reading::only_symbol,
    text_lines::Fields,
};
use crate::error::{Error, Result};

/// Keys of a bar, in the order of its fields.
const KEYS: [&str; 6] = ["t", "o", "h", "l", "c", "v"];
/// Most bars of a page: their symbol may stand after them.
const MOST_PAGE_BARS: usize = 1_000_000;

/// Reads a text of `path` into `intake`.
///
/// # Errors
/// Data, if it is not whole, or not in one of these layouts; Usage, if another is said.
pub(super) fn read(
    path: &Path,
    part: &mut Part<'_>,
    options: &SourceOptions,
    intake: &mut Intake<'_>,
) -> Result<Shape> {
    let file = intake.file();
    let (name, member) = (part.name, part.member);
    let mut source = Json {
        tokens: Tokens::new(&mut *part.input, path, file),
        intake,
        options,
        of_name: &|layout| match (&options.symbol, member) {
            (Some(symbol), _) => Ok(symbol.clone()),
            (None, Some(_)) => Ok(symbol_in(layout, name)),
            (None, None) => only_symbol(path, options, layout),
        },
        plan: None,
        only_symbol: None,
        records: 0,
        fields: Fields::default(),
    };
    while source.tokens.peek()?.is_some() {
        source.document()?;
    }
    let (only_symbol, plan) = (source.only_symbol, source.plan);
    let plan = plan.ok_or_else(|| Error::data(format!("{file} holds no bar")))?;
    let mut columns = plan.columns();
    if only_symbol.is_none() {
        columns.insert(1, super::SourceColumn::Symbol);
    }
    Ok(Shape { layout: plan.layout(), columns, only_symbol })
}

/// The symbol in the name of the file, for a layout.
type OfName<'a> = &'a dyn Fn(Layout) -> Result<String>;

struct Json<'a, 'i> {
    tokens: Tokens<'a>,
    intake: &'a mut Intake<'i>,
    options: &'a SourceOptions,
    of_name: OfName<'a>,
    /// `None` until the first record shows the layout.
    plan: Option<TextPlan>,
    /// The symbol of records that name none, once there is one.
    only_symbol: Option<String>,
    records: u64,
    fields: Fields,
}

/// A bar as it is written: its fields in their order, or what is there instead.
enum Record {
    Values(Vec<String>),
    Other(String),
}

impl Json<'_, '_> {
    /// One text of JSON: an array of bars, or a page.
    fn document(&mut self) -> Result<()> {
        match self.tokens.next()? {
            Token::Mark(b'[') => {
                if self.tokens.takes(b']')? {
                    return Ok(());
                }
                loop {
                    let (layout, record) = self.record()?;
                    self.put_alone(layout, record)?;
                    if !self.tokens.goes_on(b']')? {
                        return Ok(());
                    }
                }
            }
            Token::Mark(b'{') => self.page(),
            _ => Err(self.tokens.wrong("an array of bars or a page is expected")),
        }
    }

    fn page(&mut self) -> Result<()> {
        let (mut alone, mut symbol, mut has_bars) = (Vec::new(), None, false);
        if !self.tokens.takes(b'}')? {
            loop {
                match self.key()?.as_str() {
                    "bars" => {
                        has_bars = true;
                        self.bars(&mut alone)?;
                    }
                    "symbol" => symbol = self.tokens.value()?,
                    _ => {
                        self.tokens.value()?;
                    }
                }
                if !self.tokens.goes_on(b'}')? {
                    break;
                }
            }
        }
        if !has_bars {
            return Err(self.tokens.wrong("a page has a key 'bars'"));
        }
        for record in alone {
            match &symbol {
                Some(symbol) => self.put(Layout::Alpaca, record, symbol)?,
                None => self.put_alone(Layout::Alpaca, record)?,
            }
        }
        Ok(())
    }

    /// The value of `bars`: those of several symbols are put at once, those of one set down in
    /// `alone` until the page says whose they are.
    fn bars(&mut self, alone: &mut Vec<Record>) -> Result<()> {
        match self.tokens.next()? {
            Token::Plain(word) if word == "null" => Ok(()),
            Token::Mark(b'[') => self.list(|of, record| {
                if alone.len() == MOST_PAGE_BARS {
                    let what = format!("more than {MOST_PAGE_BARS} bars in a page");
                    return Err(of.tokens.wrong(&what));
                }
                alone.push(record);
                Ok(())
            }),
            Token::Mark(b'{') => {
                if self.tokens.takes(b'}')? {
                    return Ok(());
                }
                loop {
                    let symbol = self.key()?;
                    self.tokens.expect(b'[')?;
                    self.list(|of, record| of.put(Layout::Alpaca, record, &symbol))?;
                    if !self.tokens.goes_on(b'}')? {
                        return Ok(());
                    }
                }
            }
            _ => Err(self.tokens.wrong("'bars' is neither an array nor an object")),
        }
    }

    /// The members of an array that has begun.
    fn list(&mut self, mut put: impl FnMut(&mut Self, Record) -> Result<()>) -> Result<()> {
        if self.tokens.takes(b']')? {
            return Ok(());
        }
        loop {
            let (_, record) = self.record()?;
            put(self, record)?;
            if !self.tokens.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    fn key(&mut self) -> Result<String> {
        match self.tokens.next()? {
            Token::Text(key) => self.tokens.expect(b':').map(|()| key),
            _ => Err(self.tokens.wrong("a key is expected")),
        }
    }

    /// One member of an array of bars, and the layout that has such members.
    fn record(&mut self) -> Result<(Layout, Record)> {
        if self.tokens.takes(b'[')? {
            return self.values().map(|values| (Layout::Ccxt, Record::Values(values)));
        }
        if self.tokens.takes(b'{')? {
            return self.object().map(|values| (Layout::Alpaca, Record::Values(values)));
        }
        let text = self.tokens.value()?.unwrap_or_default();
        Ok((Layout::Ccxt, Record::Other(text)))
    }

    fn values(&mut self) -> Result<Vec<String>> {
        let mut values = Vec::new();
        if self.tokens.takes(b']')? {
            return Ok(values);
        }
        loop {
            let value = self.tokens.value()?.unwrap_or_else(|| "[..]".to_owned());
            // What is beyond a bar only says that there is too much.
            if values.len() <= KEYS.len() {
                values.push(value);
            }
            if !self.tokens.goes_on(b']')? {
                return Ok(values);
            }
        }
    }

    fn object(&mut self) -> Result<Vec<String>> {
        let mut values = vec![String::new(); KEYS.len()];
        if self.tokens.takes(b'}')? {
            return Ok(values);
        }
        loop {
            let key = self.key()?;
            let value = self.tokens.value()?.unwrap_or_else(|| "[..]".to_owned());
            if let Some(at) = KEYS.iter().position(|known| *known == key) {
                values[at] = value;
            }
            if !self.tokens.goes_on(b'}')? {
                return Ok(values);
            }
        }
    }

    /// Puts a record whose symbol is the file's.
    fn put_alone(&mut self, layout: Layout, record: Record) -> Result<()> {
        let symbol = match &self.only_symbol {
            Some(symbol) => symbol.clone(),
            None => self.only_symbol.insert((self.of_name)(layout)?).clone(),
        };
        self.put(layout, record, &symbol)
    }

    fn put(&mut self, layout: Layout, record: Record, symbol: &str) -> Result<()> {
        self.records += 1;
        let plan = match &self.plan {
            Some(plan) => plan,
            None => self.plan.insert(plan_of(layout, self.options, self.intake.file())?),
        };
        let values = match record {
            Record::Values(values) => values,
            Record::Other(text) => {
                let fault = Fault::row(RejectReason::TooFewFields);
                return self.intake.refuse(self.records, fault, text.as_bytes());
            }
        };
        let raw = || values.join(",").into_bytes();
        let wrong = match values.len().cmp(&KEYS.len()) {
            std::cmp::Ordering::Less => Some(RejectReason::TooFewFields),
            std::cmp::Ordering::Greater => Some(RejectReason::TooManyFields),
            std::cmp::Ordering::Equal => None,
        };
        if let Some(reason) = wrong {
            return self.intake.refuse(self.records, Fault::row(reason), &raw());
        }
        self.fields.fill(&values);
        let row = plan.moment(&self.fields, self.options).and_then(|moment| {
            let fault = Fault::row(RejectReason::Missing);
            plan.record(0, &self.fields, moment, symbol).unwrap_or(Err(fault))
        });
        self.intake.take(self.records, row, raw)
    }
}

/// The plan of the layout that is said, if records like these are in it.
fn plan_of(shown: Layout, options: &SourceOptions, file: &str) -> Result<TextPlan> {
    let fits = |said: Layout| match shown {
        Layout::Alpaca => said == Layout::Alpaca,
        _ => matches!(said, Layout::Ccxt | Layout::Freqtrade),
    };
    match options.layout {
        Some(said) if !fits(said) => {
            Err(Error::usage(format!("{file} is JSON as in the layout {shown}, not in {said}"))
                .with_hint("leave --layout out to have it recognised"))
        }
        said => Ok(TextPlan::of_six(said.unwrap_or(shown))),
    }
}
