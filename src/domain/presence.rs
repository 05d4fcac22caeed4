//! Which rows of a panel hold a bar of which instrument, one bit a row.

use std::ops::Range;

use super::{Field, Panel};

/// One bit per instrument and row of a [`Panel`]: set where the instrument has a close.
#[derive(Debug)]
pub struct Presence {
    words_per_asset: usize,
    bits: Vec<u64>,
}

const WORD: usize = 64;

impl Presence {
    /// Reads the closes of `panel` once.
    pub fn of(panel: &Panel) -> Self {
        let words_per_asset = panel.rows().div_ceil(WORD);
        let mut bits = vec![0; panel.universe().len() * words_per_asset];
        for asset in 0..panel.universe().len() {
            let words = &mut bits[asset * words_per_asset..][..words_per_asset];
            for (word, closes) in
                words.iter_mut().zip(panel.column(asset, Field::Close).chunks(WORD))
            {
                *word = closes
                    .iter()
                    .enumerate()
                    .fold(0, |word, (bit, close)| word | (u64::from(!close.is_nan()) << bit));
            }
        }
        Self { words_per_asset, bits }
    }

    /// Bytes a map of this shape takes.
    pub fn bytes_for(instruments: usize, rows: usize) -> u64 {
        (instruments * rows.div_ceil(WORD) * size_of::<u64>()) as u64
    }

    fn word(&self, asset: u16, at: usize) -> u64 {
        self.bits[usize::from(asset) * self.words_per_asset + at]
    }

    /// The words that cover `rows`, each with the mask of the bits inside.
    fn words(rows: &Range<usize>) -> impl Iterator<Item = (usize, u64)> + use<> {
        let (start, end) = (rows.start, rows.end);
        (start / WORD..end.div_ceil(WORD)).map(move |at| {
            let from = start.saturating_sub(at * WORD).min(WORD);
            let to = (end - at * WORD).min(WORD);
            let below = |bit: usize| if bit == WORD { u64::MAX } else { (1 << bit) - 1 };
            (at, below(to) & !below(from))
        })
    }

    /// Number of `rows` in which every one of `assets` has a bar.
    pub fn count_common(&self, assets: &[u16], rows: &Range<usize>) -> usize {
        Self::words(rows)
            .map(|(at, mask)| {
                assets.iter().fold(mask, |all, &asset| all & self.word(asset, at)).count_ones()
            })
            .map(|ones| ones as usize)
            .sum()
    }

    /// Appends to `out` those of `rows` in which at least `least` (1 or 2) of `assets` have a bar.
    pub fn rows_with(&self, assets: &[u16], least: usize, rows: &Range<usize>, out: &mut Vec<u32>) {
        for (at, mask) in Self::words(rows) {
            let (mut one, mut two) = (0_u64, 0_u64);
            for &asset in assets {
                let word = self.word(asset, at);
                two |= one & word;
                one |= word;
            }
            let mut left = mask & if least > 1 { two } else { one };
            while left != 0 {
                let row = at * WORD + left.trailing_zeros() as usize;
                out.push(u32::try_from(row).unwrap_or(u32::MAX));
                left &= left - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Panel, Presence};
    use crate::domain::{Instrument, Universe};

    /// Instrument `a` has a bar in every row that `a + 2` does not divide.
    fn panel(rows: i64) -> Panel {
        let instruments = (0..3)
            .map(|id| Instrument { market: "m".into(), symbol: format!("S{id}"), id })
            .collect();
        let universe = Universe::new(instruments).expect("a universe");
        let mut panel = Panel::empty(universe, (0..rows).collect());
        for asset in 0..3 {
            for (row, close) in panel.column_mut(asset, Field::Close).iter_mut().enumerate() {
                *close = if row.is_multiple_of(asset + 2) { f64::NAN } else { 1.0 };
            }
        }
        panel
    }

    #[test]
    fn counts_and_rows_agree_with_the_plain_definition() {
        let panel = panel(300);
        let presence = Presence::of(&panel);
        let has = |row: usize, asset: u16| !row.is_multiple_of(usize::from(asset) + 2);
        for range in [0..300, 3..4, 63..65, 64..128, 10..10, 1..299] {
            for assets in [&[0_u16][..], &[0, 1], &[0, 1, 2]] {
                let members = |row: usize| assets.iter().filter(|&&a| has(row, a)).count();
                let common = range.clone().filter(|&row| members(row) == assets.len()).count();
                assert_eq!(presence.count_common(assets, &range), common);
                for least in [1, 2] {
                    let mut rows = Vec::new();
                    presence.rows_with(assets, least, &range, &mut rows);
                    let plain: Vec<_> = range.clone().filter(|&r| members(r) >= least).collect();
                    assert_eq!(rows.iter().map(|&r| r as usize).collect::<Vec<_>>(), plain);
                }
            }
        }
    }
}
