//! `barline query`: the stored questions.

use super::{
    open_to_read, print_rows,
    within::{Limits, within},
};
use crate::{
    cli::{
        ending::Ending, printer::Printer, question_args::QueryArgs, settings, stdout,
        store_choice::StoreChoice,
    },
    domain::nearest,
    error::{Error, Result},
    report::{Format, plain_text},
    store::{Cell, NamedQuery, QueryFolder, Store, Table},
};

/// Answers one question, explains it, or lists them all.
pub(super) fn run(args: &QueryArgs, printer: Printer) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let QueryFolder { queries, refused } = known(args)?;
    let is_known = queries.iter().any(|query| Some(&query.name) == args.name.as_ref());
    for (stem, error) in refused {
        if Some(&stem) == args.name.as_ref() && !is_known {
            return Err(error);
        }
        printer.warn(&format!("left out: {error}"));
    }
    let Some(name) = &args.name else {
        stdout::print_answer(&listed(&queries), format)?;
        return Ok(Ending::Well);
    };
    let query = found(name, &queries)?;
    let parameters = parameters(args)?;
    if args.explain {
        explain(query, &parameters, args, printer)?;
        return Ok(Ending::Well);
    }
    let store = open_to_read(args.store.db.as_deref(), &args.budget, printer)?;
    let limits = Limits { time: None, budget: args.budget.bytes()? };
    let answer = within(&store, limits, None, printer, || store.answer_query(query, &parameters))
        .map_err(|error| placed(error, name, args))?;
    store.close()?;
    if answer.is_empty() && !parameters.is_empty() {
        printer.note(&format!("no rows for {}", given(&parameters)));
    }
    print_rows(answer, format)?;
    Ok(Ending::Well)
}

/// Our questions, and behind them those of `--queries`, and what that folder holds beside them.
fn known(args: &QueryArgs) -> Result<QueryFolder> {
    let mut known = QueryFolder { queries: Store::named_queries().to_vec(), refused: Vec::new() };
    if let Some(folder) = &args.queries {
        let own = QueryFolder::read(folder)?;
        known.queries.extend(own.queries);
        known.refused = own.refused;
    }
    Ok(known)
}

/// What DuckDB says of one of the user's own questions, behind the name of its file.
fn placed(error: Error, name: &str, args: &QueryArgs) -> Error {
    let is_ours = Store::named_queries().iter().any(|query| query.name == name);
    match &args.queries {
        Some(folder) if !is_ours => error.behind(folder.join(format!("{name}.sql")).display()),
        _ => error,
    }
}

/// `run = last, top = 20`, of what was given.
fn given(parameters: &[(String, String)]) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    pairs.join(", ")
}

fn listed(queries: &[NamedQuery]) -> Table {
    Table {
        columns: ["name", "answers", "takes"].map(str::to_owned).to_vec(),
        rows: queries
            .iter()
            .map(|query| [query.name.clone(), query.answers.clone(), taken(query)].map(Cell::Text))
            .map(Vec::from)
            .collect(),
        ..Table::default()
    }
}

/// Prints what `query` means. Without a store, `last` stays a word.
fn explain(
    query: &NamedQuery,
    parameters: &[(String, String)],
    args: &QueryArgs,
    printer: Printer,
) -> Result<()> {
    let format = settings::format(args.output.format.as_deref())?;
    let explained = if StoreChoice::find(args.store.db.as_deref()).is_some() {
        let store = open_to_read(args.store.db.as_deref(), &args.budget, printer)?;
        let explained = store.explained(query, parameters)?;
        store.close()?;
        explained
    } else {
        query.explained(parameters)?
    };
    let takes = Some(taken(query)).filter(|takes| !takes.is_empty());
    let parts = [
        ("name", query.name.clone()),
        ("answers", query.answers.clone()),
        ("grain", query.grain.clone()),
        ("reads", query.reads.clone()),
        ("takes", takes.unwrap_or_else(|| "nothing".to_owned())),
        ("order", query.order.clone()),
        ("with", explained.with),
        ("sql", explained.statement),
    ];
    if format == Format::Table {
        return stdout::print(|out| {
            let (sql, header) = parts.split_last().unwrap_or((&parts[0], &[]));
            for (key, text) in header {
                writeln!(out, "-- {key}: {}", plain_text(text))?;
            }
            for line in sql.1.lines() {
                let parts: Vec<String> = line.split('\t').map(plain_text).collect();
                writeln!(out, "{}", parts.join("\t"))?;
            }
            Ok(())
        });
    }
    let table = Table {
        columns: parts.iter().map(|(key, _)| (*key).to_owned()).collect(),
        rows: vec![parts.into_iter().map(|(_, text)| Cell::Text(text)).collect()],
        ..Table::default()
    };
    stdout::print_answer(&table, format)
}

/// The parameters of a query with their defaults: `run = last, top = 20`.
fn taken(query: &NamedQuery) -> String {
    let taken: Vec<String> =
        query.takes.iter().map(|taken| format!("{} = {}", taken.name, taken.default)).collect();
    taken.join(", ")
}

fn found<'a>(name: &str, queries: &'a [NamedQuery]) -> Result<&'a NamedQuery> {
    queries.iter().find(|query| query.name == name).ok_or_else(|| {
        let names: Vec<&str> = queries.iter().map(|query| query.name.as_str()).collect();
        let meant = nearest(name, names.iter().copied())
            .map_or_else(String::new, |near| format!("did you mean {near}? "));
        Error::usage(format!("there is no query '{name}'"))
            .with_hint(format!("{meant}known: {}", names.join(", ")))
    })
}

/// `--param`, `--run` and `--top` as name and value; none twice.
fn parameters(args: &QueryArgs) -> Result<Vec<(String, String)>> {
    let mut parameters = Vec::new();
    for text in &args.parameters {
        let (name, value) =
            text.split_once('=').filter(|(name, _)| !name.trim().is_empty()).ok_or_else(|| {
                Error::usage(format!("--param {text}: not a name and a value"))
                    .with_hint("give NAME=VALUE, such as --param horizon=90")
            })?;
        parameters.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    for (name, value) in [("run", &args.run), ("top", &args.top)] {
        if let Some(value) = value {
            parameters.push((name.to_owned(), value.clone()));
        }
    }
    for (at, (name, _)) in parameters.iter().enumerate() {
        if parameters[..at].iter().any(|(earlier, _)| earlier == name) {
            return Err(Error::usage(format!("parameter {name} is given twice")));
        }
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::{QueryArgs, parameters};
    use crate::cli::{
        args::{OutputArg, StoreArg},
        limit_args::BudgetArg,
    };

    fn asked(parameters: &[&str], run: Option<&str>) -> QueryArgs {
        QueryArgs {
            name: None,
            parameters: parameters.iter().map(|&text| text.to_owned()).collect(),
            run: run.map(str::to_owned),
            top: None,
            explain: false,
            queries: None,
            store: StoreArg::default(),
            budget: BudgetArg::default(),
            output: OutputArg::default(),
        }
    }

    #[test]
    fn parameters_keep_what_follows_the_first_equals_sign() {
        let read = parameters(&asked(&["a=b=c", "horizon = 90"], Some("last~1"))).expect("read");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read, [pair("a", "b=c"), pair("horizon", "90"), pair("run", "last~1")]);
    }

    #[test]
    fn half_a_parameter_and_one_given_twice_are_refused() {
        for wrong in [asked(&["horizon"], None), asked(&["=5"], None), asked(&["run=1"], Some("2"))]
        {
            assert!(parameters(&wrong).expect_err("wrong").is_usage());
        }
    }
}
