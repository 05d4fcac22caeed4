//! One fit of one pair on one formation window: the test, the half-life, the verdict.
//!
//! A pair whose p-value is far above the largest accepted one leaves a record that says so, without
//! figures: most pairs of a universe are of this kind, and the kernel may rule them out unseen.

use crate::{
    domain::{FitRecord, JobKey, Timestamp},
    stats::{self, Dependent, PairTest},
};

use super::{
    CointegrationParameters, HedgeRatio, PairScreen, SpreadModel, WindowFit, method::Formation,
};

/// What a trading window of a cointegrated pair trades on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::strategy) struct PairModel {
    /// The spread as it stands at the end of the formation window.
    pub(super) fit: WindowFit,
    /// Variance (ddof 1) of the residuals of the regression that was tested.
    pub(super) residual_variance: f64,
    /// Bars that the formation window nominally holds.
    pub(super) nominal_bars: f64,
}

/// Fits a pair. The record is kept in every case; the model only if the pair is accepted.
pub(super) fn fit(
    formation: &Formation<'_>,
    parameters: &CointegrationParameters,
) -> (FitRecord, Option<PairModel>) {
    let mut record = blank(formation, parameters);
    let bars = formation.ts.len();
    if bars < formation.needed_bars {
        record.reason = Some(format!("needed {} bars, given {bars}", formation.needed_bars));
        return (record, None);
    }
    let far = || Some(format!("p above {}", parameters.far()));
    if formation.is_ruled_out {
        record.reason = far();
        return (record, None);
    }
    let [first, second] = formation.logs;
    match stats::test_pair(first, second, PairScreen::TREND, parameters.lag.rule()) {
        Ok(test) if test.p_value > parameters.far() => {
            record.reason = far();
            (record, None)
        }
        Ok(test) => {
            let accepted = judge(&mut record, &test, formation, parameters);
            (record, accepted)
        }
        Err(refusal) => {
            record.reason = Some(refusal.to_string());
            (record, None)
        }
    }
}

/// Completes the record and decides: `p <= alpha` and a half-life within its bounds, both of the
/// regression that was tested. The line of another hedge ratio replaces its line only then.
fn judge(
    record: &mut FitRecord,
    test: &PairTest,
    formation: &Formation<'_>,
    parameters: &CointegrationParameters,
) -> Option<PairModel> {
    let flipped = test.dependent == Dependent::Second;
    if flipped {
        std::mem::swap(&mut record.symbol_y, &mut record.symbol_x);
    }
    let spread = &test.chosen.residuals;
    let (beta, alpha) = (test.chosen.params[0], test.chosen.params[1]);
    let half_life = stats::exact_half_life(spread);
    let mean = stats::mean(spread)?;
    let sd = stats::standard_deviation(spread, 1)?;
    record.statistic = Some(test.chosen.statistic);
    record.p_value = Some(test.p_value);
    record.lag_bars = u32::try_from(test.chosen.lag).ok();
    record.beta = Some(beta);
    record.alpha = Some(alpha);
    record.half_life_bars = half_life.filter(|bars| bars.is_finite());
    record.spread_sd = Some(sd);
    record.reason = refuse(test.p_value, half_life, formation, parameters);
    if record.reason.is_some() {
        return None;
    }
    let residual_variance = sd * sd;
    let model = if parameters.hedge == HedgeRatio::Ols {
        SpreadModel { alpha, beta, mean, sd }
    } else {
        let [first, second] = formation.logs;
        let legs = if flipped { [second, first] } else { [first, second] };
        match parameters.line(legs, residual_variance, formation.nominal_bars) {
            Ok(model) => model,
            Err(reason) => {
                record.reason = Some(reason);
                return None;
            }
        }
    };
    record.beta = Some(model.beta);
    record.alpha = Some(model.alpha);
    record.spread_sd = Some(model.sd);
    record.accepted = true;
    let fit = WindowFit { model, flipped };
    Some(PairModel { fit, residual_variance, nominal_bars: formation.nominal_bars })
}

fn refuse(
    p_value: f64,
    half_life: Option<f64>,
    formation: &Formation<'_>,
    parameters: &CointegrationParameters,
) -> Option<String> {
    if p_value > parameters.alpha {
        return Some(format!("p {p_value:.4} above alpha {}", parameters.alpha));
    }
    let admitted = parameters.half_life_bounds().admit(half_life, formation.ts.len());
    admitted.err().map(|refusal| refusal.to_string())
}

fn blank(formation: &Formation<'_>, parameters: &CointegrationParameters) -> FitRecord {
    let [first, second] = formation.symbols;
    FitRecord {
        key: key(formation, parameters),
        horizon_days: formation.horizon_days,
        refit: formation.refit,
        symbol_y: first.to_owned(),
        symbol_x: second.to_owned(),
        formation_start: Timestamp(formation.span.0),
        formation_end: Timestamp(formation.span.1),
        bars: u32::try_from(formation.ts.len()).unwrap_or(u32::MAX),
        statistic: None,
        p_value: None,
        lag_bars: None,
        beta: None,
        alpha: None,
        half_life_bars: None,
        spread_sd: None,
        accepted: false,
        reason: None,
    }
}

/// Identity of a fit: the pair, the rules, the window and the closes in it.
fn key(formation: &Formation<'_>, parameters: &CointegrationParameters) -> JobKey {
    let mut hasher = blake3::Hasher::new();
    let rules = format!(
        "{}\0{}\0{}\0{}\0{:?}\0{}\0{}\0{}\0{}\0near",
        formation.symbols[0],
        formation.symbols[1],
        formation.horizon_days,
        formation.refit,
        parameters.lag,
        parameters.alpha,
        parameters.min_half_life_bars,
        parameters.max_half_life_frac,
        crate::domain::NUMERIC_VERSION,
    );
    hasher.update(rules.as_bytes());
    if parameters.hedge != HedgeRatio::Ols {
        hasher.update(parameters.hedge_terms().as_bytes());
    }
    hasher.update(&formation.span.0.to_le_bytes());
    hasher.update(&formation.span.1.to_le_bytes());
    let mut bytes = Vec::with_capacity(formation.ts.len() * 8);
    bytes.extend(formation.ts.iter().flat_map(|ts| ts.to_le_bytes()));
    hasher.update(&bytes);
    for logs in formation.logs {
        bytes.clear();
        bytes.extend(logs.iter().flat_map(|log| log.to_bits().to_le_bytes()));
        hasher.update(&bytes);
    }
    JobKey::from_hash(&hasher.finalize())
}
