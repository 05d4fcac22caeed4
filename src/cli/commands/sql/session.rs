//! A session at the terminal: statements with line editing, completion and a history.
//!
//! The store is open while a statement is answered and no longer, so that a session that waits keeps
//! nobody from it.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rustyline::{Config, Editor, error::ReadlineError, history::FileHistory};
use signal_hook::{consts::SIGINT, flag};

use super::{
    super::{
        open_to_read, print_rows,
        within::{Limits, within},
    },
    names::Names,
    typed::{Asked, Typed},
};
use crate::{
    cli::{
        ending::Ending, printer::Printer, question_args::SqlArgs, stdout, store_choice::StoreChoice,
    },
    error::{Error, ErrorKind, Result},
    report::Format,
    store::{Answer, Cell, Rows, Store, Table},
};

const PROMPT: &str = "barline> ";
const FURTHER: &str = "    ...> ";
/// Rows of an answer that are shown, until `.rows` says otherwise.
const SHOWN: u64 = 100;
/// Statements that are remembered.
const REMEMBERED: usize = 1_000;
/// Words with a dot, what follows them, and what they do.
const WORDS: [(&str, &str, &str); 8] = [
    ("columns", "NAME", "the columns of a table or view with their types"),
    ("format", "FORMAT", "how answers are written: table, csv, json"),
    ("help", "", "this list"),
    ("queries", "", "the stored questions, a line each"),
    ("query", "NAME [P=V ..]", "the answer to a stored question"),
    ("quit", "", "end; so does Ctrl-D"),
    ("rows", "N", "how many rows of an answer are shown, or all"),
    ("tables", "", "tables and views of the store"),
];

/// Reads and answers until the person ends it.
pub(super) fn run(
    args: &SqlArgs,
    format: Format,
    limit: Duration,
    printer: Printer,
) -> Result<Ending> {
    let choice = StoreChoice::require(args.store.db.as_deref())?;
    let mut session = Session {
        args,
        path: choice.path,
        format,
        limit,
        shown: SHOWN,
        printer,
        stop: Arc::default(),
    };
    // Opened once, so that what is wrong with the store is said before anything is asked.
    let words = WORDS.map(|(word, ..)| word);
    let names = session.asked(|store| Names::of(store, &words))?;
    let mut lines = Lines::new(names)?;
    flag::register(SIGINT, Arc::clone(&session.stop))
        .map_err(|cause| Error::internal(format!("cannot watch signal {SIGINT}: {cause}")))?;
    printer.note(&format!(
        "{}, to be read only; a statement ends with a semicolon; .help lists what else there is",
        session.path.display()
    ));
    let mut typed = Typed::default();
    'session: loop {
        let line = match lines.read(if typed.is_begun() { FURTHER } else { PROMPT })? {
            Line::Typed(line) => line,
            Line::Dropped => {
                typed.clear();
                continue;
            }
            Line::End => break,
        };
        // What is pasted may be many lines.
        for line in line.split('\n') {
            let Some(asked) = typed.line(line) else { continue };
            lines.remember(&asked);
            match session.answer(&asked) {
                Ok(true) => {}
                Ok(false) => break 'session,
                Err(error) if error.kind() == ErrorKind::Interrupted => printer.note("stopped"),
                Err(error) => printer.error(&error),
            }
        }
    }
    lines.keep();
    Ok(Ending::Well)
}

struct Session<'a> {
    args: &'a SqlArgs,
    path: PathBuf,
    format: Format,
    limit: Duration,
    shown: u64,
    printer: Printer,
    /// Set by Ctrl-C.
    stop: Arc<AtomicBool>,
}

impl Session<'_> {
    /// What `ask` finds in the store, within its time.
    fn asked<T>(&self, ask: impl FnOnce(&Store) -> Result<T>) -> Result<T> {
        self.stop.store(false, Ordering::Release);
        let store = open_to_read(Some(&self.path), &self.args.budget, self.printer)?;
        let limits = Limits { time: Some(self.limit), budget: self.args.budget.bytes()? };
        let answer = within(&store, limits, Some(&self.stop), self.printer, || ask(&store))?;
        store.close()?;
        Ok(answer)
    }

    /// Answers; false to end the session.
    fn answer(&mut self, asked: &Asked) -> Result<bool> {
        match asked {
            Asked::Statement(statement) => self.show(|store| store.answer_sql(statement))?,
            Asked::Word(word, rest) => return self.word(word, rest),
        }
        Ok(true)
    }

    fn word(&mut self, word: &str, rest: &[String]) -> Result<bool> {
        match (word, rest) {
            ("quit" | "exit", []) => return Ok(false),
            ("help", []) => stdout::print_answer(&help(), Format::Table)?,
            ("tables", []) => self.show(|store| {
                store.answer_sql(
                    "SELECT table_name AS name, 'table' AS kind, column_count AS columns
                     FROM duckdb_tables() WHERE NOT internal
                     UNION ALL SELECT view_name, 'view', column_count
                     FROM duckdb_views() WHERE NOT internal
                     ORDER BY kind DESC, name",
                )
            })?,
            ("columns", [name]) => {
                let name = name.replace('\'', "''");
                self.show(|store| {
                    store.answer_sql(&format!(
                        "SELECT column_name AS name, data_type AS type FROM duckdb_columns()
                         WHERE NOT internal AND table_name = '{name}' ORDER BY column_index"
                    ))
                })?;
            }
            ("queries", []) => {
                let rows = Store::named_queries().iter().map(|query| {
                    [query.name.clone(), query.answers.clone()].map(Cell::Text).to_vec()
                });
                let columns = ["name", "answers"].map(str::to_owned).to_vec();
                let table = Table { columns, rows: rows.collect(), ..Table::default() };
                stdout::print_answer(&table, self.format)?;
            }
            ("query", [name, parameters @ ..]) => {
                let pair = |text: &String| match text.split_once('=') {
                    Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
                    None => Err(Error::usage(format!("{text}: not a name and a value"))
                        .with_hint("give NAME=VALUE, such as horizon=90")),
                };
                let parameters = parameters.iter().map(pair).collect::<Result<Vec<_>>>()?;
                self.show(|store| store.answer(name, &parameters))?;
            }
            ("format", [name]) => match name.parse()? {
                Format::Parquet => {
                    return Err(Error::usage("parquet: bytes of a file, and this is a terminal")
                        .with_hint("barline sql STATEMENT --format parquet > answer.parquet"));
                }
                format => self.format = format,
            },
            ("rows", [count]) => {
                self.shown = match count.as_str() {
                    "all" => u64::MAX,
                    count => count.parse().map_err(|_| {
                        Error::usage(format!(".rows {count}: not a number of rows, nor all"))
                    })?,
                }
            }
            _ => return Err(no_word(word, rest)),
        }
        Ok(true)
    }

    /// Prints an answer, or its first rows.
    fn show(&self, ask: impl FnOnce(&Store) -> Result<Answer>) -> Result<()> {
        let begun = Instant::now();
        let answer = self.asked(ask)?;
        let seconds = begun.elapsed().as_secs_f64();
        let (rows, columns) = (answer.len(), answer.columns().len());
        if rows > self.shown {
            stdout::print_answer(&head(&answer, self.shown)?, self.format)?;
            let shown = self.shown;
            self.printer.note(&format!(
                "{rows} rows, of which the first {shown} are shown (.rows N or all), {seconds:.2} s"
            ));
        } else {
            print_rows(answer, self.format)?;
            let [rows, columns] = [(rows, "row"), (columns as u64, "column")]
                .map(|(count, of)| format!("{count} {of}{}", if count == 1 { "" } else { "s" }));
            self.printer.note(&format!("{rows}, {columns}, {seconds:.2} s"));
        }
        Ok(())
    }
}

/// The first rows of an answer.
fn head(answer: &Answer, count: u64) -> Result<Table> {
    let mut rows = Vec::new();
    let enough = || io::Error::other("enough");
    let read = answer.each(&mut |row| {
        if rows.len() as u64 >= count {
            return Err(enough());
        }
        rows.push(row.to_vec());
        Ok(())
    });
    if let Err(error) = read
        && (rows.len() as u64) < count
    {
        return Err(Error::new(ErrorKind::Io, format!("cannot read the answer again: {error}")));
    }
    Ok(Table { columns: answer.columns().to_vec(), kinds: answer.kinds(), rows })
}

fn help() -> Table {
    let row = |(word, takes, does): (&str, &str, &str)| {
        [format!(".{word} {takes}").trim_end().to_owned(), does.to_owned()].map(Cell::Text).to_vec()
    };
    let mut rows: Vec<Vec<Cell>> = WORDS.into_iter().map(row).collect();
    let statement = ["SELECT ..;".to_owned(), "one question in SQL, over several lines".to_owned()];
    rows.insert(0, statement.map(Cell::Text).to_vec());
    let columns = ["typed", "does"].map(str::to_owned).to_vec();
    Table { columns, rows, ..Table::default() }
}

fn no_word(word: &str, rest: &[String]) -> Error {
    if let Some((word, takes, _)) = WORDS.iter().find(|(known, ..)| *known == word) {
        let typed = rest.join(" ");
        let line = format!(".{word} {typed}");
        return Error::usage(format!("{}: not what .{word} takes", line.trim_end()))
            .with_hint(format!(".{word} {takes}").trim_end().to_owned());
    }
    let known: Vec<String> = WORDS.iter().map(|(word, ..)| format!(".{word}")).collect();
    Error::usage(format!("there is no .{word}")).with_hint(format!("known: {}", known.join(", ")))
}

/// A line of the terminal.
enum Line {
    Typed(String),
    /// Ctrl-C: what was typed is not meant.
    Dropped,
    /// Ctrl-D.
    End,
}

/// The terminal, and what was typed there before.
struct Lines {
    editor: Editor<Names, FileHistory>,
    history: Option<PathBuf>,
}

impl Lines {
    fn new(names: Names) -> Result<Self> {
        let failed = |error: ReadlineError| {
            Error::new(ErrorKind::Io, format!("the terminal cannot be used: {error}"))
                .with_hint("barline sql STATEMENT needs none")
        };
        let config = Config::builder()
            .max_history_size(REMEMBERED)
            .map_err(failed)?
            .auto_add_history(false)
            .build();
        let mut editor = Editor::with_config(config).map_err(failed)?;
        editor.set_helper(Some(names));
        let history = history_file();
        if let Some(path) = &history {
            // There is none before the first session.
            let _ = editor.load_history(path);
        }
        Ok(Self { editor, history })
    }

    fn read(&mut self, prompt: &str) -> Result<Line> {
        match self.editor.readline(prompt) {
            Ok(line) => Ok(Line::Typed(line)),
            Err(ReadlineError::Interrupted) => Ok(Line::Dropped),
            Err(ReadlineError::Eof) => Ok(Line::End),
            Err(error) => {
                Err(Error::new(ErrorKind::Io, format!("cannot read from the terminal: {error}")))
            }
        }
    }

    fn remember(&mut self, asked: &Asked) {
        let text = match asked {
            Asked::Statement(statement) => statement.replace('\n', " "),
            Asked::Word(word, rest) => format!(".{word} {}", rest.join(" ")).trim_end().to_owned(),
        };
        // A history that cannot grow is no reason not to answer.
        let _ = self.editor.add_history_entry(text);
    }

    /// Writes the history down, where there is a place for it.
    fn keep(&mut self) {
        let Some(path) = &self.history else { return };
        if path.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok()) {
            let _ = self.editor.save_history(path);
        }
    }
}

/// Where statements are remembered: below `XDG_STATE_HOME`, else `~/.local/state`.
fn history_file() -> Option<PathBuf> {
    let folder =
        |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(Path::new(".local/state"))))?;
    Some(state.join("barline").join("sql_history"))
}
