//! The widest registers that this processor has, chosen when the program runs.
//!
//! A kernel is compiled three times: for AVX-512, for AVX2 and for whatever the target guarantees.
//! Sums and products are fused where they say so ([`Lanes::less`], [`Lanes::plus`]), in all three, and no
//! operation changes its order, so that all return the same bits; what differs is how many lanes
//! one instruction serves. A processor without fused operations is slow at these.
#![allow(unsafe_code)]

use std::ops::{Add, Div, Mul, Sub};

/// Lanes that go together: the width of a 512-bit register.
pub(super) const LANES: usize = 8;

/// Eight problems side by side.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Lanes(pub(super) [f64; LANES]);

impl Lanes {
    pub(super) const ZERO: Self = Self([0.0; LANES]);

    /// The same number in every lane.
    #[inline(always)]
    pub(super) fn splat(value: f64) -> Self {
        Self([value; LANES])
    }

    /// Eight neighbours from `at` on.
    #[inline(always)]
    pub(super) fn load(values: &[f64], at: usize) -> Self {
        let mut lanes = [0.0; LANES];
        lanes.copy_from_slice(&values[at..at + LANES]);
        Self(lanes)
    }

    #[inline(always)]
    fn each(self, other: Self, operation: impl Fn(f64, f64) -> f64) -> Self {
        let mut lanes = [0.0; LANES];
        for ((lane, a), b) in lanes.iter_mut().zip(self.0).zip(other.0) {
            *lane = operation(a, b);
        }
        Self(lanes)
    }

    #[inline(always)]
    pub(super) fn sqrt(self) -> Self {
        self.each(self, |value, _| value.sqrt())
    }

    #[inline(always)]
    pub(super) fn abs(self) -> Self {
        self.each(self, |value, _| value.abs())
    }

    /// The smaller number of each lane; the other one's where this is NaN.
    #[inline(always)]
    pub(super) fn min(self, other: Self) -> Self {
        self.each(other, |a, b| if a < b { a } else { b })
    }

    /// True if `condition` holds between each lane and the other's.
    #[inline(always)]
    pub(super) fn all(self, other: Self, condition: impl Fn(f64, f64) -> bool) -> bool {
        self.0.into_iter().zip(other.0).fold(true, |all, (a, b)| all & condition(a, b))
    }

    /// This less the product of two others, rounded once.
    #[inline(always)]
    pub(super) fn less(self, a: Self, b: Self) -> Self {
        let mut lanes = [0.0; LANES];
        for ((lane, own), (a, b)) in lanes.iter_mut().zip(self.0).zip(a.0.into_iter().zip(b.0)) {
            *lane = (-a).mul_add(b, own);
        }
        Self(lanes)
    }

    /// This and the product of two others, rounded once.
    #[inline(always)]
    pub(super) fn plus(self, a: Self, b: Self) -> Self {
        let mut lanes = [0.0; LANES];
        for ((lane, own), (a, b)) in lanes.iter_mut().zip(self.0).zip(a.0.into_iter().zip(b.0)) {
            *lane = a.mul_add(b, own);
        }
        Self(lanes)
    }

    /// The square of each lane.
    #[inline(always)]
    pub(super) fn squared(self) -> Self {
        self * self
    }

    /// In each lane `yes` where `condition` holds for this lane and the other's.
    #[inline(always)]
    pub(super) fn pick(
        self,
        other: Self,
        condition: impl Fn(f64, f64) -> bool,
        yes: Self,
        no: Self,
    ) -> Self {
        let mut lanes = [0.0; LANES];
        let choices = yes.0.into_iter().zip(no.0);
        for (((lane, a), b), (yes, no)) in lanes.iter_mut().zip(self.0).zip(other.0).zip(choices) {
            *lane = if condition(a, b) { yes } else { no };
        }
        Self(lanes)
    }
}

macro_rules! lane_by_lane {
    ($($name:ident $method:ident $sign:tt),*) => {$(
        impl $name for Lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.each(other, |a, b| a $sign b)
            }
        }
    )*};
}
lane_by_lane!(Add add +, Sub sub -, Mul mul *, Div div /);

/// Arithmetic to be compiled for several register widths. `run` and all that it calls on its way
/// is `#[inline(always)]`.
pub(super) trait Kernel {
    /// What it answers.
    type Output;
    /// The arithmetic.
    fn run(self) -> Self::Output;
}

/// Runs the kernel in the widest registers there are.
pub(super) fn widest<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if is_wide() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { wide(kernel) };
        }
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("popcnt")
        {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { half(kernel) };
        }
    }
    kernel.run()
}

/// True if this processor has registers of eight numbers.
#[cfg(target_arch = "x86_64")]
fn is_wide() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vpopcntdq")
        && is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("popcnt")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512vpopcntdq,avx2,fma,popcnt")]
fn wide<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,popcnt")]
fn half<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

/// That this processor has 32 registers of eight numbers.
#[derive(Clone, Copy)]
pub(super) struct Wide(());

impl Wide {
    /// `None` where it has not.
    pub(super) fn new() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return is_wide().then_some(Self(()));
        #[cfg(not(target_arch = "x86_64"))]
        None
    }
}

/// Adds the sums of products of eight left columns and `8 COUNT` right ones to their cells, or, where
/// `fresh`, sets these: eight rows of them, `stride` apart. Written with the processor's own
/// operations, since 24 sums are more than the compiler keeps in registers by itself.
#[cfg(target_arch = "x86_64")]
pub(super) fn add_block<const COUNT: usize>(
    _: Wide,
    left: &[Lanes],
    rights: [&[Lanes]; COUNT],
    (cells, stride): (&mut [f64], usize),
    fresh: bool,
) {
    // SAFETY: the processor has every feature that the function is compiled for.
    unsafe { add_wide_block(left, rights, (cells, stride), fresh) }
}

/// What there is no proof for is not called.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn add_block<const COUNT: usize>(
    _: Wide,
    _: &[Lanes],
    _: [&[Lanes]; COUNT],
    _: (&mut [f64], usize),
    _: bool,
) {
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
fn add_wide_block<const COUNT: usize>(
    left: &[Lanes],
    rights: [&[Lanes]; COUNT],
    (cells, stride): (&mut [f64], usize),
    fresh: bool,
) {
    use std::arch::x86_64::{
        _mm512_add_pd, _mm512_fmadd_pd, _mm512_load_pd, _mm512_loadu_pd, _mm512_set1_pd,
        _mm512_setzero_pd, _mm512_storeu_pd,
    };
    let rights = rights.map(|right| &right[..left.len()]);
    let mut sums = [[_mm512_setzero_pd(); COUNT]; LANES];
    for (row, numbers) in left.iter().enumerate() {
        // SAFETY: eight numbers, aligned to their size.
        let rights = rights.map(|right| unsafe { _mm512_load_pd(right[row].0.as_ptr()) });
        for (sums, number) in sums.iter_mut().zip(numbers.0) {
            let number = _mm512_set1_pd(number);
            for (sum, right) in sums.iter_mut().zip(rights) {
                *sum = _mm512_fmadd_pd(right, number, *sum);
            }
        }
    }
    for (row, sums) in cells.chunks_mut(stride).zip(sums) {
        let eights = row[..COUNT * LANES].as_chunks_mut::<LANES>().0;
        for (cells, sum) in eights.iter_mut().zip(sums) {
            // SAFETY: eight numbers.
            let before = unsafe { _mm512_loadu_pd(cells.as_ptr()) };
            let after = if fresh { sum } else { _mm512_add_pd(before, sum) };
            // SAFETY: eight numbers.
            unsafe { _mm512_storeu_pd(cells.as_mut_ptr(), after) };
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use super::*;

    struct Sum<'a>(&'a [f64]);

    impl Kernel for Sum<'_> {
        type Output = [u64; LANES];
        #[inline(always)]
        fn run(self) -> Self::Output {
            let mut sum = Lanes::ZERO;
            for at in (0..self.0.len() - LANES).step_by(LANES) {
                let x = Lanes::load(self.0, at);
                sum = sum + x.squared() / (x.abs() + Lanes::splat(0.3)).sqrt() - x;
                sum = sum.less(x, sum).plus(x, x);
            }
            sum.0.map(f64::to_bits)
        }
    }

    #[test]
    fn wider_registers_change_no_bit() {
        let values: Vec<f64> = (0..1_000).map(|t| libm::sin(f64::from(t * t))).collect();
        assert_eq!(widest(Sum(&values)), Sum(&values).run());
    }

    #[test]
    fn lanes_do_not_mix() {
        let a = Lanes([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, f64::NAN]);
        let b = Lanes::splat(4.0);
        assert_eq!(a.min(b).0, [1.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0, 4.0]);
        let picked = a.pick(b, |a, b| a < b, Lanes::ZERO, b);
        assert_eq!(picked.0, [0.0, 0.0, 0.0, 4.0, 4.0, 4.0, 4.0, 4.0]);
    }
}
