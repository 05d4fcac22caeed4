//! Centered moments of two columns over every window of rows, linear in the rows.
//!
//! Centered moments of two groups of rows can be merged without a subtraction of large numbers. The
//! rows are cut into blocks of as many rows as the window has; each window is the end of one block and
//! the beginning of the next, and both kinds of part are built row by row. No row that has left a
//! window leaves a trace, as it would in sums that add one row and take one away: there is nothing to
//! restart. Windows are the same for every longer series that starts at the same row.
//!
//! # References
//! T. F. Chan, G. H. Golub, R. J. LeVeque (1983), Algorithms for computing the sample variance, The
//! American Statistician 37(3), 242-247.

/// Count, means and centered second moments of some rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    pub(super) count: usize,
    pub(super) gaps: usize,
    pub(super) mean: [f64; 2],
    pub(super) s_yy: f64,
    pub(super) s_xy: f64,
    pub(super) s_xx: f64,
}

impl Moments {
    fn of_row(y: f64, x: f64) -> Self {
        if y.is_nan() || x.is_nan() {
            return Self { gaps: 1, ..Self::default() };
        }
        Self { count: 1, mean: [y, x], ..Self::default() }
    }

    fn merged(&self, other: &Self) -> Self {
        let gaps = self.gaps + other.gaps;
        if self.count == 0 {
            return Self { gaps, ..*other };
        }
        if other.count == 0 {
            return Self { gaps, ..*self };
        }
        let count = self.count + other.count;
        let share = other.count as f64 / count as f64;
        let weight = self.count as f64 * share;
        let [dy, dx] = [0, 1].map(|leg| other.mean[leg] - self.mean[leg]);
        Self {
            count,
            gaps,
            mean: [self.mean[0] + dy * share, self.mean[1] + dx * share],
            s_yy: self.s_yy + other.s_yy + dy * dy * weight,
            s_xy: self.s_xy + other.s_xy + dx * dy * weight,
            s_xx: self.s_xx + other.s_xx + dx * dx * weight,
        }
    }
}

/// The moments of the last `window` rows at each row, of fewer before there are as many.
pub(super) struct Windows {
    pub(super) moments: Vec<Moments>,
}

impl Windows {
    /// NaN in either column is a gap; `window` is at least 1.
    pub(super) fn of(y: &[f64], x: &[f64], window: usize) -> Self {
        let rows: Vec<Moments> = y.iter().zip(x).map(|(y, x)| Moments::of_row(*y, *x)).collect();
        let mut moments = Vec::with_capacity(rows.len());
        let mut endings: Vec<Moments> = Vec::new();
        for block in rows.chunks(window.max(1)) {
            let mut beginning = Moments::default();
            for (at, row) in block.iter().enumerate() {
                beginning = beginning.merged(row);
                moments.push(match endings.get(at + 1) {
                    Some(ending) => ending.merged(&beginning),
                    None => beginning,
                });
            }
            endings = block.to_vec();
            for at in (0..block.len().saturating_sub(1)).rev() {
                endings[at] = endings[at].merged(&endings[at + 1]);
            }
        }
        Self { moments }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_leaves_no_trace() {
        let mut y: Vec<f64> = (0..40).map(|t| f64::from(t * t % 7)).collect();
        let x: Vec<f64> = (0..40).map(|t| f64::from(t * 3 % 5)).collect();
        let plain = Windows::of(&y, &x, 6).moments;
        y[9] = 1e12;
        let shaken = Windows::of(&y, &x, 6).moments;
        for at in (0..9).chain(15..40) {
            assert_eq!(plain[at].s_xy.to_bits(), shaken[at].s_xy.to_bits(), "{at}");
        }
        assert!((9..15).all(|at| plain[at].s_yy < shaken[at].s_yy));
    }

    #[test]
    fn equal_rows_have_no_moments_at_all() {
        let found = Windows::of(&[0.1; 50], &[0.3; 50], 7).moments;
        assert!(
            found.iter().all(|moments| moments.s_yy + moments.s_xx + moments.s_xy.abs() <= 0.0)
        );
    }
}
