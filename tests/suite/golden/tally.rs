//! What became of the cases of one case file.

use std::{
    any::Any,
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{
    case::{Case, Family},
    check::{Check, Verdict},
    completeness::not_compared,
    families,
    manifest::Listed,
};

/// Counts of a case file and what went wrong in it.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) name: String,
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) fragile: usize,
    pub(super) not_covered: usize,
    /// Values that rounding decides, in cases that were compared.
    pub(super) excused: usize,
    pub(super) worst: f64,
    /// The case of the worst relative error.
    pub(super) worst_case: String,
    pub(super) failures: Vec<String>,
}

impl Tally {
    /// A case file that cannot be run, and why.
    pub(super) fn of_nothing(name: &str, reason: String) -> Self {
        Self { name: name.to_owned(), failures: vec![reason], ..Self::default() }
    }

    /// Runs every case.
    pub(super) fn of(family: &Family) -> Self {
        let mut tally = Self { name: family.name().to_owned(), ..Self::default() };
        let mut ids = BTreeSet::new();
        for case in family.cases() {
            if !ids.insert(case.id()) {
                tally.failures.push(format!("{}: the id stands twice", case.id()));
            }
            tally.add(&case);
        }
        if tally.cases() == 0 {
            tally.failures.push("holds no cases".to_owned());
        }
        tally
    }

    fn add(&mut self, case: &Case) {
        match catch_unwind(AssertUnwindSafe(|| families::check(case))) {
            Ok(Verdict::NotCovered) => {
                self.not_covered += 1;
                self.failures.push(format!("{}: not covered", case.id()));
            }
            Err(payload) => {
                self.failed += 1;
                let said = message(payload.as_ref());
                self.failures.push(format!("{}: panicked: {said}", case.id()));
            }
            // The one place that asks: what rounding decides is run, not compared.
            Ok(Verdict::Checked(_)) if case.is_fragile() => self.fragile += 1,
            Ok(Verdict::Checked(check)) => self.count(case, check),
        }
    }

    fn count(&mut self, case: &Case, check: Check) {
        let left = not_compared(case, &check);
        self.excused += check.excused;
        let mut reasons = check.failures;
        reasons.extend(left.into_iter().map(|path| format!("{path} is not compared")));
        if reasons.is_empty() {
            self.passed += 1;
            if check.worst > self.worst {
                (self.worst, self.worst_case) = (check.worst, case.id());
            }
        } else {
            self.failed += 1;
            self.failures.push(format!("{}: {}", case.id(), reasons.join("; ")));
        }
    }

    /// Number of cases met.
    pub(super) fn cases(&self) -> usize {
        self.passed + self.failed + self.fragile + self.not_covered
    }

    /// Fails where fewer cases were compared than the manifest lists, less the fragile ones.
    pub(super) fn hold_against(&mut self, listed: &Listed, family: &Family) {
        let compared = self.passed + self.failed;
        if compared + self.fragile < listed.cases {
            let fragile = self.fragile;
            self.failures.push(format!(
                "{compared} cases compared and {fragile} fragile of {} listed",
                listed.cases
            ));
        }
        let ids: BTreeSet<String> = family.cases().map(|case| case.id()).collect();
        let missing = listed.ids.iter().filter(|id| !ids.contains(*id));
        self.failures.extend(missing.map(|id| format!("{id}: listed in the manifest, not there")));
    }

    /// The family's line of the report.
    pub(super) fn line(&self) -> String {
        format!(
            "{:30} {:4} cases {:4} passed {:3} failed {:3} fragile {:3} not covered {:4} values decided by rounding  worst {:.1e} {}",
            self.name,
            self.cases(),
            self.passed,
            self.failed,
            self.fragile,
            self.not_covered,
            self.excused,
            self.worst,
            self.worst_case
        )
    }
}

/// What a panic said.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "without words".to_owned())
}
