//! Tests in a process of their own: what a plan says of the memory of the process is then said of
//! theirs and not of the other tests beside it.

use std::{env, process::Command};

/// Set in the process of its own, to the name of its test.
const ALONE: &str = "BARLINE_TEST_ALONE";

/// Runs `body`, the test called `name` (with its modules), in a process in which no other test runs.
pub(crate) fn alone(name: &str, body: impl FnOnce()) {
    if env::var_os(ALONE).is_some_and(|only| only == name) {
        body();
        return;
    }
    let program = env::current_exe().expect("the tests");
    let arguments = ["--exact", name, "--include-ignored", "--nocapture"];
    let ran = Command::new(program).args(arguments).env(ALONE, name).output().expect("it runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    let complained = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{name} alone:\n{said}\n{complained}");
    assert!(said.contains(" 1 passed"), "no test is called {name}:\n{said}");
}
