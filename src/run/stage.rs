//! A stage of what a run or an import takes, and the peak of some of them.

/// When a stage stands in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// From beginning to end.
    Always,
    /// While bars are loaded.
    Loading,
    /// While jobs are computed, or tests are made by the kernels.
    Computing,
    /// While what the tests found is tested again and listed.
    Listing,
    /// While what was written is brought into the store's file.
    Closing,
}

impl Phase {
    /// Its name in a plan.
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Loading => "loading",
            Self::Computing => "computing",
            Self::Listing => "listing",
            Self::Closing => "closing",
        }
    }
}

/// One stage of the prediction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What it is.
    pub name: &'static str,
    /// When it stands in memory.
    pub phase: Phase,
    /// What it takes.
    pub bytes: u64,
}

/// The peak of some stages: what always stands, and the largest of what follows one another.
pub fn peak(stages: &[Stage]) -> u64 {
    let sum = |phase: Phase| -> u64 {
        let of = stages.iter().filter(|stage| stage.phase == phase);
        of.fold(0, |sum: u64, stage| sum.saturating_add(stage.bytes))
    };
    let one_by_one = [Phase::Loading, Phase::Computing, Phase::Listing, Phase::Closing].map(sum);
    sum(Phase::Always).saturating_add(one_by_one.into_iter().max().unwrap_or(0))
}
