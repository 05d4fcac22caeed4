//! Random walks for tests of series.

/// A walk with uniform steps in `[-1/2, 1/2)`.
pub(in crate::stats) fn walk(seed: u64, rows: usize) -> Vec<f64> {
    let mut state = seed;
    let mut level = 0.0;
    let mut step = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        level += (state >> 40) as f64 / f64::from(1 << 24) - 0.5;
        level
    };
    (0..rows).map(|_| step()).collect()
}
