//! `barline query`: the stored questions.

use super::{open_to_read, print_rows};
use crate::{
    cli::{args::QueryArgs, ending::Ending, printer::Printer, settings, stdout},
    domain::nearest,
    error::{Error, Result},
    store::{Cell, NamedQuery, Store, Table},
};

/// Answers one question, or lists them all.
pub(super) fn run(args: &QueryArgs, printer: Printer) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let Some(name) = &args.name else {
        stdout::print_answer(&listed(Store::named_queries()), format)?;
        return Ok(Ending::Well);
    };
    refuse_unknown(name, Store::named_queries())?;
    let parameters = parameters(args)?;
    let store = open_to_read(args.store.db.as_deref(), &args.budget, printer)?;
    let answer = store.answer(name, &parameters)?;
    store.close()?;
    print_rows(answer, format)?;
    Ok(Ending::Well)
}

fn listed(queries: &[NamedQuery]) -> Table {
    let text = |text: &str| Cell::Text(text.to_owned());
    Table {
        columns: ["name", "answers", "takes"].map(str::to_owned).to_vec(),
        rows: queries
            .iter()
            .map(|query| vec![text(query.name), text(query.answers), text(&taken(query))])
            .collect(),
        ..Table::default()
    }
}

/// The parameters of a query with their defaults: `run = last, top = 20`.
fn taken(query: &NamedQuery) -> String {
    let taken: Vec<String> =
        query.takes.iter().map(|taken| format!("{} = {}", taken.name, taken.default)).collect();
    taken.join(", ")
}

fn refuse_unknown(name: &str, queries: &[NamedQuery]) -> Result<()> {
    if queries.iter().any(|query| query.name == name) {
        return Ok(());
    }
    let names: Vec<&str> = queries.iter().map(|query| query.name).collect();
    let meant = nearest(name, names.iter().copied())
        .map_or_else(String::new, |near| format!("did you mean {near}? "));
    Err(Error::usage(format!("there is no query '{name}'"))
        .with_hint(format!("{meant}known: {}", names.join(", "))))
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
