//! The text of a configuration in which every key stands as a comment: what `barline init` writes.
//!
//! What a key means is the help of its flag, and what a strategy's parameter means its line in
//! `barline strategies`, so that this text is as true as they are.

use std::fmt::Write;

use clap::CommandFactory;

use super::{args::Args, cost_tables};
use crate::strategy;

/// What stands behind a key.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// Its default.
    Default(&'static str),
    /// There is no one default: a value as it could be.
    Example(&'static str),
}

use Value::{Default, Example};

/// The keys of the top, in the order of the help.
const KEYS: [(&str, Value); 34] = [
    ("multi_pair", Default("false")),
    ("quick", Default("false")),
    ("symbols", Example("[\"A\", \"B\"]")),
    ("strategies", Example("[\"cointegration\", \"hrp\"]")),
    ("signals", Example("\"signals.csv\"")),
    ("from_screen", Example("\"last\"")),
    ("sizes", Default("\"2..4,all\"")),
    ("max_combinations", Example("500")),
    ("ranks", Example("\"0..100\"")),
    ("seed", Default("1")),
    ("interval", Example("\"1h\"")),
    ("horizons", Default("[30, 90, 180, 365, 730]")),
    ("warmup_multiplier", Default("1.5")),
    ("as_of", Example("2024-01-01")),
    ("periods_per_year", Example("252")),
    ("capital", Default("10000")),
    ("commission_bps", Default("10")),
    ("slippage_bps", Default("5")),
    ("borrow_bps", Default("0")),
    ("fill", Example("\"next-close\"")),
    ("max_stale_bars", Default("24")),
    ("workers", Example("2")),
    ("max_workers", Example("4")),
    ("sequential", Default("false")),
    ("memory_budget", Example("\"2GiB\"")),
    ("memory_warn", Default("\"85%\"")),
    ("device", Default("\"auto\"")),
    ("vram_budget", Example("\"4GiB\"")),
    ("panel", Default("\"auto\"")),
    ("job_timeout", Example("60")),
    ("batch_jobs", Default("1000")),
    ("keep", Default("\"trades\"")),
    ("db", Example("\"barline.duckdb\"")),
    ("format", Default("\"table\"")),
];

const HEAD: &str = "\
# A configuration of Barline: 'barline backtest --config FILE' and 'barline audit --config FILE' read it.
#
# Every key there is stands here behind a '#': with its default, or, where there is no one default, with an
# example, which is said. What is typed wins over the environment, that over this file, and this file over
# the defaults. A key that does not exist, or has a value that it cannot have, is refused with its line.
";

const TABLES: &str = "
# What an instrument costs or allows where it is not like the others: a table for each.
# [instrument.\"SYMBOL\"]
# borrow_bps = 80  # example
# lot = 0.01  # example
";

/// The text.
pub(super) fn template() -> String {
    let mut text = HEAD.to_owned();
    let mut heading = None;
    for (key, value) in KEYS {
        let (own, help) = of_flag(key);
        if own != heading {
            let _ = write!(text, "\n# -- {}\n", own.as_deref().unwrap_or("Further"));
            heading = own;
        }
        let _ = write!(text, "\n# {help}\n");
        let _ = match value {
            Default(value) => writeln!(text, "# {key} = {value}"),
            Example(value) => writeln!(text, "# {key} = {value}  # example"),
        };
    }
    text.push_str("\n# -- Costs, limits and rules: docs/simulation.md has the formula of each\n");
    for (table, terms) in cost_tables::tables() {
        let _ = write!(text, "\n# [{table}]\n");
        for (name, default) in terms {
            let _ = match default {
                Some(value) => writeln!(text, "# {name} = {value}"),
                None => writeln!(text, "# {name} = {}  # example; it is off", example_of(name)),
            };
        }
    }
    text.push_str(TABLES);
    text.push_str("\n# -- Parameters of the strategies\n");
    for card in strategy::catalogue() {
        if card.parameters.is_empty() {
            continue;
        }
        let _ = write!(text, "\n# {}\n# [strategy.{}]\n", card.answers, card.name);
        for parameter in card.parameters {
            let strategy::Parameter { name, default, unit, meaning } = *parameter;
            let unit = if unit.is_empty() { String::new() } else { format!(" [{unit}]") };
            let _ = match literal(default) {
                Some(value) => writeln!(text, "# {name} = {value}  # {meaning}{unit}"),
                None => writeln!(text, "# {name}: {meaning}{unit}; default: {default}"),
            };
        }
    }
    text
}

/// Heading and help of the flag of `backtest` that `key` stands for.
fn of_flag(key: &str) -> (Option<String>, String) {
    let command = Args::command();
    let backtest = command.find_subcommand("backtest");
    let flag = backtest.and_then(|it| it.get_arguments().find(|flag| flag.get_id() == key));
    let heading = flag.and_then(|flag| flag.get_help_heading()).map(str::to_owned);
    let help = flag.and_then(|flag| flag.get_help()).map(ToString::to_string);
    (heading, help.unwrap_or_default())
}

/// A default of a strategy's parameter as a value; `None` where it is said in words.
fn literal(default: &str) -> Option<String> {
    if default.parse::<f64>().is_ok() {
        return Some(default.to_owned());
    }
    let is_name = !default.contains(' ') && !default.contains('\'');
    is_name.then(|| format!("\"{default}\""))
}

fn example_of(name: &str) -> &'static str {
    match name {
        "time_stop_bars" => "48",
        "lot" | "tick" => "0.01",
        "gross_leverage_cap" | "net_leverage_cap" => "2",
        "maintenance_margin" => "0.25",
        _ => "0.05",
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Args, Default, KEYS, of_flag, template};
    use crate::cli::{config_keys::Keys, config_text::ConfigText};

    #[test]
    fn defaults_are_those_of_the_help() {
        for (key, value) in KEYS {
            let (heading, help) = of_flag(key);
            assert!(heading.is_some() && !help.is_empty(), "{key}");
            let Default(value) = value else { continue };
            let plain = value.replace(['"', '[', ']', ' '], "");
            let said = format!("[default: {plain}]");
            assert!(help.contains(&said) || value == "false", "{key}: {help}");
        }
    }

    #[test]
    fn every_flag_of_a_run_is_a_key() {
        let command = Args::command();
        let backtest = command.find_subcommand("backtest").expect("a command");
        let ids = backtest.get_arguments().map(|flag| flag.get_id().as_str());
        // What to do with a run now is no part of what it is.
        let others = ["dry_run", "fresh", "config", "help"];
        for id in ids.filter(|id| !others.contains(id)) {
            assert!(KEYS.iter().any(|(key, _)| *key == id), "{id}");
        }
    }

    #[test]
    fn every_line_is_a_comment_and_every_key_is_read() {
        let text = template();
        assert!(text.lines().all(|line| line.is_empty() || line.starts_with('#')));
        let mut live = String::new();
        for line in text.lines().filter_map(|line| line.strip_prefix("# ")) {
            let is_key = line
                .split_once(" = ")
                .is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            if is_key || line.starts_with('[') {
                live += line;
                live.push('\n');
            }
        }
        let keys: Keys = ConfigText::of("template", &live).parsed().expect("every key is known");
        keys.strategy.check().expect("every parameter has a value it may have");
        assert_eq!(live.matches(" = ").count(), text.matches(" = ").count(), "{live}");
    }
}
