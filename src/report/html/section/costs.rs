//! From gross to net profit: what each kind of cost took, as a waterfall.

use super::job::named;
use crate::{
    report::html::{
        chart::{Bar, Chart, Unit, bars},
        markup::Markup,
    },
    run::Account,
    store::Table,
};

/// Costs by column, with the sign they are stored with: 1 where a positive number was paid.
const COSTS: [(&str, f64); 8] = [
    ("commission", 1.0),
    ("slippage", 1.0),
    ("spread", 1.0),
    ("impact", 1.0),
    ("borrow", 1.0),
    ("financing", 1.0),
    ("funding", 1.0),
    ("dividend", -1.0),
];

/// The waterfall of the job that was asked for.
pub(super) fn costs(account: &Account) -> Option<Markup> {
    let detail = account.details.first()?;
    let steps = steps(&detail.job)?;
    let chart = Chart {
        name: "costs",
        title: "Cost waterfall",
        meaning: "Profit before costs, each cost taken off it, and what is left: final equity less capital, in quote \
                  currency. Costs are added back, the job is not simulated without them.",
        legend: &[],
        height: 0,
        room: "wide-labels",
    };
    let mut out = Markup::default();
    out.element("p", &[("class", &"about")], format_args!("{}.", named(detail)));
    out.append(&bars(&chart, Unit::Money, &steps));
    Some(out)
}

/// Gross profit, costs that are not zero, net profit; nothing for a job without measures.
fn steps(job: &Table) -> Option<Vec<Bar>> {
    let final_equity = job.number(0, "final_equity")?;
    let net = final_equity - capital(job)?;
    let paid: Vec<(&str, f64)> = (COSTS.iter())
        .map(|(name, sign)| (*name, sign * job.number(0, name).unwrap_or(0.0)))
        .collect();
    let gross = paid.iter().fold(net, |sum, (_, paid)| sum + paid);
    let bar = |label: &str, from: f64, to: f64, value: f64, class| Bar {
        label: label.to_owned(),
        from,
        to,
        value,
        class,
        is_cut: false,
    };
    let total = |value: f64| if value < 0.0 { "loss total" } else { "gain total" };
    let mut steps = vec![bar("profit before costs", 0.0, gross, gross, total(gross))];
    let mut at = gross;
    for (name, paid) in paid.into_iter().filter(|(_, paid)| *paid != 0.0) {
        let class = if paid > 0.0 { "loss" } else { "gain" };
        steps.push(bar(name, at, at - paid, -paid, class));
        at -= paid;
    }
    steps.push(bar("net profit", 0.0, net, net, total(net)));
    Some(steps)
}

/// The capital that the job's terms name.
fn capital(job: &Table) -> Option<f64> {
    let terms: serde_json::Value = serde_json::from_str(job.text(0, "parameters")).ok()?;
    terms.get("capital")?.as_f64()
}

#[cfg(test)]
mod tests {
    use super::steps;
    use crate::store::{Cell, Table};

    #[test]
    fn steps_lead_from_gross_to_net() {
        let columns = ["parameters", "final_equity", "commission", "slippage", "dividend"];
        let job = Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: vec![vec![
                Cell::Text("{\"capital\":1000}".into()),
                Cell::Float(1_100.0),
                Cell::Float(16.0),
                Cell::Float(0.0),
                Cell::Float(4.0),
            ]],
            ..Table::default()
        };
        let steps = steps(&job).expect("measures");
        let told: Vec<_> = steps.iter().map(|bar| (bar.label.as_str(), bar.from, bar.to)).collect();
        assert_eq!(
            told,
            [
                ("profit before costs", 0.0, 112.0),
                ("commission", 112.0, 96.0),
                ("dividend", 96.0, 100.0),
                ("net profit", 0.0, 100.0),
            ]
        );
    }
}
