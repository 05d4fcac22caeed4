//! Natural logarithms of closes, made once per instrument when first asked for.

use std::sync::OnceLock;

use crate::domain::{Field, Panel};

/// `ln(close)` of every instrument of a panel, by `libm`; NaN where there is no bar or the close
/// is not positive.
#[derive(Debug)]
pub struct LogCloses<'a> {
    panel: &'a Panel,
    columns: Vec<OnceLock<Vec<f64>>>,
}

impl<'a> LogCloses<'a> {
    /// Logarithms of `panel`, none made yet.
    pub fn of(panel: &'a Panel) -> Self {
        let columns = (0..panel.universe().len()).map(|_| OnceLock::new()).collect();
        Self { panel, columns }
    }

    /// Bytes they take when all are made.
    pub fn bytes_for(instruments: usize, rows: usize) -> u64 {
        (instruments * rows * size_of::<f64>()) as u64
    }

    /// The column of one instrument: a value per row of the panel.
    pub fn column(&self, asset: u16) -> &[f64] {
        self.columns[usize::from(asset)].get_or_init(|| {
            let closes = self.panel.column(usize::from(asset), Field::Close);
            closes
                .iter()
                .map(|&close| if close > 0.0 { libm::log(close) } else { f64::NAN })
                .collect()
        })
    }
}
