//! A condensed distance matrix: the upper triangle without its diagonal, row by row.
//!
//! # References
//! `scipy.spatial.distance.squareform` of scipy 1.17.1 (the order of the cells).

/// Distances between `points` points. Shape: `points (points - 1) / 2`, the order of scipy's
/// `squareform`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condensed {
    points: usize,
    values: Vec<f64>,
}

impl Condensed {
    /// The matrix whose cell `(i, j)`, `i < j`, is `value(i, j)`.
    ///
    /// ```
    /// use barline::stats::Condensed;
    /// let distances = Condensed::from_pairs(3, |i, j| (10 * i + j) as f64);
    /// assert_eq!(distances.values(), [1.0, 2.0, 12.0]);
    /// assert_eq!((distances.points(), distances.get(2, 0)), (3, 2.0));
    /// ```
    pub fn from_pairs(points: usize, mut value: impl FnMut(usize, usize) -> f64) -> Self {
        let mut values = Vec::with_capacity(points * points.saturating_sub(1) / 2);
        for i in 0..points {
            for j in i + 1..points {
                values.push(value(i, j));
            }
        }
        Self { points, values }
    }

    /// Number of points.
    pub fn points(&self) -> usize {
        self.points
    }

    /// All cells.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Distance between two points; 0 from a point to itself.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        if i == j { 0.0 } else { self.values[self.cell(i, j)] }
    }

    /// Sets the distance between two different points.
    pub(super) fn set(&mut self, i: usize, j: usize, value: f64) {
        let cell = self.cell(i, j);
        self.values[cell] = value;
    }

    fn cell(&self, i: usize, j: usize) -> usize {
        let (low, high) = if i < j { (i, j) } else { (j, i) };
        low * (2 * self.points - low - 1) / 2 + high - low - 1
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_from_both_sides() {
        let mut matrix = Condensed::from_pairs(4, |i, j| (10 * i + j) as f64);
        assert_eq!(matrix.values(), [1.0, 2.0, 3.0, 12.0, 13.0, 23.0]);
        assert_eq!((matrix.get(3, 1), matrix.get(1, 3), matrix.get(2, 2)), (13.0, 13.0, 0.0));
        matrix.set(3, 2, 5.0);
        assert_eq!(matrix.get(2, 3), 5.0);
        assert!(Condensed::from_pairs(0, |_, _| 0.0).values().is_empty());
    }
}
