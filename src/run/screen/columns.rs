//! The closes of a screen's window as columns.

use crate::{
    domain::{Field, Panel},
    strategy::log_close,
};

/// A column per instrument of the universe; NaN is a row without a bar. An instrument that cannot be
/// tested at all (a close at or below zero where logarithms are asked for) has no value.
pub(super) struct Columns {
    values: Vec<Vec<f64>>,
    /// Positions of the instruments that cannot be tested.
    pub(super) left_out: Vec<usize>,
}

impl Columns {
    /// The closes of `panel`, their logarithms where `logs`.
    pub(super) fn of(panel: &Panel, logs: bool) -> Self {
        let mut left_out = Vec::new();
        let column = |asset: usize| {
            let closes = panel.column(asset, Field::Close);
            if !logs {
                return closes.to_vec();
            }
            if closes.iter().any(|close| *close <= 0.0) {
                left_out.push(asset);
                return vec![f64::NAN; closes.len()];
            }
            closes.iter().map(|close| log_close(*close)).collect()
        };
        let values = (0..panel.universe().len()).map(column).collect();
        Self { values, left_out }
    }

    /// All columns.
    pub(super) fn slices(&self) -> Vec<&[f64]> {
        self.values.iter().map(Vec::as_slice).collect()
    }

    /// The values of `positions` in the rows that all of them have.
    pub(super) fn common(&self, positions: &[u16]) -> Vec<Vec<f64>> {
        let columns: Vec<&[f64]> =
            positions.iter().map(|at| self.values[usize::from(*at)].as_slice()).collect();
        let rows = columns.first().map_or(0, |first| first.len());
        let common: Vec<usize> =
            (0..rows).filter(|row| columns.iter().all(|column| !column[*row].is_nan())).collect();
        columns.iter().map(|column| common.iter().map(|row| column[*row]).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Columns;
    use crate::domain::{Field, Instrument, Panel, Universe};

    #[test]
    fn a_price_without_a_logarithm_leaves_its_instrument_out() {
        let instrument = |id: u32| Instrument { market: "m".into(), symbol: format!("S{id}"), id };
        let universe = Universe::new((0..3).map(instrument).collect()).expect("a universe");
        let mut panel = Panel::empty(universe, (0..3).collect());
        for (asset, closes) in
            [[1.0, 2.0, f64::NAN], [4.0, 0.0, 4.0], [8.0, 8.0, 9.0]].iter().enumerate()
        {
            panel.column_mut(asset, Field::Close).copy_from_slice(closes);
        }
        let logs = Columns::of(&panel, true);
        assert_eq!(logs.left_out, [1]);
        assert_eq!(logs.common(&[2, 0]), [[libm::log(8.0); 2].to_vec(), vec![0.0, libm::log(2.0)]]);
        assert!(logs.common(&[0, 1]).iter().all(Vec::is_empty));
        let levels = Columns::of(&panel, false);
        assert!(levels.left_out.is_empty() && levels.common(&[1, 2])[0] == [4.0, 0.0, 4.0]);
    }
}
