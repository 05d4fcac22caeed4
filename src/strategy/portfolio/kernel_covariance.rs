//! Covariances of many members, from the kernels of `compute`.
//!
//! Members that miss the same rows share their returns, so that one product serves all pairs of them;
//! a pair whose members miss different rows has common bars of its own and is left to the plain path.
//! Differs from the plain path by the order of one sum.

use std::{collections::BTreeMap, ops::ControlFlow};

use super::{
    covariance_estimator::CompleteRows,
    trailing::{LEAST_RETURNS, Trailing},
};
use crate::{
    compute::{Backend, Cpu, Cuda, Triangle},
    stats::{Refusal, SymmetricMatrix, common_returns, simple_returns},
};

/// Members up to which the plain path estimates.
pub(super) const PLAIN_MEMBERS: usize = 64;

/// The covariance of `assets` over the lookback that ends with `last_row`, and true if a kernel made
/// any of it: exponential weights have none.
///
/// # Errors
/// As [`Trailing::covariance`].
pub(super) fn covariance(
    trailing: &Trailing<'_>,
    assets: &[u16],
    last_row: usize,
) -> Result<(SymmetricMatrix, bool), Refusal> {
    let closes = trailing.closes(assets, last_row);
    let device = trailing.bars.device;
    match trailing.complete_rows(assets) {
        None => sample(&closes, device),
        Some(estimator) => {
            let by_kernel =
                |columns: &[&[f64]]| product(columns, 0, device).map(|cells| cells.symmetric());
            let matrix = estimator.estimate_by(&closes, LEAST_RETURNS, by_kernel)?;
            Ok((matrix, !matches!(estimator, CompleteRows::Ewma { .. })))
        }
    }
}

/// The sample covariance of closes with gaps (NaN), each pair over its own common bars; a pair without
/// enough of them has a covariance of zero, as in the plain path.
fn sample(closes: &[&[f64]], device: Option<&Cuda>) -> Result<(SymmetricMatrix, bool), Refusal> {
    let mut matrix = SymmetricMatrix::zeros(closes.len());
    let groups = groups(closes);
    let mut by_kernel = false;
    for (at, (rows, members)) in groups.iter().enumerate() {
        if members.len() > 1 {
            by_kernel = true;
            let returns: Vec<Vec<f64>> =
                members.iter().map(|member| returns_in(closes[*member], rows)).collect();
            let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
            let cells = product(&columns, 1, device)?;
            for (i, first) in members.iter().enumerate() {
                for (second, cell) in members[i..].iter().zip(cells.upper(i)) {
                    matrix.set(*first, *second, *cell);
                }
            }
        } else {
            plain(&mut matrix, closes, members[0], members[0]);
        }
        for (_, others) in &groups[at + 1..] {
            for first in members {
                for second in others {
                    plain(&mut matrix, closes, *first, *second);
                }
            }
        }
    }
    Ok((matrix, by_kernel))
}

/// The members that have a close in the same rows, with these rows, in the order of the first ones.
fn groups(closes: &[&[f64]]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut found: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    let mut known = BTreeMap::new();
    for (member, column) in closes.iter().enumerate() {
        let rows: Vec<usize> = (0..column.len()).filter(|row| !column[*row].is_nan()).collect();
        let place = *known.entry(rows.clone()).or_insert(found.len());
        if place == found.len() {
            found.push((rows, Vec::new()));
        }
        found[place].1.push(member);
    }
    found
}

fn returns_in(column: &[f64], rows: &[usize]) -> Vec<f64> {
    simple_returns(&rows.iter().map(|row| column[*row]).collect::<Vec<f64>>())
}

fn plain(matrix: &mut SymmetricMatrix, closes: &[&[f64]], i: usize, j: usize) {
    let cell = common_returns(closes[i], closes[j]).map_or(0.0, |common| common.covariance);
    matrix.set(i, j, cell);
}

/// The covariance matrix of complete columns, divisor `rows - ddof`.
fn product(columns: &[&[f64]], ddof: usize, device: Option<&Cuda>) -> Result<Triangle, Refusal> {
    let rows = columns.first().map_or(0, |column| column.len());
    let mut answer = Err(Refusal::Empty);
    let mut take = |found| {
        answer = found;
        ControlFlow::Break(())
    };
    let whole = 0..rows;
    let window = std::slice::from_ref(&whole);
    // A device has the processor's bits.
    match device {
        Some(device) => device.covariances(columns, window, ddof, &mut take),
        None => Cpu { workers: 1 }.covariances(columns, window, ddof, &mut take),
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::{SymmetricMatrix, groups, sample};
    use crate::stats::close_covariance;

    /// Prices that wander, `gap` says where one is missing.
    fn closes(members: usize, rows: usize, gap: impl Fn(usize, usize) -> bool) -> Vec<Vec<f64>> {
        let price = |member: usize, row: usize| {
            let t = row as f64;
            let own = libm::sin(t * (0.7 + member as f64 * 0.013));
            100.0 + 5.0 * libm::sin(t * 0.31) + 3.0 * own + libm::cos(t * t * 0.01)
        };
        let cell = |member: usize, row: usize| {
            if gap(member, row) { f64::NAN } else { price(member, row) }
        };
        let column = |member: usize| (0..rows).map(|row| cell(member, row)).collect();
        (0..members).map(column).collect()
    }

    fn close_to(found: &SymmetricMatrix, plain: &SymmetricMatrix) {
        for i in 0..plain.order() {
            for j in i..plain.order() {
                let scale = (plain.get(i, i) * plain.get(j, j)).sqrt();
                let off = (found.get(i, j) - plain.get(i, j)).abs();
                assert!(off <= 1e-13 * scale, "{i} {j}: {off:e} of {scale:e}");
            }
        }
    }

    #[test]
    fn it_is_the_plain_covariance_whatever_is_missing() {
        type Gap = fn(usize, usize) -> bool;
        let gaps: [(Gap, usize, bool); 3] = [
            (|_, _| false, 1, true),
            // Three markets, and one member on days of its own.
            (|member, row| if member == 5 { row == 17 } else { row % 7 < member % 3 }, 4, true),
            (|member, row| row % 40 == member % 40, 40, false),
        ];
        for (gap, calendars, by_kernel) in gaps {
            let members = if by_kernel { 70 } else { 40 };
            let values = closes(members, 200, gap);
            let columns: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
            assert_eq!(groups(&columns).len(), calendars);
            let (found, made) = sample(&columns, None).expect("prices");
            close_to(&found, &close_covariance(&columns).expect("prices"));
            assert_eq!(made, by_kernel);
        }
    }
}
