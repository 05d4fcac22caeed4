//! A stage of what a run or an import takes, and the peak of some of them.

/// When a stage stands in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// From beginning to end.
    Always,
    /// While bars are loaded.
    Loading,
    /// While jobs are computed.
    Computing,
}

impl Phase {
    /// Its name in a plan.
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Loading => "loading",
            Self::Computing => "computing",
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

/// The peak of some stages: what always stands, and the larger of what follows one another.
pub fn peak(stages: &[Stage]) -> u64 {
    let sum = |phase: Phase| -> u64 {
        let of = stages.iter().filter(|stage| stage.phase == phase);
        of.fold(0, |sum: u64, stage| sum.saturating_add(stage.bytes))
    };
    sum(Phase::Always).saturating_add(sum(Phase::Loading).max(sum(Phase::Computing)))
}
