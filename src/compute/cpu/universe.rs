//! Series for the tests of this floor, from a counter.

/// Numbers in `-0.5..0.5`.
pub(super) fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    (0..20).for_each(|_| {
        draw();
    });
    (0..count).map(|_| draw()).collect()
}

/// Random walks around 100 that share a factor, so that some pairs are nearly cointegrated.
pub(super) fn walks(assets: usize, rows: usize, seed: u64) -> Vec<Vec<f64>> {
    let factor = walk(seed, rows);
    (0..assets as u64)
        .map(|asset| {
            let key = seed * 100_003 + asset + 1;
            let (own, jitter) = (walk(key, rows), noise(key + 77, rows));
            let load = [1.0, -0.7, 0.4, 0.0, 1.3][usize::try_from(asset % 5).unwrap()];
            let idle = if asset % 3 == 0 { 0.0 } else { 0.3 };
            (0..rows).map(|t| 100.0 + load * factor[t] + idle * own[t] + 0.8 * jitter[t]).collect()
        })
        .collect()
}

/// A random walk.
pub(super) fn walk(seed: u64, rows: usize) -> Vec<f64> {
    let mut level = 0.0;
    let steps = noise(seed, rows);
    steps
        .iter()
        .map(|step| {
            level += step;
            level
        })
        .collect()
}

/// A column that moves by a trillionth.
pub(super) fn near_constant(rows: usize) -> Vec<f64> {
    noise(5, rows).iter().map(|x| 3.0 * (1.0 + 1e-11 * x)).collect()
}

/// The columns as slices.
pub(super) fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}
