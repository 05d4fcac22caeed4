//! Which pairs the kernel rules out, a tile of pairs at a time.
//!
//! A fit tests a pair on one window; most pairs of a universe fail, and what is kept of a failure does
//! not hold its figures (see `fit`). The kernel of [`compute`](crate::compute) tests all pairs of two
//! blocks of instruments at once, on every formation window: a pair is ruled out where the statistics
//! of both directions, less the kernel's error, are above what could matter. Everything else is left
//! to the plain path, and so are pairs that the kernel refuses. No row tells which of the two it was:
//! what is ruled out fails the plain test for certain, and leaves the same record.
//!
//! A tile is tested once a few of its pairs have been asked for: a sample of combinations asks for few
//! pairs of many tiles, and a grid for all.

use std::{
    collections::{BTreeMap, HashMap},
    ops::{ControlFlow, Range},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
};

use super::CommonRows;
use crate::{
    compute::{Backend, Cpu, EngleGrangerScreen, PairProblem, PairTests},
    domain::deadline,
    stats::{self, LagRule, P_SEAM, Trend},
    strategy::HorizonBars,
};

/// Instruments on a side of a tile: a row of a tile is a word.
const BLOCK: usize = u64::BITS as usize;
/// Pairs of a tile that are fitted before the others are tested: what a tile takes.
const FITTED_FIRST: u32 = 8;
/// Bytes that are kept for a pair.
pub(super) const PAIR_BYTES: usize = 64;
/// Bytes of the windows that are gathered together for a device.
const GATHERED_BYTES: usize = 16 << 20;
/// Tiles of fewer pairs are not tested.
const LEAST_PAIRS: usize = 2 * FITTED_FIRST as usize;

/// The test that decides about pairs, and the p-value above which its figures do not matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::strategy) struct PairScreen {
    /// How the lag order is chosen.
    pub(in crate::strategy) rule: LagRule,
    /// The p-value, of both directions together.
    pub(in crate::strategy) far: f64,
}

impl PairScreen {
    /// Deterministic terms of the test.
    pub(super) const TREND: Trend = Trend::Constant;

    /// The largest statistic of a direction with which a pair's p-value may be at most `far`.
    fn keep_below(&self) -> f64 {
        let p_of = |statistic| Some((2.0 * stats::p_value(statistic, Self::TREND, 2)?).min(1.0));
        stats::largest_statistic(self.far / P_SEAM, p_of)
    }
}

/// The bytes that a test of a tile takes, of a universe of `symbols` on windows of `rows` rows.
pub(in crate::strategy) fn tile_bytes(symbols: usize, rows: usize, rule: LagRule) -> u64 {
    let columns = symbols.min(2 * BLOCK) * rows * size_of::<f64>();
    let pairs = symbols * symbols.saturating_sub(1) / 2;
    if pairs < LEAST_PAIRS {
        return 0;
    }
    columns as u64 + Cpu::engle_granger_bytes(symbols, BLOCK, rows, rule)
}

/// Pairs of one horizon that cannot be accepted.
pub(super) struct Candidates<'a> {
    bars: &'a HorizonBars<'a>,
    screen: PairScreen,
    keep_below: f64,
    /// Calendar time before the scored window whose bars are used.
    history_micros: i64,
    blocks: OnceLock<Blocks>,
    tiles: Mutex<HashMap<[u32; 2], Arc<Tile>>>,
    /// Bytes of the tiles that are tested, and how many there may be.
    held: AtomicUsize,
    most: AtomicUsize,
}

/// Instruments that miss the same rows, up to [`BLOCK`] side by side.
struct Blocks {
    members: Vec<Vec<u16>>,
    /// Block of each instrument, and its place there.
    places: Vec<(u32, usize)>,
}

#[derive(Default)]
struct Tile {
    asked: AtomicU32,
    windows: OnceLock<Vec<Window>>,
}

/// The pairs of a tile that may matter on a formation window: a word for each member of the first
/// block. `None` where the kernel refused a pair.
type Window = Option<Box<[u64; BLOCK]>>;

/// What is known of a pair.
pub(super) struct Known {
    tile: Option<Arc<Tile>>,
    place: [usize; 2],
}

impl Known {
    /// True if the pair's test on the formation window of that refit is known to fail.
    pub(super) fn is_ruled_out(&self, refit: usize) -> bool {
        let windows = self.tile.as_ref().and_then(|tile| tile.windows.get());
        let window = windows.and_then(|windows| windows.get(refit)?.as_ref());
        window.is_some_and(|rows| rows[self.place[0]] >> self.place[1] & 1 == 0)
    }
}

impl<'a> Candidates<'a> {
    /// Those of a screen on windows that begin at most `history_micros` before the scored one; `None`
    /// where every pair matters.
    pub(super) fn of(
        bars: &'a HorizonBars<'a>,
        screen: PairScreen,
        history_micros: i64,
    ) -> Option<Self> {
        let keep_below = screen.keep_below();
        let symbols = bars.panel.universe().len();
        keep_below.is_finite().then(|| Self {
            bars,
            screen,
            keep_below,
            history_micros,
            blocks: OnceLock::new(),
            tiles: Mutex::default(),
            held: AtomicUsize::new(0),
            most: AtomicUsize::new(PAIR_BYTES * (symbols * symbols / 2)),
        })
    }

    /// Keeps what it knows of about `pairs` pairs at a time from now on.
    pub(super) fn bound(&self, pairs: usize) {
        self.most.store(PAIR_BYTES.saturating_mul(pairs), Ordering::Relaxed);
    }

    /// What is known of a pair, whose formation windows are these of its common rows.
    pub(super) fn known(
        &self,
        pair: [u16; 2],
        rows: &CommonRows,
        formations: &[Range<usize>],
    ) -> Known {
        let blocks = self.blocks.get_or_init(|| Blocks::of(self.bars, self.history_micros));
        let mut sides = pair.map(|asset| blocks.places[usize::from(asset)]);
        sides.sort_unstable();
        let [(left, _), (right, _)] = sides;
        let place = sides.map(|(_, place)| place);
        let pairs = blocks.pairs(left, right);
        if pairs < LEAST_PAIRS {
            return Known { tile: None, place };
        }
        let tile = {
            let mut tiles = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(tiles.entry([left, right]).or_default())
        };
        if tile.asked.fetch_add(1, Ordering::Relaxed) >= FITTED_FIRST {
            tile.windows.get_or_init(|| {
                let members = [left, right].map(|block| &*blocks.members[block as usize]);
                let members = if left == right { &members[..1] } else { &members[..] };
                let windows = self.windows(members, rows, formations);
                self.hold(size_of::<[u64; BLOCK]>() * windows.len());
                windows
            });
        }
        Known { tile: Some(tile), place }
    }

    /// Lets go of what is known.
    pub(super) fn release(&self) {
        self.tiles.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.held.store(0, Ordering::Relaxed);
    }

    /// Counts what is held more, and lets go of the rest where that is too much.
    fn hold(&self, bytes: usize) {
        let held = self.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if held > self.most.load(Ordering::Relaxed) {
            self.release();
        }
    }

    /// Windows of pairs that are ruled out by the tiles at hand.
    #[cfg(test)]
    pub(super) fn ruled_out(&self) -> usize {
        let tiles = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |(sides, tile): (&[u32; 2], &Arc<Tile>)| {
            let windows = tile.windows.get().into_iter().flatten().flatten();
            let rows = windows.flat_map(|rows| rows.iter().enumerate());
            // Cells below the diagonal of a block are no pairs.
            let one_block = sides[0] == sides[1];
            let is_pair = |first: usize, second: usize| !one_block || first < second;
            let left_out = |(place, row): (usize, &u64)| {
                (0..BLOCK).filter(|other| row >> other & 1 == 0 && is_pair(place, *other)).count()
            };
            rows.map(left_out).sum::<usize>()
        };
        tiles.iter().map(of).sum()
    }

    /// Tests all pairs of one block or of two on every formation window: one after the other, or many
    /// together where there is a device.
    fn windows(
        &self,
        members: &[&[u16]],
        rows: &CommonRows,
        formations: &[Range<usize>],
    ) -> Vec<Window> {
        let cpu = Cpu { workers: 1 };
        let (backend, together): (&dyn Backend, usize) = match self.bars.device {
            Some(device) => (device, together(members, formations)),
            None => (&cpu, 1),
        };
        let mut windows = Vec::with_capacity(formations.len());
        for some in formations.chunks(together) {
            deadline::look();
            let asked: Vec<Asked> =
                some.iter().map(|window| self.ask(members, rows.panel_rows(window))).collect();
            windows.extend(self.test(backend, asked));
        }
        windows
    }

    /// The columns of one block or of two in some rows. Members that stand still are not tested.
    fn ask(&self, blocks: &[&[u16]], rows: &[u32]) -> Asked {
        let gather = |(place, asset): (usize, &u16)| {
            let column = self.bars.logs.column(*asset);
            let values: Vec<f64> = rows.iter().map(|&row| column[row as usize]).collect();
            stats::moves(&values).then_some((place, values))
        };
        let sides: Vec<Vec<(usize, Vec<f64>)>> = blocks
            .iter()
            .map(|side| side.iter().enumerate().filter_map(gather).collect())
            .collect();
        let mut may_matter = Box::new([u64::MAX; BLOCK]);
        let (first, second) = (&sides[0], sides.last().unwrap_or(&sides[0]));
        let tested = second.iter().fold(0, |word, (place, _)| word | 1 << place);
        for (place, _) in first {
            may_matter[*place] = !tested;
        }
        let split = (sides.len() > 1).then_some(first.len());
        let (places, columns) = sides.into_iter().flatten().unzip();
        Asked { problem: PairProblem { columns, split }, places, may_matter, refused: 0 }
    }

    /// What is asked of some windows, tested.
    fn test(&self, backend: &dyn Backend, mut asked: Vec<Asked>) -> Vec<Window> {
        let screen = EngleGrangerScreen {
            trend: PairScreen::TREND,
            rule: self.screen.rule,
            min_rows: 0,
            keep_below: self.keep_below,
            only_kernel: true,
        };
        let problems: Vec<PairProblem> =
            asked.iter_mut().map(|asked| std::mem::take(&mut asked.problem)).collect();
        let mut take = |(window, answer): (usize, PairTests)| {
            let Asked { places, may_matter, refused, .. } = &mut asked[window];
            *refused += answer.refused;
            for pair in &answer.kept {
                let (one, other) = (pair.dependent, pair.regressor);
                may_matter[places[one.min(other)]] |= 1 << places[one.max(other)];
            }
            ControlFlow::Continue(())
        };
        let answered = backend.engle_granger_problems(&problems, &screen, &mut take).is_ok();
        let window = |asked: Asked| (answered && asked.refused == 0).then_some(asked.may_matter);
        asked.into_iter().map(window).collect()
    }
}

/// Windows whose columns are gathered at a time.
fn together(members: &[&[u16]], formations: &[Range<usize>]) -> usize {
    let columns: usize = members.iter().map(|block| block.len()).sum();
    let rows = formations.iter().map(Range::len).max().unwrap_or(0);
    (GATHERED_BYTES / (columns * rows * size_of::<f64>()).max(1)).max(1)
}

/// The pairs of a tile on one window, and what is known of them.
struct Asked {
    problem: PairProblem,
    places: Vec<usize>,
    may_matter: Box<[u64; BLOCK]>,
    refused: usize,
}

impl Blocks {
    /// Blocks of instruments whose markets make bars together and whose logarithms miss the same rows
    /// of the horizon: their pairs have the same windows.
    fn of(bars: &HorizonBars<'_>, history_micros: i64) -> Self {
        let rows = bars.history_rows(history_micros).start..bars.scored_rows().end;
        let mut calendars: BTreeMap<_, Vec<u16>> = BTreeMap::new();
        for (asset, class) in (0..).zip(bars.calendars.iter().take(bars.panel.universe().len())) {
            let mut hasher = blake3::Hasher::new();
            for chunk in bars.logs.column(asset)[rows.clone()].chunks(BLOCK) {
                let word =
                    chunk.iter().fold(0_u64, |word, log| word << 1 | u64::from(log.is_nan()));
                hasher.update(&word.to_le_bytes());
            }
            let calendar = (*class, *hasher.finalize().as_bytes());
            calendars.entry(calendar).or_default().push(asset);
        }
        let members: Vec<Vec<u16>> = calendars
            .values()
            .flat_map(|assets| assets.chunks(BLOCK).map(<[u16]>::to_vec))
            .collect();
        let mut places = vec![(0, 0); bars.panel.universe().len()];
        for (block, assets) in (0..).zip(&members) {
            for (place, asset) in assets.iter().enumerate() {
                places[usize::from(*asset)] = (block, place);
            }
        }
        Self { members, places }
    }

    /// Pairs of a tile.
    fn pairs(&self, left: u32, right: u32) -> usize {
        let [one, other] = [left, right].map(|block| self.members[block as usize].len());
        if left == right { one * (one - 1) / 2 } else { one * other }
    }
}
