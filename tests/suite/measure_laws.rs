//! Every public measure: over hostile numbers, over degenerate records, and its bits.
//!
//! One list runs them all, and a test compares it with the source, so that a new measure cannot be
//! forgotten. Hostile: no values, one, two, constant ones, gaps, infinities, equity of a billion and
//! of a millionth, arguments that make no sense. A measure answers with a finite number or with
//! none.

mod bits;
mod degenerate;

use std::{collections::BTreeSet, fs, path::Path};

use barline::measure;
use proptest::prelude::*;

/// What the measures look at.
#[derive(Debug, Clone)]
struct Subject {
    returns: Vec<f64>,
    benchmark: Vec<f64>,
    equity: Vec<f64>,
    profits: Vec<f64>,
    capital: f64,
    year: f64,
    tail: f64,
    threshold: f64,
}

/// A measure and what it says; after its name, which part of the answer.
type Named = Vec<(&'static str, Option<f64>)>;

impl Subject {
    /// A record with these returns of a capital, beside a benchmark.
    fn of(returns: Vec<f64>, benchmark: Vec<f64>, capital: f64) -> Self {
        let mut value = capital;
        let growth = returns.iter().map(|step| {
            value *= 1.0 + step;
            value
        });
        let equity: Vec<f64> = growth.collect();
        let profits = returns.iter().map(|step| step * capital).collect();
        let (year, tail, threshold) = (252.0, 0.05, 0.001);
        Self { returns, benchmark, equity, profits, capital, year, tail, threshold }
    }

    fn measures(&self) -> Named {
        [
            self.of_returns(),
            self.beside(),
            self.of_equity(),
            self.of_profits(),
            self.of_rebalancing(),
        ]
        .concat()
    }

    fn of_returns(&self) -> Named {
        let (r, year, tail) = (self.returns.as_slice(), self.year, self.tail);
        vec![
            ("autocorrelation_penalty", measure::autocorrelation_penalty(r)),
            ("downside_deviation", measure::downside_deviation(r, self.threshold, year)),
            ("excess_returns", column(&measure::excess_returns(r, self.threshold))),
            ("expected_shortfall_historical", measure::expected_shortfall_historical(r, tail)),
            ("expected_shortfall_lowest", measure::expected_shortfall_lowest(r, tail)),
            ("expected_shortfall_normal", measure::expected_shortfall_normal(r, tail)),
            ("gain_to_pain", measure::gain_to_pain(r)),
            ("geometric_mean", measure::geometric_mean(r)),
            ("kurtosis_excess", measure::kurtosis_excess(r)),
            ("kurtosis_raw", measure::kurtosis_raw(r)),
            ("kurtosis_sample", measure::kurtosis_sample(r)),
            ("lower_partial_moment", measure::lower_partial_moment(r, self.threshold, 3)),
            ("mean_absolute_deviation", measure::mean_absolute_deviation(r)),
            ("omega", measure::omega(r, self.threshold)),
            ("sharpe", measure::sharpe(r, year)),
            ("skewness", measure::skewness(r)),
            ("skewness_biased", measure::skewness_biased(r)),
            ("sortino", measure::sortino(r, year)),
            ("stability", measure::stability(r)),
            ("tail_ratio", measure::tail_ratio(r, tail)),
            ("upper_partial_moment", measure::upper_partial_moment(r, self.threshold, 3)),
            ("value_at_risk_historical", measure::value_at_risk_historical(r, tail)),
            ("value_at_risk_normal", measure::value_at_risk_normal(r, tail)),
            ("volatility", measure::volatility(r, year)),
        ]
    }

    fn beside(&self) -> Named {
        let (r, b, year) = (self.returns.as_slice(), self.benchmark.as_slice(), self.year);
        let greeks = measure::alpha_beta(r, b, year);
        vec![
            ("alpha_beta: beta", greeks.map(|found| found.beta)),
            ("alpha_beta: alpha_per_period", greeks.map(|found| found.alpha_per_period)),
            ("alpha_beta: alpha_annual", greeks.map(|found| found.alpha_annual)),
            ("alpha_beta: alpha_compounded", greeks.map(|found| found.alpha_compounded)),
            ("down_capture", measure::down_capture(r, b, year)),
            ("information_ratio", measure::information_ratio(r, b)),
            ("tracking_error", measure::tracking_error(r, b, year)),
            ("up_capture", measure::up_capture(r, b, year)),
            ("up_down_capture", measure::up_down_capture(r, b, year)),
        ]
    }

    fn of_equity(&self) -> Named {
        let (equity, capital, year) = (self.equity.as_slice(), self.capital, self.year);
        let rows = |count: usize| count as f64;
        let dates = measure::drawdown_dates(equity, capital);
        let depths = measure::drawdowns(equity, capital);
        let (rate, depth) =
            (measure::cagr(equity, capital, year), measure::max_drawdown(equity, capital));
        let ulcer = measure::ulcer_index(equity, capital);
        let longest = measure::longest_under_water(equity, capital);
        let traded = 3.0 * capital;
        vec![
            ("cagr", rate),
            ("calmar", measure::calmar(rate, depth)),
            ("drawdown_dates: peak", dates.map(|found| rows(found.peak))),
            ("drawdown_dates: trough", dates.map(|found| rows(found.trough))),
            ("drawdowns", depths.and_then(|depths| column(&depths))),
            ("exposure", Some(measure::exposure(equity.len() as u64 / 2, equity.len()))),
            ("longest_under_water", longest.map(rows)),
            ("martin_ratio", measure::martin_ratio(rate, ulcer)),
            ("max_drawdown", depth),
            ("pain_index", measure::pain_index(equity, capital)),
            (
                "recovery_factor_quantstats",
                measure::recovery_factor_quantstats(&self.returns, depth),
            ),
            ("returns", column(&measure::returns(equity, capital))),
            ("share_under_water", measure::share_under_water(equity, capital)),
            ("total_return", measure::total_return(equity, capital)),
            ("turnover_annual", measure::turnover_annual(equity, traded, year)),
            ("ulcer_index", ulcer),
            ("ulcer_index_quantstats", measure::ulcer_index_quantstats(equity, capital)),
        ]
    }

    fn of_profits(&self) -> Named {
        let (p, bets) = (self.profits.as_slice(), self.profits.len());
        let wins = measure::win_rate(p);
        vec![
            ("d_ratio", measure::d_ratio(p)),
            ("expectancy", measure::expectancy(p)),
            ("kelly", measure::kelly(p)),
            ("payoff_ratio", measure::payoff_ratio(p)),
            ("profit_factor", measure::profit_factor(p)),
            (
                "risk_of_ruin_quantstats",
                wins.and_then(|wins| measure::risk_of_ruin_quantstats(wins, bets)),
            ),
            ("win_rate", wins),
            ("win_rate_decided", measure::win_rate_decided(p)),
        ]
    }

    fn of_rebalancing(&self) -> Named {
        let (r, b) = (self.returns.as_slice(), self.benchmark.as_slice());
        let rule = measure::Rebalancing { target: vec![0.5, 0.5], every: 3, cost: self.threshold };
        let found = measure::rebalance(&[r, b], &rule);
        let of = |part: fn(&measure::Rebalanced) -> Option<f64>| found.as_ref().and_then(part);
        let annual = found.as_ref().and_then(|found| found.turnover_annual_one_sided(self.year));
        let shape = measure::skewness_biased(r).zip(measure::kurtosis_raw(r));
        let ratio = measure::sharpe(r, self.year).zip(shape);
        vec![
            (
                "adjusted_sharpe",
                ratio.and_then(|(ratio, (s, k))| measure::adjusted_sharpe(ratio, s, k - 3.0)),
            ),
            ("mean_turnover_after_first", of(measure::Rebalanced::mean_turnover_after_first)),
            ("rebalance", of(|found| column(&found.equity))),
            ("risk_free_per_period", measure::risk_free_per_period(self.threshold, self.year)),
            ("turnover_annual_one_sided", annual),
            ("turnover_two_sided", of(measure::Rebalanced::turnover_two_sided)),
            ("weight_turnover", measure::weight_turnover(r, b)),
        ]
    }

    /// The measures that have no value.
    fn undefined(&self) -> Vec<&'static str> {
        let named = self.measures().into_iter();
        named.filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect()
    }
}

/// The last number of a column; none where one is NaN, and the infinity where one is infinite.
fn column(values: &[f64]) -> Option<f64> {
    let infinite = values.iter().find(|value| value.is_infinite());
    let known = values.iter().all(|value| !value.is_nan());
    infinite.or(values.last().filter(|_| known)).copied()
}

/// Numbers between -1/40 and 1/40 from whole-number arithmetic: the same bits everywhere.
fn ordinary(rows: u32, k: u32) -> Vec<f64> {
    (0..rows).map(|t| f64::from((t * t * k + 13 * t) % 101) / 2020.0 - 0.025).collect()
}

fn regular() -> Subject {
    Subject::of(ordinary(160, 7), ordinary(160, 29), 100_000.0)
}

/// A public function of the floor, and the lines of its doc comment.
struct Written {
    name: String,
    doc: String,
    method: bool,
}

fn written() -> Vec<Written> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/measure");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the floor") {
        let path = entry.expect("a file").path();
        if !path.ends_with("mod.rs") {
            found.extend(functions_of(&fs::read_to_string(&path).expect("a text")));
        }
    }
    found
}

fn functions_of(text: &str) -> Vec<Written> {
    let (mut found, mut doc) = (Vec::new(), String::new());
    for line in text.lines() {
        let code = line.trim_start();
        if let Some(words) = code.strip_prefix("///") {
            doc = doc + words.trim_start() + "\n";
        } else if let Some((name, _)) = code.strip_prefix("pub fn ").and_then(|c| c.split_once('('))
        {
            let (name, doc) = (name.to_owned(), std::mem::take(&mut doc));
            found.push(Written { name, doc, method: line.starts_with(' ') });
        } else if !code.starts_with("#[") {
            doc.clear();
        }
    }
    found
}

#[test]
fn every_public_measure_is_on_the_list() {
    let written: BTreeSet<String> = written().into_iter().map(|function| function.name).collect();
    let listed: BTreeSet<String> = regular()
        .measures()
        .iter()
        .filter_map(|(name, _)| name.split(':').next().map(str::to_owned))
        .collect();
    assert!(written.len() > 50, "the source was not read");
    assert_eq!(written, listed);
}

#[test]
fn every_public_measure_has_an_example_and_a_reference() {
    let complete = |function: &Written| {
        let has = |heading: &str| function.doc.lines().any(|line| line == heading);
        has("# Example") && (function.method || has("# References"))
    };
    let bare: Vec<String> =
        written().into_iter().filter(|f| !complete(f)).map(|f| f.name).collect();
    assert_eq!(bare, Vec::<String>::new());
    let text = "/// # Example\n\n/// Words.\n/// # References\n#[expect(x)]\npub fn one(x: f64) {";
    assert!(!complete(&functions_of(text)[0]), "a doc comment ends at a blank line");
}

#[test]
fn an_ordinary_record_has_every_measure() {
    assert_eq!(regular().undefined(), Vec::<&str>::new());
}

/// Numbers that ordinary code does not expect.
fn hostile_number() -> impl Strategy<Value = f64> {
    let numbers = vec![
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        -f64::MAX,
        5e-324,
        f64::EPSILON,
        0.0,
        -0.0,
        -1.0,
        1.0,
    ];
    prop::sample::select(numbers)
}

fn hostile_column() -> impl Strategy<Value = Vec<f64>> {
    let plain = prop::collection::vec(-1.0..1.0_f64, 0..40);
    let rough = prop_oneof![8 => -1.0..1.0_f64, 1 => hostile_number()];
    prop_oneof![
        plain.clone(),
        plain.clone().prop_map(|x| x.iter().map(|v| 1e9 * (1.0 + v)).collect()),
        plain.prop_map(|x| x.iter().map(|v| 1e-6 * (1.0 + v)).collect()),
        (hostile_number(), 0..40_usize).prop_map(|(value, rows)| vec![value; rows]),
        prop::collection::vec(rough, 0..40),
        prop::collection::vec(hostile_number(), 0..4),
    ]
}

prop_compose! {
    fn hostile_subject()(
        returns in hostile_column(), other in hostile_column(), same in any::<bool>(),
        equity in hostile_column(), profits in hostile_column(),
        capital in prop_oneof![1e-6..1e9_f64, hostile_number()],
        year in prop_oneof![1.0..1e6_f64, hostile_number()],
        tail in prop_oneof![0.0..1.0_f64, hostile_number()],
        threshold in prop_oneof![-0.1..0.1_f64, hostile_number()],
    ) -> Subject {
        // As many rows as the returns have: measures refuse anything else at the door.
        let rows = returns.len();
        let other = if other.is_empty() || same { returns.clone() } else { other };
        let benchmark = other.into_iter().cycle().take(rows).collect();
        Subject { returns, benchmark, equity, profits, capital, year, tail, threshold }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn law_a_measure_is_a_finite_number_or_none(subject in hostile_subject()) {
        for (name, value) in subject.measures() {
            prop_assert!(value.is_none_or(f64::is_finite), "{}: {:?}", name, value);
        }
        if let Some(dates) = measure::drawdown_dates(&subject.equity, subject.capital) {
            let rows = subject.equity.len();
            prop_assert!(dates.peak < dates.trough && dates.trough <= rows);
            prop_assert!(dates.recovery.is_none_or(|row| row > dates.trough && row <= rows));
        }
    }

    #[test]
    fn law_what_is_no_number_leaves_nothing_defined(
        hostile in prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ) {
        let mut subject = regular();
        for column in [&mut subject.returns, &mut subject.equity, &mut subject.profits] {
            column.push(hostile);
        }
        subject.benchmark.push(0.01);
        let all = subject.measures().into_iter().map(|(name, _)| name);
        let expected: Vec<&str> =
            all.filter(|name| !["exposure", "risk_free_per_period"].contains(name)).collect();
        prop_assert_eq!(subject.undefined(), expected);
    }

    #[test]
    fn law_the_unit_of_money_reaches_no_measure(exponent in -40..40_i32) {
        let (unit, regular) = (2.0_f64.powi(exponent), regular());
        let scaled = |values: &[f64]| values.iter().map(|value| value * unit).collect();
        let other = Subject {
            equity: scaled(&regular.equity), profits: scaled(&regular.profits),
            capital: regular.capital * unit, ..regular.clone()
        };
        for ((name, one), (_, two)) in regular.measures().into_iter().zip(other.measures()) {
            let two = if name == "expectancy" { two.map(|value| value / unit) } else { two };
            prop_assert_eq!(one, two, "{}", name);
        }
    }
}

#[test]
fn arguments_that_make_no_sense_leave_their_measures_undefined() {
    let annual = "downside_deviation sharpe sortino volatility alpha_beta: beta \
        alpha_beta: alpha_per_period alpha_beta: alpha_annual alpha_beta: alpha_compounded \
        down_capture tracking_error up_capture up_down_capture cagr calmar martin_ratio \
        turnover_annual adjusted_sharpe risk_free_per_period turnover_annual_one_sided";
    for year in [0.0, -252.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Subject { year, ..regular() }.undefined().join(" "), annual, "{year}");
    }
    let tails = "expected_shortfall_historical expected_shortfall_lowest \
        expected_shortfall_normal tail_ratio value_at_risk_historical value_at_risk_normal";
    for tail in [1.5, -0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(Subject { tail, ..regular() }.undefined().join(" "), tails, "{tail}");
    }
    // The ends are quantiles, but no point of a normal distribution.
    for tail in [0.0, 1.0] {
        let found = Subject { tail, ..regular() }.undefined().join(" ");
        assert_eq!(found, "expected_shortfall_normal value_at_risk_normal", "{tail}");
    }
    let thresholds = "downside_deviation excess_returns lower_partial_moment omega \
        upper_partial_moment mean_turnover_after_first rebalance risk_free_per_period \
        turnover_annual_one_sided turnover_two_sided";
    for threshold in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let found = Subject { threshold, ..regular() }.undefined().join(" ");
        assert_eq!(found, thresholds, "{threshold}");
    }
    let paths = "cagr calmar drawdown_dates: peak drawdown_dates: trough drawdowns \
        longest_under_water martin_ratio max_drawdown pain_index recovery_factor_quantstats \
        share_under_water total_return ulcer_index ulcer_index_quantstats";
    for capital in [0.0, -1.0] {
        let found = Subject { capital, ..regular() }.undefined().join(" ");
        assert_eq!(found, paths, "{capital}");
    }
}
