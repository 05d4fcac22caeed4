//! What is particular to each instrument of a run, and bars in the units of the oldest ones.

use std::collections::BTreeMap;

use crate::{
    domain::{Field, Panel, Universe},
    error::Result,
    run::selection,
    sim::{InstrumentTerms, Particulars},
    store::Reader,
};

/// Terms and events of every instrument, in the order of the universe; empty if none has any.
///
/// # Errors
/// What the store reports; usage, if terms are given for an instrument that is not in the run.
pub(super) fn of(
    reader: &Reader,
    universe: &Universe,
    named: &BTreeMap<String, InstrumentTerms>,
) -> Result<Vec<Particulars>> {
    let mut events = reader.events()?;
    let terms = selection::instrument_terms(universe, named)?;
    let all: Vec<Particulars> = universe
        .instruments()
        .iter()
        .zip(terms)
        .map(|(instrument, terms)| Particulars {
            terms,
            events: events.remove(&instrument.id).unwrap_or_default(),
        })
        .collect();
    let plain = Particulars::default();
    Ok(if all.iter().all(|own| *own == plain) { Vec::new() } else { all })
}

/// Puts every bar into the units before the instrument's first stored split: prices times `F(t)`,
/// volumes divided by it. A split changes no bar before it.
pub(super) fn adjust(panel: &mut Panel, particulars: &[Particulars]) {
    let ts = panel.ts().to_vec();
    for (asset, own) in particulars.iter().enumerate() {
        let factors: Vec<f64> = ts.iter().map(|&ts| own.events.split_factor(ts)).collect();
        if factors.iter().all(|factor| factor - 1.0 == 0.0) {
            continue;
        }
        for field in panel.fields().to_vec() {
            let values = panel.column_mut(asset, field).iter_mut().zip(&factors);
            for (value, factor) in values {
                *value = if field == Field::Volume { *value / factor } else { *value * factor };
            }
        }
    }
}
