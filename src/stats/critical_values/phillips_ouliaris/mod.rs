//! The simulated surfaces of the four statistics of Phillips and Ouliaris, a file each.

mod pu;
mod pz;
mod za;
mod zt;

pub(super) use pu::PU;
pub(super) use pz::PZ;
pub(super) use za::ZA;
pub(super) use zt::ZT;
