//! Bytes that a screen takes, stage by stage: every formula of its plan stands here.
//!
//! ```text
//! peak = base + DuckDB + columns + max(loading, computing, listing, closing)
//! loading   = a group of instruments, sorted in DuckDB and as a frame on its way to the columns
//! computing = series + pairs that are related + workers x tile + proposals
//! listing   = proposals + what is decided about them + rows on their way to the store
//! closing   = rows of earlier screens that are merged with those of this one
//! ```
//! What passes the level is not known before the tests are made. So much of it is held in memory as is
//! planned; the rest is sorted on the disk. Only DuckDB takes more then, up to its limit: a budget has to
//! hold that too. Units: bytes.

use super::{
    judging::Judging,
    method::Method,
    pool::{Pool, SPARE},
    propose::{BASKETS, Proposal},
    request::{Adjustment, Listing, ScreenRequest},
};
use crate::{
    compute::{Cpu, PairSet, PairStatistic},
    domain::{Panel, Size},
    frame,
    run::{
        footprint::{self, MIB},
        stage::{Phase, Stage, peak},
    },
    stats::LagRule,
    store::RowGroups,
};

/// Assets on a side of a tile of the kernels, assets whose products are held for baskets, and bytes of
/// a basket that the kernels hand on.
const TILE: u64 = 256;
const BASKET_ASSETS: u64 = 1_024;
const BASKET_BYTES: u64 = 64;
/// Tiles whose answers are held for each worker: its own, and one that waits.
const WAITING: u64 = 2;
/// Rows of a tile that are added up at a time.
const DEPTH: u64 = 128;
/// What DuckDB takes beside the bars that it sorts, and what it keeps of that.
const SORT_BEGUN: u64 = MIB;
/// Of the tests without any relation a share equal to the level has a p-value up to it; so many times
/// as many are planned: 1.41 were seen of walks without any.
const MORE_THAN_CHANCE: f64 = 1.75;
/// Tests of an instrument that are planned to pass where p-values are adjusted.
const PASSING: u64 = 8;
/// Rows that are written at a time, and bytes of one with its names.
pub(super) const BATCH_ROWS: usize = 4_096;
const ROW_BYTES: u64 = 512;
/// What the printed answer takes, piece by piece.
const ANSWER: u64 = 3 * MIB / 2;
/// A row as DuckDB holds it until it is checkpointed: numbers, and short texts.
const STORED_ROW_BYTES: u64 = 192;

/// Most that proposals and what is decided about them may take in memory each, their share of the budget
/// where that is less, and what they are never kept below; the rest is sorted on the disk.
const SORTED_BYTES: u64 = 32 * MIB;
const SORTED_SHARE: u64 = 16;
const LEAST_SORTED: u64 = MIB;
/// Fewer rows than this are always held.
const LEAST_ROWS: u64 = 4_096;

/// What is held in memory, in rows: of what is more, or passes against all odds, the rest goes to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct HeldRows {
    /// Proposals.
    pub(super) proposals: usize,
    /// What decides about tests.
    pub(super) verdicts: usize,
    /// Tests with all their numbers.
    pub(super) whole: usize,
}

/// What is there before a screen.
pub(super) struct Ground {
    /// The process, without DuckDB's buffers.
    pub(super) held: u64,
    /// What bars take of the store's file at most.
    pub(super) bar_bytes: u64,
    /// What a kill left in its log, as it stands in memory and is made part of the file.
    pub(super) logged: u64,
    /// Rows of the store's tables of results.
    pub(super) groups: RowGroups,
}

/// What is asked of a screen, in numbers.
pub(super) struct Shape<'a> {
    pub(super) request: &'a ScreenRequest,
    pub(super) method: Method,
    pub(super) symbols: usize,
    /// Rows of the window, and those in which an instrument has a bar at most.
    pub(super) rows: usize,
    pub(super) own_rows: usize,
    /// Rows that two instruments have in common at most.
    pub(super) common_rows: u64,
    pub(super) tests: u64,
    pub(super) workers: usize,
    pub(super) group_assets: usize,
}

impl Shape<'_> {
    /// The stages of the predicted peak: so many pass the level as are expected.
    pub(super) fn stages(&self, ground: &Ground, limit: u64, budget: u64) -> Vec<Stage> {
        self.stages_of(self.listed(), ground, limit, budget)
    }

    /// The peak where every test passes.
    pub(super) fn most(&self, ground: &Ground, limit: u64, budget: u64) -> u64 {
        let listed = match self.request.listing {
            Listing::Top(_) => self.listed(),
            Listing::All | Listing::MaxP(_) => self.tests,
        };
        peak(&self.stages_of(listed, ground, limit, budget))
    }

    /// See [`footprint`]. Of what the kernels took only the proposals are there while rows are listed.
    fn stages_of(&self, listed: u64, ground: &Ground, limit: u64, budget: u64) -> Vec<Stage> {
        let stage = |name, phase, bytes| Stage { name, phase, bytes };
        let columns = (self.symbols * self.rows * size_of::<f64>()) as u64;
        let panel = Panel::bytes_for(self.symbols, self.rows, &[]);
        let frame = frame::group_frame_bytes(self.group_assets, self.own_rows, &[]);
        // Of a moment and five numbers of a bar a moment and two are read, in whole blocks.
        let half = ground.bar_bytes / 2;
        let read = half + (half / 2).min(MIB) + ground.logged;
        let duckdb = |more| footprint::duckdb_bytes(read.saturating_add(more), limit);
        let written = listed.saturating_mul(STORED_ROW_BYTES);
        // Every test is listed as the kernels hand it on.
        let all = self.request.listing == Listing::All;
        let listing = if all { Phase::Computing } else { Phase::Listing };
        let sorting = |bars| duckdb(SORT_BEGUN + bars) - duckdb(0);
        let held = duckdb(written) - duckdb(0);
        let merging = ground.groups.merging_bytes(&[("screen", listed)]);
        let merging = duckdb(written.saturating_add(merging)) - duckdb(written);
        let stages = vec![
            stage("base", Phase::Always, footprint::base_bytes(ground.held, self.workers)),
            stage("duckdb", Phase::Always, duckdb(0)),
            stage("columns", Phase::Always, columns),
            stage("sorting", Phase::Loading, sorting(frame)),
            stage("panel", Phase::Loading, panel + frame),
            stage("sorted", Phase::Computing, sorting(0)),
            stage("series", Phase::Computing, self.series()),
            stage("related", Phase::Computing, self.related()),
            stage("tiles", Phase::Computing, self.tiles().max(self.baskets())),
            stage("proposals", Phase::Computing, self.proposals(budget)),
            stage("chosen", Phase::Listing, self.chosen(budget)),
            stage("rows", listing, listed.min(BATCH_ROWS as u64) * ROW_BYTES),
            stage("written", listing, held),
            stage("answer", Phase::Listing, ANSWER),
        ];
        footprint::with_closing(stages, held, merging, budget)
    }

    /// Share of the tests that the kernels hand on.
    fn kept_share(&self) -> f64 {
        match self.request.listing {
            Listing::MaxP(level) => (MORE_THAN_CHANCE * level).min(1.0),
            Listing::All | Listing::Top(_) => 1.0,
        }
    }

    /// Rows that are listed at most, where no more pass the level than are planned.
    fn listed(&self) -> u64 {
        match self.request.listing {
            Listing::All => self.tests,
            Listing::Top(count) => count.min(self.tests),
            Listing::MaxP(level) => self.passing(level),
        }
    }

    /// Tests that pass the level: some more than chance has pass; where p-values are adjusted for that,
    /// some of every instrument.
    fn passing(&self, level: f64) -> u64 {
        match self.request.adjustment {
            Adjustment::None => share_of(self.tests, self.kept_share()),
            _ => share_of(self.tests, level).min(PASSING * self.symbols as u64),
        }
    }

    /// Planes of a tile, one after the other.
    fn planes(&self) -> u64 {
        match self.method {
            Method::EngleGranger { rule: LagRule::Fixed(lag), .. } => lag as u64 + 2,
            Method::EngleGranger { rule, .. } => largest_lag(rule, self.common_rows) + 2,
            Method::Johansen { lags, .. } => 2 * lags as u64 + 3,
            Method::PhillipsOuliaris { .. } => 0,
        }
    }

    /// What the kernels keep of every series: itself, moved where there are lags, and its ends.
    fn series(&self) -> u64 {
        let (rows, planes) = (self.common_rows, self.planes());
        let moved = match self.method {
            Method::EngleGranger { .. } => 1,
            Method::Johansen { .. } => 2,
            Method::PhillipsOuliaris { .. } => 0,
        };
        let own = match self.method {
            Method::Johansen { lags, .. } => {
                let variables = lags as u64 + 2;
                (variables + 3) * variables + 2 * variables
            }
            _ => 3 * planes + 4,
        };
        // And as they are gathered.
        self.symbols as u64 * 8 * ((moved + 1) * (rows + 8) + own)
    }

    /// A bit for each pair, where correlations decide, and the changes that these are made of.
    fn related(&self) -> u64 {
        let symbols = self.symbols as u64;
        let changes = symbols * 8 * (self.rows as u64 + 8);
        self.request.min_correlation.map_or(0, |_| PairSet::bytes_for(symbols) + changes)
    }

    fn tiles(&self) -> u64 {
        let symbols = self.symbols as u64;
        let (blocks, rest) = (symbols / TILE, symbols % TILE);
        let side = Cpu::tile_columns(self.symbols) as u64;
        let rest_side = Cpu::tile_columns(usize::try_from(rest).unwrap_or(0)) as u64;
        let parts = u64::from(rest > 0);
        // How many tiles there are, with their cells and tests, the largest first. Every pair has a test in
        // both directions; those of a block with itself are half as many.
        let tiles = [
            (blocks * blocks.saturating_sub(1) / 2, TILE * TILE, 2 * TILE * TILE),
            (blocks, TILE * TILE, TILE * TILE),
            (blocks * parts, TILE * rest_side, 2 * TILE * rest),
            (parts, rest_side * rest_side, rest * rest),
        ];
        let (mut workers, mut cells, mut tests) = (0, 0, 0);
        for (count, own_cells, own_tests) in tiles {
            let now = count.min(self.workers as u64 - workers);
            workers += now;
            cells += now * own_cells;
            tests = if count > 0 { own_tests.max(tests) } else { tests };
        }
        let planes = 8 * (self.planes() * cells + workers * 2 * side * DEPTH);
        let kept = share_of(tests, self.kept_share());
        let all = share_of(symbols * symbols, self.kept_share());
        let answers = (workers * WAITING * kept).min(all) * size_of::<PairStatistic>() as u64;
        let handed_on = kept * size_of::<Proposal>() as u64;
        planes.saturating_add(answers).saturating_add(handed_on)
    }

    /// Products of all pairs that baskets gather from, and the baskets that wait.
    fn baskets(&self) -> u64 {
        let sizes = self.request.sizes.iter();
        let largest =
            sizes.map(|size| if let Size::Of(members) = size { members } else { 0 }).max();
        let members = largest.filter(|members| *members > 2).unwrap_or(0) as u64;
        if members == 0 || !matches!(self.method, Method::Johansen { .. }) {
            return 0;
        }
        let blocks = BASKET_ASSETS.min(self.symbols as u64).div_ceil(TILE);
        let side = Cpu::tile_columns(self.symbols) as u64;
        let products = blocks * (blocks + 1) / 2 * self.planes() * side * side * 8;
        // Positions, the group of each, and proposals.
        let asked = self.tests.min(BASKETS) * (8 * members + 16 + BASKET_BYTES);
        products + asked
    }

    /// Proposals that are expected, of which so many are chosen, and keys of the most significant.
    fn expected(&self) -> [u64; 3] {
        let adjusted = self.request.adjustment != Adjustment::None;
        match self.request.listing {
            Listing::All => [0; 3],
            Listing::MaxP(level) => {
                [share_of(self.tests, self.kept_share()), self.passing(level), 0]
            }
            Listing::Top(count) => {
                let level = if adjusted { self.tests / 16 } else { 0 };
                let chosen = count.max(level).min(self.tests);
                let kept = chosen.saturating_mul(2).saturating_add(SPARE as u64).min(self.tests);
                [kept, chosen, count.min(self.tests)]
            }
        }
    }

    /// What of it is held in memory.
    pub(super) fn held(&self, budget: u64) -> HeldRows {
        let [kept, chosen, _] = self.expected();
        let most = SORTED_BYTES.min(budget / SORTED_SHARE).max(LEAST_SORTED);
        let rows = |expected: u64, bytes: u64| {
            usize::try_from(expected.clamp(LEAST_ROWS, most / bytes)).unwrap_or(usize::MAX)
        };
        let whole = Judging::most_whole(chosen).min(most / Judging::whole_bytes_for(1));
        HeldRows {
            proposals: rows(kept, Pool::bytes_for(1)),
            verdicts: rows(chosen, Judging::verdict_bytes_for(1)),
            whole: usize::try_from(whole).unwrap_or(usize::MAX),
        }
    }

    /// Proposals in memory, and the keys of the most significant.
    fn proposals(&self, budget: u64) -> u64 {
        let adjusted = self.request.adjustment != Adjustment::None;
        if self.request.listing == Listing::All {
            return if adjusted { self.tests.saturating_mul(8) } else { 0 };
        }
        let [_, _, top] = self.expected();
        // A small screen never comes to the rows that it may hold.
        let held = (self.held(budget).proposals as u64).min(self.tests);
        Pool::bytes_for(held).saturating_add(Pool::top_bytes_for(top))
    }

    /// Proposals and what is decided about them.
    fn chosen(&self, budget: u64) -> u64 {
        if self.request.listing == Listing::All {
            return self.proposals(budget);
        }
        let [_, chosen, _] = self.expected();
        let held = self.held(budget);
        Pool::bytes_for((held.proposals as u64).min(self.tests))
            + Judging::verdict_bytes_for((held.verdicts as u64).min(self.tests))
            + Judging::whole_bytes_for(held.whole as u64)
            + Judging::chunk_bytes_for(chosen)
    }
}

/// So much of `count`, rounded up.
fn share_of(count: u64, share: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let part = (share * count as f64).ceil() as u64;
    part.min(count)
}

/// The largest order that a search tries on so many rows.
fn largest_lag(rule: LagRule, rows: u64) -> u64 {
    match rule {
        LagRule::Fixed(lag) => lag as u64,
        LagRule::Aic { max } | LagRule::Bic { max } | LagRule::TStat { max } => {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let schwert = (12.0 * (rows as f64 / 100.0).sqrt().sqrt()).ceil() as u64;
            max.map_or(schwert, |max| max as u64)
        }
    }
}
