//! CUDA through its driver: what there is (`context`), and the unsafe steps (`launch`).

mod context;
mod launch;

pub(super) use context::probe;
