//! The driver library that stands for a device, compiled once a process.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use barline::compute::source;
use tempfile::TempDir;

static BUILT: OnceLock<Option<TempDir>> = OnceLock::new();

/// The folder that holds `libcuda.so.1`; `None` where there is no C++ compiler, which is said.
pub(crate) fn folder() -> Option<PathBuf> {
    let built = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        build(folder.path()).then_some(folder)
    });
    built.as_ref().map(|folder| folder.path().to_owned())
}

#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
fn build(folder: &Path) -> bool {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
    write("host.h", include_str!("../device/host.h"));
    write("driver.cpp", include_str!("../device/driver.cpp"));
    write("kernels.h", &source());
    let compiled = Command::new("c++")
        .current_dir(folder)
        .args(["-std=c++17", "-O2", "-ffp-contract=off", "-fno-strict-aliasing"])
        .args(["-U_FORTIFY_SOURCE", "-Wall", "-Werror", "-Wno-unknown-pragmas"])
        .args(["-shared", "-fPIC", "-Wl,-soname,libcuda.so.1"])
        .args(["-o", "libcuda.so.1", "driver.cpp"])
        .output();
    match compiled {
        Ok(done) if done.status.success() => {
            // The name that CUDA 13 gives it.
            let named = std::os::unix::fs::symlink("libcuda.so.1", folder.join("libcublas.so.13"));
            named.expect("a second name");
            true
        }
        Ok(done) => panic!("the kernels do not compile: {}", String::from_utf8_lossy(&done.stderr)),
        Err(_) => {
            eprintln!("skipped: no C++ compiler here");
            false
        }
    }
}
