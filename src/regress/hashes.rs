//! Hashes of what a job did, over the bits of its rows.
//!
//! # What they cover
//! | hash | rows, in order | columns |
//! |---|---|---|
//! | fills | `fill` by seq | ts, symbol, quantity, price, commission, slippage, spread, impact |
//! | equity | `equity` by ts | ts, cash, equity, gross, every cost of the bar |
//!
//! A moment is its microseconds, a number its 64 bits (an undefined one those of one NaN), both little
//! endian; a symbol is its bytes and a zero. BLAKE3 over all of it. Jobs without rows have the hash of
//! nothing.

use blake3::Hash;

use crate::{
    error::Result,
    store::{Cell, Store},
};

const FILL: &str = "epoch_us(ts), symbol, quantity, price, commission, slippage, spread, impact";
const EQUITY: &str = "epoch_us(ts), cash, equity, gross, commission, slippage, spread, impact, \
                      borrow, financing, dividend, funding";

/// The hash of a job's fills.
///
/// # Errors
/// Whatever the store reports.
pub(super) fn fills(store: &Store, job_id: i64) -> Result<Hash> {
    hash(store, &format!("SELECT {FILL} FROM fill WHERE job_id = {job_id} ORDER BY seq"))
}

/// The hash of a job's equity.
///
/// # Errors
/// Whatever the store reports.
pub(super) fn equity(store: &Store, job_id: i64) -> Result<Hash> {
    hash(store, &format!("SELECT {EQUITY} FROM equity WHERE job_id = {job_id} ORDER BY ts"))
}

fn hash(store: &Store, sql: &str) -> Result<Hash> {
    let rows = store.sql(sql)?.rows;
    Ok(of_cells(rows.iter().flatten()))
}

fn of_cells<'a>(cells: impl Iterator<Item = &'a Cell>) -> Hash {
    let mut hasher = blake3::Hasher::new();
    let mut bytes = Vec::new();
    for cell in cells {
        match cell {
            Cell::Int(whole) | Cell::Time(whole) => bytes.extend(whole.to_le_bytes()),
            Cell::Float(real) => bytes.extend(real.to_bits().to_le_bytes()),
            Cell::Text(text) => {
                bytes.extend(text.as_bytes());
                bytes.push(0);
            }
            Cell::Bool(truth) => bytes.push(u8::from(*truth)),
            Cell::Null => bytes.extend(f64::NAN.to_bits().to_le_bytes()),
        }
    }
    hasher.update(&bytes);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::{Cell, of_cells};

    #[test]
    fn the_last_bit_of_a_number_is_seen_and_cells_do_not_run_together() {
        let of = |cells: &[Cell]| of_cells(cells.iter());
        let next = f64::from_bits(1.0_f64.to_bits() + 1);
        assert_ne!(of(&[Cell::Float(1.0)]), of(&[Cell::Float(next)]));
        assert_ne!(of(&[Cell::Float(0.0)]), of(&[Cell::Float(-0.0)]));
        assert_ne!(of(&[Cell::Null]), of(&[Cell::Float(0.0)]));
        let text = |text: &str| Cell::Text(text.into());
        assert_ne!(of(&[text("AB"), text("C")]), of(&[text("A"), text("BC")]));
        assert_eq!(of(&[]), blake3::hash(b""));
    }
}
