//! What every number means: formula, unit, and when it is undefined.

use crate::{
    domain::Outcome,
    report::html::{
        glossary::{MEASURES, Term, WORDS},
        markup::Markup,
    },
    run::Account,
};

/// Every term, and every outcome.
pub(super) fn glossary(account: &Account) -> Markup {
    let mut out = Markup::default();
    out.paragraph(
        "Returns r are simple and per bar, the first from the capital; A is bars per year, n the number of scored bars. A \
         number that does not exist is undefined and never a zero.",
    );
    if account.is_screen() {
        list(&mut out, "Words", &WORDS);
        return out;
    }
    list(&mut out, "Measures of a job", &MEASURES);
    list(&mut out, "Other words", &WORDS);
    out.literal("<h3>Outcomes</h3><dl class=\"glossary\">");
    for outcome in Outcome::ALL {
        out.literal("<div>").element("dt", &[], outcome.name());
        out.element("dd", &[], outcome.meaning()).literal("</div>");
    }
    out.literal("</dl>");
    out
}

fn list(out: &mut Markup, title: &'static str, terms: &[Term]) {
    out.element("h3", &[], title).literal("<dl class=\"glossary\">");
    for term in terms {
        let (text, unit) = term.told();
        out.literal("<div>").open("dt", &[("id", &term.place())]).text(term.name.replace('_', " "));
        if !unit.is_empty() {
            out.element("span", &[("class", &"unit")], format_args!(" [{unit}]"));
        }
        out.close("dt").open("dd", &[]).text(text);
        if !term.formula.is_empty() {
            out.literal("<br>").element("code", &[], term.formula);
        }
        if !term.undefined.is_empty() {
            out.literal("<br>").element(
                "span",
                &[("class", &"quiet")],
                format_args!("undefined: {}", term.undefined),
            );
        }
        out.close("dd").literal("</div>");
    }
    out.literal("</dl>");
}
