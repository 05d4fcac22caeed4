//! Bars that are not there: before a listing, after a delisting, and those a source lost.
//!
//! A member that loses bars loses single ones and a few outages of several hours, at places drawn
//! from its own stream; the price moves on meanwhile, and the next bar opens where it went. The
//! first and the last bar of a listing are never lost: they say from when to when it lasted.

use super::{BARS, roster::Member, stream::Stream};

/// Single bars lost in a life of [`BARS`]; proportionally fewer in a shorter one.
const SINGLES: usize = 30;
/// Outages in any life.
const OUTAGES: usize = 2;
/// Shortest and longest outage, bars.
const OUTAGE_BARS: (usize, usize) = (3, 12);

/// Whether `member` has a bar, one value per row.
pub(super) fn present(seed: u64, member: &Member) -> Vec<bool> {
    let mut present: Vec<bool> = (0..BARS).map(|row| member.listed.contains(&row)).collect();
    if member.loses_bars {
        let mut stream = Stream::new(seed, member.symbol, "absence");
        for _ in 0..SINGLES * member.listed.len() / BARS {
            lose(&mut present, member, &mut stream, 1);
        }
        for _ in 0..OUTAGES {
            let (shortest, longest) = OUTAGE_BARS;
            let bars = shortest + stream.below(longest - shortest + 1);
            lose(&mut present, member, &mut stream, bars);
        }
    }
    present
}

/// Takes `bars` consecutive bars from inside the listing.
fn lose(present: &mut [bool], member: &Member, stream: &mut Stream, bars: usize) {
    let inside = member.listed.len() - 2;
    let first = member.listed.start + 1 + stream.below(inside - bars + 1);
    present[first..first + bars].fill(false);
}

#[cfg(test)]
mod tests {
    use super::{OUTAGE_BARS, present};
    use crate::demo::roster::ROSTER;

    #[test]
    fn lost_bars_are_singles_and_outages_inside_the_listing() {
        for member in ROSTER.iter().filter(|member| member.loses_bars) {
            let rows = present(1, member);
            let life = &rows[member.listed.clone()];
            assert!(life[0] && life[life.len() - 1]);
            let lost: Vec<usize> =
                life.chunk_by(|a, b| a == b).filter(|chunk| !chunk[0]).map(<[bool]>::len).collect();
            let outages = lost.iter().filter(|&&bars| bars >= OUTAGE_BARS.0).count();
            let singles = lost.iter().filter(|&&bars| bars == 1).count();
            assert!(outages >= 1, "{}: no outage", member.symbol);
            assert!(singles >= 18, "{}: {singles} single bars", member.symbol);
        }
    }
}
