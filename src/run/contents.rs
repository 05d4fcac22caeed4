//! Hashes of the bars a job may use: what makes a job key change when, and only when, they do.

use std::ops::Range;

use blake3::Hash;

use crate::domain::{Field, Panel};

/// What an instrument's bars in a range of rows are, as a run's row records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Content {
    /// Hash of opening times, opens, closes and what else was asked for.
    pub(super) hash: Hash,
    /// Number of bars.
    pub(super) bars: u64,
    /// First and last bar's opening, microseconds; `None` without bars.
    pub(super) span: Option<(i64, i64)>,
}

/// The content of one instrument in `rows`: opens, closes and the `fields` that are neither. Made
/// once per window, not per job.
pub(super) fn content(
    panel: &Panel,
    asset: usize,
    fields: &[Field],
    rows: &Range<usize>,
) -> Content {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = Vec::with_capacity(CHUNK_BARS * BAR_BYTES);
    let (mut bars, mut first, mut last) = (0, None, None);
    let ts = &panel.ts()[rows.clone()];
    let opens = &panel.column(asset, Field::Open)[rows.clone()];
    let closes = &panel.column(asset, Field::Close)[rows.clone()];
    for ((&ts, open), close) in ts.iter().zip(opens).zip(closes) {
        if close.is_nan() {
            continue;
        }
        for word in [ts.cast_unsigned(), bits(*open), bits(*close)] {
            buffer.extend_from_slice(&word.to_le_bytes());
        }
        if buffer.len() == CHUNK_BARS * BAR_BYTES {
            hasher.update(&buffer);
            buffer.clear();
        }
        bars += 1;
        first = first.or(Some(ts));
        last = Some(ts);
    }
    hasher.update(&buffer);
    for &field in fields.iter().filter(|field| !Field::ALWAYS.contains(field)) {
        hasher.update(field.name().as_bytes());
        let column = &panel.column(asset, field)[rows.clone()];
        // Cells without a bar are skipped: another instrument's rows are no content of this one.
        let held = column.iter().zip(closes).filter(|(_, close)| !close.is_nan());
        held.for_each(|(value, _)| {
            hasher.update(&bits(*value).to_le_bytes());
        });
    }
    Content { hash: hasher.finalize(), bars, span: first.zip(last) }
}

/// Opening time, open, close.
const BAR_BYTES: usize = 24;
/// Bars hashed at a time: enough for the hash to use its wide paths.
const CHUNK_BARS: usize = 2_048;

/// The bits of a price; one pattern for every NaN.
fn bits(price: f64) -> u64 {
    if price.is_nan() { u64::MAX } else { price.to_bits() }
}

#[cfg(test)]
mod tests {
    use super::content;
    use crate::domain::{Field, Instrument, Panel, Universe};

    fn panel(rows: i64) -> Panel {
        let instrument = Instrument { market: "m".into(), symbol: "A".into(), id: 1 };
        let universe = Universe::new(vec![instrument]).expect("a universe");
        let mut panel = Panel::empty(universe, (0..rows).collect());
        for (row, close) in panel.column_mut(0, Field::Close).iter_mut().enumerate() {
            *close = if row == 7 { f64::NAN } else { 1.0 + row as f64 };
        }
        panel
    }

    #[test]
    fn content_depends_on_the_bars_in_the_window_and_on_nothing_else() {
        let long = panel(9_000);
        let of = |panel: &Panel, rows| content(panel, 0, &[], &rows);
        assert_eq!(of(&long, 0..5_000), of(&panel(6_000), 0..5_000));
        assert_ne!(of(&long, 0..5_000), of(&long, 0..5_001));
        assert_eq!(of(&long, 5..9).bars, 3);
        assert_eq!(of(&long, 5..9).span, Some((5, 8)));
        assert_eq!(of(&long, 7..8).span, None);
        let mut changed = panel(9_000);
        changed.column_mut(0, Field::Close)[4_321] += f64::EPSILON * 4_096.0;
        assert_ne!(of(&changed, 0..5_000), of(&long, 0..5_000));
    }

    #[test]
    fn a_field_that_is_not_read_is_no_content() {
        let with_volume = |volume| {
            let plain = panel(50);
            let (universe, ts) = (plain.universe().clone(), plain.ts().to_vec());
            let mut panel = Panel::with_fields(universe, ts, &[Field::Volume]);
            panel.column_mut(0, Field::Close).copy_from_slice(plain.column(0, Field::Close));
            panel.column_mut(0, Field::Volume)[9] = volume;
            [&[][..], &[Field::Volume]].map(|read| content(&panel, 0, read, &(0..50)))
        };
        let (little, much) = (with_volume(1.0), with_volume(2.0));
        assert_eq!(little[0], much[0]);
        assert_eq!(little[0], content(&panel(50), 0, &[], &(0..50)));
        assert_ne!(little[1], much[1]);
    }
}
