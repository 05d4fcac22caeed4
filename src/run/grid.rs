//! The grid of a run: horizons x combinations x strategies, counted and walked by rank.

use std::ops::Range;

use crate::{
    domain::{
        Size,
        combination::{self, RankSample},
    },
    error::{Error, Result},
    run::{Request, wanted_sizes::wanted_sizes},
    strategy::Strategy,
};

/// The combinations of one size that a run visits, and the strategies that run on them.
#[derive(Debug, Clone)]
pub(super) struct SizeGrid {
    members: usize,
    /// Indices of the strategies that accept it.
    pub(super) strategies: Vec<usize>,
    universe: usize,
    first_rank: u64,
    sample: RankSample,
    /// The one combination of a script, and the place of its horizon among those of the run.
    script: Option<(usize, Vec<u16>)>,
    /// The combinations that are ranked, where these are not all of the universe.
    listed: Option<Vec<Vec<u16>>>,
}

impl SizeGrid {
    /// The one combination `assets` of a script over the horizon at `horizon`, in a run whose one
    /// strategy plays scripts.
    pub(super) fn of_script(horizon: usize, assets: Vec<u16>, universe: usize) -> Self {
        Self {
            members: assets.len(),
            strategies: vec![0],
            universe,
            first_rank: 0,
            sample: RankSample::new(1, None, 0),
            script: Some((horizon, assets)),
            listed: None,
        }
    }

    /// True if its combinations are visited over the horizon at `horizon`.
    pub(super) fn is_over(&self, horizon: usize) -> bool {
        self.script.as_ref().is_none_or(|(own, _)| *own == horizon)
    }

    /// Number of combinations visited.
    pub(super) fn combinations(&self) -> u64 {
        self.sample.len()
    }

    /// Instruments of a combination.
    pub(super) fn members(&self) -> usize {
        self.members
    }

    /// Number of pairs that the combinations hold, at most.
    pub(super) fn pairs(&self) -> u64 {
        let within = |members: usize| combination::count(members, 2).unwrap_or(u64::MAX);
        within(self.universe).min(self.combinations().saturating_mul(within(self.members)))
    }

    /// Number of combinations that a sample or a shard leaves out.
    pub(super) fn left_out(&self) -> u64 {
        self.sample.left_out()
    }

    /// Jobs of one horizon.
    fn jobs(&self) -> Option<u64> {
        self.combinations().checked_mul(self.strategies.len() as u64)
    }

    /// The `at`-th combination visited: indices into the universe, increasing.
    pub(super) fn assets(&self, at: u64) -> Vec<u16> {
        if let Some((_, assets)) = &self.script {
            return assets.clone();
        }
        let rank = self.first_rank + self.sample.rank(at);
        if let Some(listed) = &self.listed {
            let place = usize::try_from(rank).ok();
            return place.and_then(|at| listed.get(at)).cloned().unwrap_or_default();
        }
        combination::unrank(self.universe, self.members, rank).unwrap_or_default()
    }
}

/// The sizes of a run in a universe of `universe` instruments.
///
/// # Errors
/// Usage, if nothing is left to run or the number of jobs does not fit in 64 bits.
pub(super) fn grid(
    request: &Request,
    strategies: &[Box<dyn Strategy>],
    universe: usize,
) -> Result<Vec<SizeGrid>> {
    let mut sizes = vec![Size::Of(1)];
    if request.multi_pair {
        sizes.extend(request.sizes.within(universe));
    }
    let mut grids = Vec::new();
    for size in sizes {
        let Some(members) = size.members(universe) else { continue };
        let accepting: Vec<_> =
            (0..strategies.len()).filter(|&s| strategies[s].accepts(size, members)).collect();
        if !accepting.is_empty() {
            grids.push(size_grid(request, members, accepting, universe)?);
        }
    }
    let jobs = jobs(&grids, request.horizons.len());
    match jobs {
        Some(0) => Err(nothing_to_run(request, strategies, universe)),
        None => Err(Error::usage("the combinations are too many to count in 64 bits")
            .with_hint("ask for smaller --sizes or fewer --symbols")),
        Some(_) => Ok(grids),
    }
}

fn size_grid(
    request: &Request,
    members: usize,
    strategies: Vec<usize>,
    universe: usize,
) -> Result<SizeGrid> {
    let total = combination::count(universe, members).ok_or_else(|| {
        Error::usage(format!("combinations of {members} out of {universe} exceed 64 bits"))
            .with_hint("ask for smaller --sizes or fewer --symbols")
    })?;
    let ranks = request.ranks.clone().unwrap_or(0..total);
    let ranks: Range<u64> = ranks.start.min(total)..ranks.end.min(total);
    let shard = ranks.end - ranks.start;
    Ok(SizeGrid {
        members,
        strategies,
        universe,
        first_rank: ranks.start,
        sample: RankSample::new(shard, request.max_combinations, request.seed),
        script: None,
        listed: None,
    })
}

/// The combinations `listed` by a screen, each of them increasing, for a run in a universe of
/// `universe` instruments.
///
/// # Errors
/// As [`grid`].
pub(super) fn listed_grid(
    request: &Request,
    strategies: &[Box<dyn Strategy>],
    mut listed: Vec<Vec<u16>>,
    universe: usize,
) -> Result<Vec<SizeGrid>> {
    listed.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    listed.dedup();
    let mut grids = Vec::new();
    for chunk in listed.chunk_by(|a, b| a.len() == b.len()) {
        let members = chunk.first().map_or(0, Vec::len);
        let accepts = |at: &usize| strategies[*at].accepts(Size::Of(members), members);
        let accepting: Vec<_> = (0..strategies.len()).filter(accepts).collect();
        if accepting.is_empty() {
            continue;
        }
        let total = chunk.len() as u64;
        let ranks = request.ranks.clone().unwrap_or(0..total);
        let ranks: Range<u64> = ranks.start.min(total)..ranks.end.min(total);
        grids.push(SizeGrid {
            members,
            strategies: accepting,
            universe,
            first_rank: ranks.start,
            sample: RankSample::new(
                ranks.end - ranks.start,
                request.max_combinations,
                request.seed,
            ),
            script: None,
            listed: Some(chunk.to_vec()),
        });
    }
    match jobs(&grids, request.horizons.len()) {
        Some(0) => Err(Error::usage(format!(
            "nothing to run: {} on what the screen listed",
            request.strategies.join(", ")
        ))
        .with_hint(format!(
            "{}: screen with a larger --max-p, or name strategies for its sizes",
            wanted_sizes(strategies)
        ))),
        None => Err(Error::usage("the combinations are too many to count in 64 bits")),
        Some(_) => Ok(grids),
    }
}

/// Combinations of all sizes; one that several horizons have a script of counts once.
pub(super) fn combinations(grids: &[SizeGrid]) -> u64 {
    let is_repeated = |at: usize| {
        let own = grids[at].script.as_ref().map(|(_, assets)| assets);
        let earlier = grids[..at].iter().filter_map(|g| g.script.as_ref());
        own.is_some_and(|own| earlier.into_iter().any(|(_, assets)| assets == own))
    };
    let counted = (0..grids.len()).filter(|&at| !is_repeated(at));
    counted.map(|at| grids[at].combinations()).sum()
}

/// All jobs of a run; `None` where they exceed 64 bits.
pub(super) fn jobs(grids: &[SizeGrid], horizons: usize) -> Option<u64> {
    let over = |g: &SizeGrid| (0..horizons).filter(|&at| g.is_over(at)).count() as u64;
    grids.iter().try_fold(0_u64, |sum, g| sum.checked_add(g.jobs()?.checked_mul(over(g))?))
}

fn nothing_to_run(request: &Request, strategies: &[Box<dyn Strategy>], universe: usize) -> Error {
    let names = request.strategies.join(", ");
    let error = Error::usage(format!(
        "nothing to run: {names} on {universe} symbols, sizes {}",
        request.sizes
    ));
    if request.multi_pair {
        error
            .with_hint(format!("{}: widen --sizes, --ranks or --symbols", wanted_sizes(strategies)))
    } else {
        error.with_hint("strategies over combinations need --multi-pair")
    }
}
