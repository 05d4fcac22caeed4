//! Log prices at the closes: walks on a common factor, and relations between walks.
//!
//! # Formula
//! Market factor: `F_t = F_{t-1} + MARKET_SD e_t`. Walk: `ln P_t = ln P_0 + b F_t + W_t`, `W` a
//! walk of its own. Relation: `ln P_t = a + sum w_i ln L_i,t + s_t` with
//! `s_t = phi s_{t-1} + u_t`, `phi = 2^(-1 / half-life)`, started in its stationary distribution;
//! from the break on `phi = 1` with shocks of the same size, so that the spread wanders off from
//! where it stood. Shocks cluster as `shock` says. The constant `a` puts the path at the member's
//! start price where the legs stand at theirs.
//!
//! Shape: [`BARS`] values, one per row, whether the member is listed then or not.

use super::{
    BARS,
    roster::{self, MARKET_SD, Member, Recipe},
    shock::Shocks,
    stream::Stream,
};

/// The market factor, log points, one value per row.
pub(super) fn market(seed: u64) -> Vec<f64> {
    walk(seed, "market", MARKET_SD)
}

/// The log price of `member` at every close.
pub(super) fn log_prices(seed: u64, member: &Member, market: &[f64]) -> Vec<f64> {
    let start = libm::log(member.start_price);
    match &member.recipe {
        Recipe::Walk { loading, own_sd } => {
            let own = walk(seed, member.symbol, *own_sd);
            own.iter().zip(market).map(|(w, f)| start + loading * f + w).collect()
        }
        Recipe::Relation { legs, half_life_bars, spread_sd, broken_from } => {
            let intact = broken_from.unwrap_or(BARS);
            let mut path = spread(seed, member.symbol, *half_life_bars, *spread_sd, intact);
            for value in &mut path {
                *value += start;
            }
            for (leg, weight) in legs.iter().filter_map(|(leg, w)| Some((roster::member(leg)?, w)))
            {
                let leg_start = libm::log(leg.start_price);
                let leg_path = log_prices(seed, leg, market);
                for (value, leg_value) in path.iter_mut().zip(&leg_path) {
                    *value += weight * (leg_value - leg_start);
                }
            }
            path
        }
    }
}

/// A driftless walk from 0 with steps of standard deviation `step_sd`.
fn walk(seed: u64, owner: &str, step_sd: f64) -> Vec<f64> {
    let mut shocks = Shocks::new(Stream::new(seed, owner, "path"));
    let mut level = 0.0;
    (0..BARS)
        .map(|_| {
            level += step_sd * shocks.draw();
            level
        })
        .collect()
}

/// A spread that reverts on the first `intact` rows and wanders after them.
fn spread(seed: u64, owner: &str, half_life_bars: f64, sd: f64, intact: usize) -> Vec<f64> {
    let phi = libm::exp(-std::f64::consts::LN_2 / half_life_bars);
    let step_sd = sd * (1.0 - phi * phi).sqrt();
    let mut start = Stream::new(seed, owner, "start");
    let mut shocks = Shocks::new(Stream::new(seed, owner, "path"));
    let mut level = sd * start.normal();
    (0..BARS)
        .map(|row| {
            let kept = if row < intact { phi } else { 1.0 };
            level = kept * level + step_sd * shocks.draw();
            level
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{BARS, spread};
    use crate::demo::roster::BREAK_ROW;

    /// Slope of the spread on its lag, without intercept.
    fn autoregression(path: &[f64]) -> f64 {
        let products: f64 = path.windows(2).map(|s| s[0] * s[1]).sum();
        let squares: f64 = path.windows(2).map(|s| s[0] * s[0]).sum();
        products / squares
    }

    #[test]
    fn a_spread_has_its_half_life_and_its_size() {
        let path = spread(1, "TEST", 12.0, 0.02, BARS);
        let half_life = -std::f64::consts::LN_2 / autoregression(&path).ln();
        assert!((half_life - 12.0).abs() < 1.5, "half-life {half_life}");
        let sd = (path.iter().map(|s| s * s).sum::<f64>() / BARS as f64).sqrt();
        assert!((sd - 0.02).abs() < 0.002, "standard deviation {sd}");
    }

    #[test]
    fn a_broken_spread_reverts_before_its_break_only() {
        let whole = spread(1, "TEST", 24.0, 0.02, BARS);
        let broken = spread(1, "TEST", 24.0, 0.02, BREAK_ROW);
        assert_eq!(whole[..BREAK_ROW], broken[..BREAK_ROW]);
        assert!(autoregression(&broken[..BREAK_ROW]) < 0.98);
        assert!(autoregression(&broken[BREAK_ROW..]) > 0.995);
    }
}
