//! Fifty processes want one store: one gets it, the others learn who has it.

use std::{
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    binary::{command, signal},
    demo_store,
};

const STORE: &str = "store.duckdb";
const RUN: [&str; 4] = ["backtest", "--multi-pair", "--db", STORE];

fn start(folder: &std::path::Path, arguments: &[&str]) -> Child {
    command(folder, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

/// Asserts that `child` was refused in favour of `holder`, in one line and a hint.
fn assert_refused(child: Child, holder: u32) {
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    let named = format!("is held by another process (pid {holder}: ");
    assert!(lines[0].starts_with("error: ") && lines[0].contains(&named), "{said}");
    assert!(lines[0].contains("barline backtest --multi-pair"), "{said}");
    assert!(lines[1].starts_with("hint: "), "{said}");
}

/// How long each of `children` lives, in milliseconds, sorted; `spare` of them may go on.
fn lives(mut children: Vec<(Child, Instant)>, spare: usize) -> (Vec<u128>, Vec<Child>) {
    let mut lives = Vec::new();
    while children.len() > spare {
        children.retain_mut(|(child, started)| {
            let ended = child.try_wait().expect("a child of ours").is_some();
            if ended {
                lives.push(started.elapsed().as_millis());
            }
            !ended
        });
        thread::sleep(Duration::from_millis(1));
    }
    lives.sort_unstable();
    (lives, children.into_iter().map(|(child, _)| child).collect())
}

/// The figure of [`of_fifty_parallel_starts_one_works_and_the_others_name_it`]: beside what fifty
/// starts take that want nothing, and one start that is refused alone.
#[test]
#[ignore = "a time, which is asserted where the machine is quiet"]
#[allow(clippy::print_stderr, reason = "the figures are the point")]
fn forty_nine_of_fifty_parallel_starts_are_refused_within_a_second() {
    let (folder, _path) = demo_store::copy();
    let fifty = |arguments: &[&str]| -> Vec<(Child, Instant)> {
        (0..50).map(|_| (start(folder.path(), arguments), Instant::now())).collect()
    };
    let told = |lives: &[u128]| {
        let at = |share: usize| lives[(lives.len() * share / 100).min(lives.len() - 1)];
        format!("p50 {} ms, p99 {} ms", at(50), at(99))
    };
    let (nothing, _) = lives(fifty(&["--version"]), 0);
    let (refused, mut holders) = lives(fifty(&RUN), 1);
    let [holder] = &mut holders[..] else { panic!("one holder") };
    let one = || vec![(start(folder.path(), &RUN), Instant::now())];
    let mut alone: Vec<u128> = (0..50).flat_map(|_| lives(one(), 0).0).collect();
    alone.sort_unstable();
    signal(holder, &["INT"]);
    eprintln!(
        "50 parallel starts: {} refused ({}); the same with --version: {}; one after the other, \
         beside the holder: {}",
        refused.len(),
        told(&refused),
        told(&nothing),
        told(&alone)
    );
    for mut child in holders {
        child.wait().expect("it ends");
    }
    assert_eq!(refused.len(), 49);
    assert!(refused.iter().all(|&millis| millis <= 1_000), "{refused:?}");
}

#[test]
fn of_fifty_parallel_starts_one_works_and_the_others_name_it() {
    let (folder, _path) = demo_store::copy();
    let mut running: Vec<Child> = (0..50).map(|_| start(folder.path(), &RUN)).collect();
    let mut refused = Vec::new();
    while running.len() > 1 {
        let mut at = 0;
        while at < running.len() {
            match running[at].try_wait().expect("a child of ours") {
                Some(_) => refused.push(running.swap_remove(at)),
                None => at += 1,
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
    let mut holder = running.pop().expect("one of them works");
    assert_eq!(refused.len(), 49);
    for child in refused {
        assert_refused(child, holder.id());
    }
    // Those who only ask are refused in the same way.
    for question in [["query", "runs", "--db", STORE], ["sql", "SELECT 1", "--db", STORE]] {
        assert_refused(start(folder.path(), &question), holder.id());
    }
    signal(&mut holder, &["INT"]);
    let output = holder.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
}
