//! The same cases through the plain path, the processor's kernels and a CUDA device.
//!
//! Always run: the kernels compiled as C++ (`device/host.h`) behind a driver library of ours
//! (`device/driver.cpp`), so that everything up to the driver's own calls is what a run with a device has; with
//! little memory, allocations that fail and a device that is lost too. Run where there is one: the machine's own
//! device. Without one that is said, and with `BARLINE_REQUIRE_CUDA=1` it is a failure.

mod cases;
pub(crate) mod host_device;
mod pair_cases;

use std::{env, process::Command};

use barline::compute::Cuda;

/// Opens the device that this process sees; `None` where there is none, which is said.
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
fn device() -> Option<Cuda> {
    match Cuda::open(None, 2) {
        Ok(device) => Some(device),
        Err(cause) => {
            assert!(env::var_os("BARLINE_REQUIRE_CUDA").is_none(), "a device is required: {cause}");
            eprintln!("skipped: CUDA cases, {cause}");
            None
        }
    }
}

/// Every case on this process's device; what it did.
fn all_cases() -> Option<barline::compute::DeviceUse> {
    let device = device()?;
    // The processor is a slow device: all cases are tried once on it.
    let few = env::var_os("BARLINE_PARITY").is_some_and(|which| which == "few");
    cases::all(&device, few);
    pair_cases::all(&device, few);
    Some(device.used())
}

#[test]
#[allow(clippy::print_stderr, reason = "what a device did is worth telling")]
fn this_machines_device_agrees() {
    if let Some(used) = all_cases() {
        eprintln!("{used:?}");
        assert!(used.deviation <= 1e-10 || used.lost.is_some());
        if env::var_os("BARLINE_FAKE_CUDA").is_none() {
            assert_eq!(used.lost, None);
        }
    }
}

/// The test above in a process of its own that sees our driver, set up as `fake` says; with few cases unless
/// `whole`.
fn as_host_code(fake: &str, whole: bool) -> Option<String> {
    let folder = host_device::folder()?;
    let child = Command::new(env::current_exe().expect("the test binary"))
        .args(["parity::this_machines_device_agrees", "--exact", "--nocapture"])
        .env("LD_LIBRARY_PATH", folder)
        .env("BARLINE_REQUIRE_CUDA", "1")
        .env("BARLINE_FAKE_CUDA", fake)
        .env("BARLINE_PARITY", if whole { "all" } else { "few" })
        .output()
        .expect("the test binary runs");
    let said = String::from_utf8_lossy(&child.stderr).into_owned()
        + &String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{fake}: {said}");
    Some(said)
}

#[test]
fn the_kernels_agree_as_host_code() {
    if let Some(said) = as_host_code("log=0", true) {
        assert!(said.contains("deviation: 0.0, lost: None"), "{said}");
        assert!(!said.contains("windows: 0,") && !said.contains("pairs: 0,"), "{said}");
    }
}

#[test]
fn what_cublas_multiplies_has_the_same_survivors() {
    if let Some(said) = as_host_code("blas=1", false) {
        assert!(said.contains("blas: true") && said.contains("lost: None"), "{said}");
        assert!(!said.contains("deviation: 0.0"), "{said}");
    }
}

#[test]
fn a_small_device_is_tiled() {
    if let Some(said) = as_host_code("bytes=40000000", false) {
        assert!(said.contains("lost: None"), "{said}");
        assert!(!said.contains("windows: 0,") && !said.contains("pairs: 0,"), "{said}");
    }
}

#[test]
fn allocations_that_fail_halve_batches_and_change_nothing() {
    for first in [9, 30, 31, 60, 90] {
        if let Some(said) = as_host_code(&format!("out-of-memory={first}"), false) {
            assert!(said.contains("lost: None"), "{first}: {said}");
        }
    }
}

#[test]
fn a_lost_device_is_given_up_and_its_work_redone() {
    for launch in [2, 9, 40] {
        if let Some(said) = as_host_code(&format!("sticky={launch}"), false) {
            assert!(said.contains("lost: Some(\"CUDA_ERROR_ILLEGAL_ADDRESS"), "{launch}: {said}");
        }
    }
}
