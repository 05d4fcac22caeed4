//! A golden case of rolling fits through the shipped strategy: its session, its fit, its decider.
//!
//! The strategy tests the pair before it trades it; here everything is accepted, and the window is
//! the case's only one. It explains the leg that the test calls dependent: a case whose first leg is
//! not that one is not the strategy's.

use barline::{
    domain::{CalendarClass, Horizon, HorizonWindow, Interval, Presence, Timestamp},
    sim::{Decider, Market, Scratch, Simulation, simulate},
    stats::{Dependent, LagRule, Trend, test_pair},
    strategy::{
        Cointegration, CointegrationParameters, CovarianceBooks, HorizonBars, LogCloses,
        Strategy as _, pairs::HedgeRatio,
    },
};

use super::{Played, number, options};

const DAY: i64 = 86_400_000_000;

/// The case as the strategy plays it; `None` where it would explain the other leg.
pub(super) fn play(played: &Played) -> Result<Option<Simulation>, String> {
    let (bars, first) = (&played.bars, played.first);
    let [y, x] = [&bars.log_y[..first], &bars.log_x[..first]];
    let test = test_pair(y, x, Trend::Constant, LagRule::Aic { max: None });
    if test.map_err(|e| e.to_string())?.dependent == Dependent::Second {
        return Ok(None);
    }
    let ts = bars.panel.ts();
    let (start, end) = (ts[0], ts[ts.len() - 1] + DAY);
    let days = u32::try_from((end - ts[first]) / DAY).map_err(|e| e.to_string())?;
    let window = HorizonWindow {
        horizon: Horizon::from_days(days).ok_or("no horizon")?,
        load_start: Timestamp(start),
        score_start: Timestamp(ts[first]),
        end: Timestamp(end),
    };
    let horizon_bars = HorizonBars {
        covariances: CovarianceBooks::default(),
        panel: &bars.panel,
        presence: &Presence::of(&bars.panel),
        logs: &LogCloses::of(&bars.panel),
        interval: Interval::DAY,
        calendars: &[CalendarClass::Exchange; 2],
        window,
        max_stale_bars: 24,
        device: None,
    };
    let strategy = Cointegration::new(parameters(played, ts[first] - start)?);
    let strategy = strategy.map_err(|e| e.to_string())?;
    let session = strategy.session(&horizon_bars);
    let mut decider: Box<dyn Decider> =
        session.decider(&[0, 1]).map_err(|declined| declined.reason)?;
    let rows: Vec<u32> = (0..).take(bars.len()).skip(first).collect();
    let market = Market {
        panel: &bars.panel,
        assets: &[0, 1],
        rows: &rows,
        stale_rows: &[],
        particulars: &[],
    };
    let options = options(&played.params)?;
    Ok(Some(simulate(&market, decider.as_mut(), &options, &mut Scratch::default())))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of small cases")]
fn parameters(played: &Played, formation: i64) -> Result<CointegrationParameters, String> {
    let params = &played.params;
    let of = |name: &str| number(params, name);
    if params["sizing"] != "beta" || params["lots"] != "fractional" {
        return Err("a rolling case of another sizing".to_owned());
    }
    Ok(CointegrationParameters {
        formation_days: Some(formation as f64 / DAY as f64),
        refit_bars: u32::try_from(played.bars.len()).ok(),
        alpha: 1.0,
        min_half_life_bars: 0.0,
        max_half_life_frac: f64::MAX,
        hedge: HedgeRatio::Rolling,
        rolling_bars: Some(of("L")? as u32),
        entry_z: of("entry")?,
        exit_z: of("exit")?,
        stop_z: of("stop")?,
        // Half the leverage times the capital is the notional of the dependent leg.
        gross_leverage: 2.0 * of("N")? / of("capital")?,
        ..CointegrationParameters::default()
    })
}
