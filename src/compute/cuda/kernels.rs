//! The kernels: their text, and what the driver is given to run.
//!
//! The files of `kernels/` are one translation unit. `kernels/barline.ptx` is what NVRTC makes of it, committed
//! beside the text, so that a run needs the driver and nothing else: no toolkit, no compiler, and no
//! second version of the arithmetic. Its first line holds the hash of the text it was made from and the compiler
//! that made it; tests hold the two together, and `BARLINE_WRITE=1 cargo test --release kernels` writes it
//! anew where `libnvrtc.so.12` is found.
//!
//! An old NVRTC on purpose: 12.2 writes PTX 8.2, which drivers from 535 on (CUDA 12.2) can read.

/// The text of the kernels, in the order in which it is compiled.
pub const SOURCES: [(&str, &str); 9] = [
    ("common.cu", include_str!("kernels/common.cu")),
    ("products.cu", include_str!("kernels/products.cu")),
    ("windows.cu", include_str!("kernels/windows.cu")),
    ("stepped.cu", include_str!("kernels/stepped.cu")),
    ("pairwise.cu", include_str!("kernels/pairwise.cu")),
    ("portfolio.cu", include_str!("kernels/portfolio.cu")),
    ("survivors.cu", include_str!("kernels/survivors.cu")),
    ("engle_granger.cu", include_str!("kernels/engle_granger.cu")),
    ("johansen.cu", include_str!("kernels/johansen.cu")),
];

/// What the driver compiles for its device.
pub const PTX: &str = include_str!("kernels/barline.ptx");

/// Least driver that can read [`PTX`]: 1000 x major + 10 x minor.
pub(super) const LEAST_DRIVER: i32 = 12_020;

/// Least compute capability that [`PTX`] is made for.
pub(super) const LEAST_CAPABILITY: (i32, i32) = (7, 5);

/// A kernel, by its name in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KernelName {
    Products,
    Center,
    FourthMoments,
    MovesApart,
    WindowCovariances,
    FadedCovariances,
    SteppedCovariances,
    CenterPresent,
    PairwiseMoments,
    Correlations,
    EngleGrangerOneLag,
    EngleGrangerLags,
    JohansenPairs,
}

impl KernelName {
    /// All of them, in the order of their numbers.
    pub(super) const ALL: [(Self, &'static str); 13] = [
        (Self::Products, "products"),
        (Self::Center, "center"),
        (Self::FourthMoments, "fourth_moments"),
        (Self::MovesApart, "moves_apart"),
        (Self::WindowCovariances, "window_covariances"),
        (Self::FadedCovariances, "faded_covariances"),
        (Self::SteppedCovariances, "stepped_covariances"),
        (Self::CenterPresent, "center_present"),
        (Self::PairwiseMoments, "pairwise_moments"),
        (Self::Correlations, "correlations"),
        (Self::EngleGrangerOneLag, "engle_granger_one_lag"),
        (Self::EngleGrangerLags, "engle_granger_lags"),
        (Self::JohansenPairs, "johansen_pairs"),
    ];
}

/// The text as it is compiled.
pub fn source() -> String {
    SOURCES.iter().map(|(_, text)| *text).collect()
}

#[cfg(test)]
mod tests {
    use super::KernelName;

    #[test]
    fn numbers_are_places() {
        for (place, (kernel, _)) in KernelName::ALL.iter().enumerate() {
            assert_eq!(*kernel as usize, place);
        }
    }
}
