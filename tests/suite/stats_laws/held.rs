//! The bits of every function on fixed inputs.
//!
//! A digest that changes is a change of results: say it under "Changed results" of the change log, and
//! raise the numeric version if a stored number depends on it.

use super::{Said, register, strange};

/// FNV-1a over the bits of every number, and over a mark where there is none.
fn digest(said: &Said) -> u64 {
    let bits = said.iter().map(|value| value.map_or(u64::MAX, canonical));
    bits.flat_map(u64::to_le_bytes).fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// The sign and payload of a NaN are the processor's choice.
fn canonical(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}

#[test]
fn the_bits_of_every_function_hold() {
    let inputs = strange::fixed();
    let mut found = Vec::new();
    for exercise in register() {
        let said: Said = inputs.iter().flat_map(|input| (exercise.says)(input)).collect();
        let numbers = said.iter().flatten().filter(|value| value.is_finite()).count();
        assert!(numbers > 0, "{} says nothing about the fixed inputs", exercise.name);
        found.push((exercise.name, digest(&said)));
    }
    let table: String =
        found.iter().map(|(name, digest)| format!("    (\"{name}\", {digest:#018x}),\n")).collect();
    assert_eq!(found.len(), HELD.len(), "the table is now:\n{table}");
    for (now, then) in found.iter().zip(HELD) {
        assert_eq!(*now, then, "{} has changed; the table is now:\n{table}", then.0);
    }
}

#[rustfmt::skip]
const HELD: [(&str, u64); 0] = [
];
