//! The copula method: fits of a pair's returns, and the conditionals that the rule adds up.
//!
//! # Fit
//! Returns between consecutive common bars of the formation window; a copula of the family asked for,
//! by Kendall's tau ([`fit_copula`]). Accepted if `tau >= min_tau`: with a negative tau equal money long
//! and short hedges nothing.
//!
//! # Conditionals
//! At row `t` each leg's return is ranked among its last `rank_bars` returns, its own included
//! ([`rolling_pseudo_observations`]); by default as many as the formation window has. Logarithmic
//! returns have the ranks of simple ones.

use super::{CopulaParameters, rule::signals_of};
use crate::{
    stats::{Copula, CopulaFamily, fit_copula, rolling_pseudo_observations},
    strategy::pairs::{
        CommonRows, FittedWindow, Formation, HedgeSizing, LegNotional, Lots, PairLegs, PairMethod,
        PairSignal, PairSizing, Pairs, SpreadModel, Verdict, WindowFit,
    },
};

/// Pairs traded on the cumulative mispricing indices of a copula, over every pair inside a
/// combination.
pub type CopulaPairs = Pairs<CopulaParameters>;

impl PairMethod for CopulaParameters {
    /// A signal every 28 bars.
    const SIGNAL_BYTES_PER_BAR: u64 = 2;
    /// Most pairs are not accepted: 230 were measured over all of them, 26 over those that are.
    const HANDS_ON_FITS: bool = false;
    const BARS_PER_TRADE: u64 = 128;

    type Model = Copula;

    /// As much money long as short.
    fn sizing(&self) -> PairSizing {
        let notional = LegNotional::ShareOfEquity { gross_leverage: self.gross_leverage };
        PairSizing { notional, hedge: HedgeSizing::Dollar, lots: Lots::Fractional }
    }

    fn fit(&self, formation: &Formation<'_>) -> Verdict<Copula> {
        let none = Verdict { record: None, tau: None, model: None };
        if formation.ts.len() < formation.needed_bars {
            return none;
        }
        let [first, second] = formation.logs.map(differences);
        // Every family has the same tau, and the Gaussian is the cheapest to fit.
        let Ok(plain) = fit_copula(CopulaFamily::Gaussian, &first, &second) else { return none };
        let measured = Verdict { tau: Some(plain.tau), ..none };
        let ranked = self.rank_bars.is_none_or(|bars| bars as usize <= first.len());
        if plain.tau < self.min_tau || !ranked {
            return measured;
        }
        let copula = match self.family {
            CopulaFamily::Gaussian => Some(plain.copula),
            family @ CopulaFamily::StudentT => {
                fit_copula(family, &first, &second).ok().map(|fit| fit.copula)
            }
        };
        Verdict { model: copula, ..measured }
    }

    /// No line: equal money in both legs.
    fn window_fit(&self, _: &Copula) -> WindowFit {
        let model = SpreadModel { alpha: 0.0, beta: 1.0, mean: 0.0, sd: 1.0 };
        WindowFit { model, flipped: false }
    }

    fn signals(&self, rows: &CommonRows, windows: &[FittedWindow<Copula>]) -> Vec<PairSignal> {
        let mut found = Vec::new();
        for (number, window) in windows.iter().enumerate() {
            let Some(copula) = &window.model else { continue };
            let Some(ranks) = self.ranks(rows, window) else { continue };
            // The first return of the formation window ends at its second row.
            let first_return = window.formation.start + 1;
            let conditionals = |row: usize| {
                let [u, v] = [0, 1].map(|leg: usize| ranks[leg][row - first_return]);
                let (u, v) = u.zip(v)?;
                Some([copula.conditional(u, v)?, copula.conditional(v, u)?])
            };
            let after = |row: usize| rows.rows_after(row);
            let rule = self.rule();
            found.extend(signals_of(number, window.rows.clone(), &rule, &after, conditionals));
        }
        found
    }

    /// What is tested is dependence: the largest tau met, or what came before it or after.
    fn why_none(&self, pairs: &[PairLegs]) -> String {
        let least = self.min_tau;
        match pairs.iter().filter_map(|pair| pair.script.tau).reduce(f64::max) {
            None => ": no formation window could be fitted".to_owned(),
            Some(tau) if tau < least => {
                let most = "too little dependence, Kendall's tau at most";
                format!(": {most} {tau:.4}, below min_tau = {least}")
            }
            Some(_) => ": rank_bars above the returns of the formation window".to_owned(),
        }
    }
}

impl CopulaParameters {
    /// Pseudo-observations of both legs' returns from the start of a window's formation on.
    fn ranks(
        &self,
        rows: &CommonRows,
        window: &FittedWindow<Copula>,
    ) -> Option<[Vec<Option<f64>>; 2]> {
        let span = window.formation.start..window.rows.end;
        let formed = window.formation.len().saturating_sub(1);
        let among = self.rank_bars.map_or(formed, |bars| bars as usize);
        let [first, second] = [&rows.logs[0], &rows.logs[1]]
            .map(|logs| rolling_pseudo_observations(&differences(&logs[span.clone()]), among));
        Some([first.ok()?, second.ok()?])
    }
}

/// Returns in log points.
fn differences(logs: &[f64]) -> Vec<f64> {
    logs.windows(2).map(|pair| pair[1] - pair[0]).collect()
}
