//! What stands for a device where Barline is built without the feature `cuda`: nothing.

use std::ops::Range;

use super::{
    Backend, BasketTests, Baskets, CrossMoments, DeviceTimes, DeviceUse, EngleGrangerScreen,
    JohansenScreen, JohansenTests, NoDevice, PairProblem, PairSet, PairTests, PairwiseTriangles,
    ShrunkTriangle, Steps, Take, Triangle,
};
use crate::stats::{Decay, EwmaRules, Hrp, Result};

/// A device that there is none of.
#[derive(Debug)]
pub enum Cuda {}

impl Cuda {
    /// Bytes of the machine's memory that a run with a device takes beside its own.
    pub const HOST_BYTES: u64 = 0;

    /// There is none.
    ///
    /// # Errors
    /// Always.
    pub fn open(_: Option<u64>, _: usize) -> std::result::Result<Self, NoDevice> {
        Err(NoDevice::NotBuilt)
    }

    /// The same device.
    #[must_use]
    pub fn with_fast_products(self, _: bool) -> Self {
        self
    }

    /// What it has done so far.
    pub fn used(&self) -> DeviceUse {
        match *self {}
    }

    /// What the device's clock says of what `act` asks of it.
    pub fn timed<T>(&self, _: impl FnOnce(&Self) -> T) -> (T, DeviceTimes) {
        match *self {}
    }

    /// Milliseconds of a product.
    pub fn square_millis(&self, _: usize, _: usize, _: DeviceRates) -> Option<f64> {
        match *self {}
    }
}

/// Who multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceRates {
    /// Our kernel.
    Ours,
    /// cuBLAS.
    CuBlas,
}

impl Backend for Cuda {
    fn covariances(
        &self,
        _: &[&[f64]],
        _: &[Range<usize>],
        _: usize,
        _: Take<'_, Result<Triangle>>,
    ) {
        match *self {}
    }

    fn stepped_covariances(
        &self,
        _: &[&[f64]],
        _: Steps,
        _: Range<usize>,
        _: usize,
        _: Take<'_, Result<Triangle>>,
    ) {
        match *self {}
    }

    fn correlations(&self, _: &[&[f64]], _: &[Range<usize>], _: Take<'_, Result<Triangle>>) {
        match *self {}
    }

    fn correlation_distances(
        &self,
        _: &[&[f64]],
        _: &[Range<usize>],
        _: Take<'_, Result<Triangle>>,
    ) {
        match *self {}
    }

    fn ewma_covariances(
        &self,
        _: &[&[f64]],
        _: &[Range<usize>],
        _: Decay,
        _: EwmaRules,
        _: Take<'_, Result<Triangle>>,
    ) {
        match *self {}
    }

    fn shrunk_covariances(
        &self,
        _: &[&[f64]],
        _: &[Range<usize>],
        _: Take<'_, Result<ShrunkTriangle>>,
    ) {
        match *self {}
    }

    fn pairwise_covariances(
        &self,
        _: &[&[f64]],
        _: &[Range<usize>],
        _: usize,
        _: Take<'_, Result<PairwiseTriangles>>,
    ) {
        match *self {}
    }

    fn pairwise_correlations(
        &self,
        _: &[&[f64]],
        _: &[Range<usize>],
        _: usize,
        _: Take<'_, Result<PairwiseTriangles>>,
    ) {
        match *self {}
    }

    fn cross_moments(
        &self,
        _: &[&[f64]],
        _: Range<usize>,
        _: usize,
        _: Take<'_, CrossMoments>,
    ) -> Result<()> {
        match *self {}
    }

    fn engle_granger(
        &self,
        _: &[&[f64]],
        _: &EngleGrangerScreen,
        _: Take<'_, PairTests>,
    ) -> Result<()> {
        match *self {}
    }

    fn engle_granger_across(
        &self,
        _: &[&[f64]],
        _: usize,
        _: &EngleGrangerScreen,
        _: Take<'_, PairTests>,
    ) -> Result<()> {
        match *self {}
    }

    fn engle_granger_among(
        &self,
        _: &[&[f64]],
        _: &EngleGrangerScreen,
        _: &PairSet,
        _: Take<'_, PairTests>,
    ) -> Result<()> {
        match *self {}
    }

    fn engle_granger_problems(
        &self,
        _: &[PairProblem],
        _: &EngleGrangerScreen,
        _: Take<'_, (usize, PairTests)>,
    ) -> Result<()> {
        match *self {}
    }

    fn johansen(&self, _: &[&[f64]], _: &JohansenScreen, _: Take<'_, JohansenTests>) -> Result<()> {
        match *self {}
    }

    fn johansen_among(
        &self,
        _: &[&[f64]],
        _: &JohansenScreen,
        _: &PairSet,
        _: Take<'_, JohansenTests>,
    ) -> Result<()> {
        match *self {}
    }

    fn related(&self, _: &[&[f64]], _: f64) -> Result<PairSet> {
        match *self {}
    }

    fn johansen_baskets(
        &self,
        _: &[&[f64]],
        _: Baskets<'_>,
        _: &JohansenScreen,
        _: Take<'_, BasketTests>,
    ) -> Result<()> {
        match *self {}
    }

    fn hrp(&self, _: &[&[f64]], _: &[Range<usize>], _: Take<'_, Result<Hrp>>) {
        match *self {}
    }
}
