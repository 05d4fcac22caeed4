//! Natural logarithms of closes, made once per instrument when first asked for.

use std::sync::OnceLock;

use crate::domain::{Field, Panel, SharedValues};

/// `ln(close)` of every instrument of a panel, by `libm`; NaN where there is no bar or the close
/// is not positive.
#[derive(Debug)]
pub struct LogCloses<'a> {
    panel: &'a Panel,
    made: Made,
}

/// Columns made when first asked for, or all that were made before.
enum Made {
    Own(Vec<OnceLock<Vec<f64>>>),
    Shared(SharedValues),
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Own(_)) { "Own" } else { "Shared" })
    }
}

/// `ln(close)` by `libm`; NaN where there is no bar or the close is not positive.
pub fn log_close(close: f64) -> f64 {
    if close > 0.0 { libm::log(close) } else { f64::NAN }
}

impl<'a> LogCloses<'a> {
    /// Logarithms of `panel`, none made yet.
    pub fn of(panel: &'a Panel) -> Self {
        let columns = (0..panel.universe().len()).map(|_| OnceLock::new()).collect();
        Self { panel, made: Made::Own(columns) }
    }

    /// Logarithms of `panel` that were made by [`log_close`] before: a column of its rows for every
    /// instrument. `None` if there are not as many.
    pub fn of_shared(panel: &'a Panel, columns: SharedValues) -> Option<Self> {
        let held = (*columns).as_ref().len() == panel.universe().len() * panel.rows();
        held.then_some(Self { panel, made: Made::Shared(columns) })
    }

    /// Bytes they take when all are made.
    pub fn bytes_for(instruments: usize, rows: usize) -> u64 {
        (instruments * rows * size_of::<f64>()) as u64
    }

    /// The column of one instrument: a value per row of the panel.
    pub fn column(&self, asset: u16) -> &[f64] {
        match &self.made {
            Made::Shared(columns) => {
                let rows = self.panel.rows();
                &(**columns).as_ref()[usize::from(asset) * rows..][..rows]
            }
            Made::Own(columns) => columns[usize::from(asset)].get_or_init(|| {
                let closes = self.panel.column(usize::from(asset), Field::Close);
                closes.iter().map(|&close| log_close(close)).collect()
            }),
        }
    }
}
