//! Inputs the world may send, and ordinary ones made of whole numbers.

use proptest::prelude::*;

use super::Input;

/// Numbers between -1/2 and 1/2 from whole-number arithmetic: the same bits everywhere.
pub(super) fn ordinary(rows: u32, k: u32) -> Vec<f64> {
    (0..rows).map(|t| f64::from((t * t * k + 13 * t) % 101) / 101.0 - 0.5).collect()
}

/// A level that takes these steps.
fn walk(start: f64, steps: &[f64]) -> Vec<f64> {
    let mut level = start;
    let walk = steps.iter().map(|step| {
        level += step;
        level
    });
    walk.collect()
}

/// Returns, prices that share a walk, and a short panel with gaps.
pub(super) fn fixed() -> [Input; 3] {
    let steps: Vec<Vec<f64>> = (0..5).map(|k| ordinary(160, 7 + 22 * k)).collect();
    let common = walk(60.0, &steps[0]);
    let price = |k: usize| -> Vec<f64> {
        let own = steps[k].iter().zip(&common);
        own.map(|(step, level)| level * (1.0 + 0.1 * k as f64) + step).collect()
    };
    let mut gapped: Vec<Vec<f64>> = (0..3).map(|k| walk(20.0, &ordinary(40, 9 + 4 * k))).collect();
    gapped[0][7] = f64::NAN;
    gapped[2][30] = f64::NAN;
    let input = |columns, share, count| Input { columns, share, count, raw: false };
    [
        input(steps.clone(), 0.4, 5),
        input((0..3).map(price).collect(), 0.05, 2),
        input(gapped, 0.9, 3),
    ]
}

/// One number of an odd column.
fn rough() -> impl Strategy<Value = f64> {
    prop_oneof![
        10 => -1.0..1.0_f64,
        1 => Just(0.0),
        1 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 1e154,
        ]),
    ]
}

/// What becomes of a column: `first` is the panel's first one.
fn changed(kind: u8, column: Vec<f64>, first: &[f64]) -> Vec<f64> {
    let each = |of: fn(f64) -> f64| column.iter().copied().map(of).collect();
    match kind {
        0 => first.to_vec(),
        1 => first.iter().map(|x| -x).collect(),
        2 => first.iter().map(|x| 2.0 * x + 1.0).collect(),
        3 => vec![0.1; column.len()],
        4 => each(|x| 1e9 * (1.0 + x)),
        5 => each(|x| 1e-6 * (1.0 + x)),
        6 => each(|x| f64::MAX * x),
        7 => each(|x| 1e-320 * x),
        8 => walk(100.0, &column),
        9 => (0..column.len()).map(|t| 0.1 * t as f64).collect(),
        10 => each(|x| 1.0 + 1e-13 * x),
        _ => column,
    }
}

fn columns() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let shape = (0..7_usize, prop_oneof![0..4_usize, 4..45_usize], any::<bool>());
    let drawn = shape.prop_flat_map(|(assets, rows, odd)| {
        let value = if odd { rough().boxed() } else { (-1.0..1.0_f64).boxed() };
        let column = prop::collection::vec(value, rows);
        prop::collection::vec((column, 0..20_u8), assets)
    });
    drawn.prop_map(|drawn| {
        let first = drawn.first().map(|(column, _)| column.clone()).unwrap_or_default();
        let first = changed(drawn.first().map_or(20, |(_, kind)| *kind), first.clone(), &first);
        drawn.into_iter().map(|(column, kind)| changed(kind, column, &first)).collect()
    })
}

/// A panel and arguments of which any may be hostile; now and then columns of different length.
pub(super) fn input() -> impl Strategy<Value = Input> {
    let share = prop_oneof![
        3 => 0.01..0.99_f64,
        2 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1.0, 2.0, 1e300, -1e300, 5e-324,
        ]),
    ];
    let count = prop_oneof![
        3 => 0..8_usize,
        1 => prop::sample::select(vec![20, 60, 1 << 40, usize::MAX - 1, usize::MAX]),
    ];
    let cut = prop::option::weighted(0.05, 0..5_usize);
    (columns(), share, count, any::<bool>(), cut).prop_map(|(columns, share, count, raw, cut)| {
        let mut columns = columns;
        if let (Some(rows), Some(last)) = (cut, columns.last_mut()) {
            last.truncate(rows);
        }
        Input { columns, share, count, raw }
    })
}
