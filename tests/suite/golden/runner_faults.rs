//! What a doctored folder does to the run: each fault must fail it, and be named.

#![allow(clippy::unwrap_used, reason = "a temporary folder that fails is a failed test")]

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{committed, runner};

/// Case files of the small sound folder and the data they read.
const FILES: [&str; 5] = [
    "cases/01_kpss.json",
    "cases/04_hrp_ties.json",
    "cases/06_psr_dsr.json",
    "data/sim_coint_hl60.csv",
    "data/tie_ring8_cov.csv",
];

/// A sound folder with a manifest, doctored by `fault`, run.
fn failures(fault: impl FnOnce(&Path)) -> Vec<String> {
    let folder = sound();
    fault(folder.path());
    runner::run(folder.path()).failures()
}

fn sound() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in FILES {
        let to = folder.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(committed().join(file), to).unwrap();
    }
    // The ties whose covariance is here.
    edit(folder.path(), "04_hrp_ties", |content| {
        let cases = content["cases"].as_array_mut().unwrap();
        cases.retain(|case| case["input"]["file"] == FILES[4]);
    });
    let listed = |name: &str| {
        let content = read(folder.path(), name);
        let cases = content["cases"].as_array().unwrap();
        let ids: Vec<&Value> = cases.iter().map(|case| &case["id"]).collect();
        json!({"file": format!("cases/{name}.json"), "n_cases": cases.len(), "ids": ids})
    };
    let families = ["01_kpss", "04_hrp_ties", "06_psr_dsr"].map(listed);
    let data = FILES[3..].iter().map(|file| json!({"file": file})).collect::<Vec<_>>();
    let manifest = json!({"case_files": families, "data_files": data});
    fs::write(folder.path().join("manifest.json"), manifest.to_string()).unwrap();
    folder
}

fn read(folder: &Path, name: &str) -> Value {
    let text = fs::read_to_string(folder.join(format!("cases/{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn edit(folder: &Path, name: &str, change: impl FnOnce(&mut Value)) {
    let mut content = read(folder, name);
    change(&mut content);
    fs::write(folder.join(format!("cases/{name}.json")), content.to_string()).unwrap();
}

/// One failure, which says `words`.
fn one_says(failures: &[String], words: &[&str]) {
    assert_eq!(failures.len(), 1, "{failures:#?}");
    assert!(words.iter().all(|word| failures[0].contains(word)), "{failures:#?}");
}

#[test]
fn a_sound_folder_passes_and_says_what_ran() {
    let folder = sound();
    let report = runner::run(folder.path());
    assert_eq!(report.failures(), Vec::<String>::new());
    let lines = report.lines();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines[0].starts_with("01_kpss ") && lines[0].contains("   5 cases    5 passed"));
    assert_eq!(
        lines[3],
        "3 families, 8 cases (8 listed): 8 passed, 0 failed, 0 fragile, 0 not covered"
    );
}

#[test]
fn the_seventh_digit_counts() {
    let found = failures(|folder| {
        edit(folder, "06_psr_dsr", |content| {
            let psr = &mut content["cases"][0]["expected"][0]["psr"];
            *psr = json!(psr.as_f64().unwrap() * (1.0 + 1e-7));
        });
    });
    one_says(&found, &["06_psr_dsr/psr.grid", "psr is"]);
}

#[test]
fn a_changed_input_counts() {
    let found = failures(|folder| {
        let path = folder.join(FILES[3]);
        let text = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let last = lines.pop().unwrap();
        lines.push(last.replacen('.', "0.", 1));
        fs::write(path, lines.join("\n")).unwrap();
    });
    assert!(found.len() > 1 && found.iter().all(|failure| failure.starts_with("01_kpss/")));
}

#[test]
fn a_missing_case_file_fails() {
    let found = failures(|folder| fs::remove_file(folder.join(FILES[0])).unwrap());
    one_says(&found, &["01_kpss", "01_kpss.json"]);
}

#[test]
fn a_missing_data_file_fails_the_folder_and_its_cases() {
    let found = failures(|folder| fs::remove_file(folder.join(FILES[4])).unwrap());
    assert_eq!(found[0], "data/tie_ring8_cov.csv: listed, missing");
    assert!(found[1].contains("tie.ring8.complete.d: panicked"), "{found:#?}");
}

#[test]
fn fewer_cases_than_listed_fail() {
    let drop_first = |content: &mut Value| {
        content["cases"].as_array_mut().unwrap().remove(0);
    };
    let found = failures(|folder| edit(folder, "01_kpss", drop_first));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0], "01_kpss/4 cases compared and 0 fragile of 5 listed");
    assert!(found[1].contains("listed in the manifest, not there"));
}

#[test]
fn a_copy_in_the_place_of_a_case_fails() {
    let found = failures(|folder| {
        edit(folder, "01_kpss", |content| content["cases"][0] = content["cases"][1].clone());
    });
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("the id stands twice"));
}

#[test]
fn a_fragile_case_is_counted_and_not_compared() {
    let folder = sound();
    edit(folder.path(), "01_kpss", |content| {
        content["cases"][0]["compare"] = json!("fragile: for the test");
        content["cases"][0]["expected"]["stat"] = json!(99.0);
    });
    let report = runner::run(folder.path());
    assert_eq!(report.failures(), Vec::<String>::new());
    assert!(report.lines()[0].contains("   4 passed   0 failed   1 fragile"));
}

/// The ring of eight with its order and weights changed, run.
fn ring(change: impl FnOnce(&mut Value)) -> runner::Report {
    let folder = sound();
    edit(folder.path(), "04_hrp_ties", |content| change(&mut content["cases"][0]["expected"]));
    runner::run(folder.path())
}

#[test]
fn an_order_that_ties_explain_is_excused_and_counted() {
    let exchanged = json!(["T6", "T7", "T4", "T5", "T2", "T3", "T0", "T1"]);
    let report = ring(|expected| {
        assert_eq!(expected["order"], json!(["T6", "T7", "T4", "T5", "T0", "T1", "T2", "T3"]));
        expected["order"] = exchanged.clone();
    });
    assert_eq!(report.failures(), Vec::<String>::new());
    // The order, the weights of the four assets exchanged, and what eight less one merges join.
    assert!(report.lines()[1].contains("  26 values decided by rounding"), "{:?}", report.lines());

    let other_weight = ring(|expected| {
        expected["order"] = exchanged;
        let weight = expected["weights"]["T0"].as_f64().unwrap();
        expected["weights"]["T0"] = json!(weight * 1.000_000_1);
    });
    one_says(&other_weight.failures(), &["tie.ring8", "weight of [0, 1, 2, 3] is"]);
}

#[test]
fn an_order_that_no_tie_explains_fails() {
    let turned = ring(|expected| {
        expected["order"] = json!(["T6", "T7", "T4", "T5", "T1", "T0", "T2", "T3"]);
    });
    let failures = turned.failures();
    assert!(failures.len() == 1 && failures[0].contains("no tie explains it"), "{failures:#?}");
}

#[test]
fn an_unknown_family_fails() {
    let found = failures(|folder| {
        let weather = json!({"schema": "golden/1", "family": "weather", "cases": [{"id": "rain"}]});
        fs::write(folder.join("cases/09_weather.json"), weather.to_string()).unwrap();
    });
    one_says(&found, &["09_weather/rain: not covered"]);
}

#[test]
fn an_unknown_kind_of_case_in_a_known_family_fails() {
    let kind = json!({"id": "pub.new", "expected": {"something": 1.0}});
    let content = json!({"schema": "golden/1", "family": "published", "cases": [kind]});
    let found = failures(|folder| {
        fs::write(folder.join("cases/08_published.json"), content.to_string()).unwrap();
    });
    one_says(&found, &["08_published/pub.new: not covered"]);
}

#[test]
fn an_expected_value_that_no_checker_knows_fails() {
    let found = failures(|folder| {
        edit(folder, "01_kpss", |content| content["cases"][2]["expected"]["extra"] = json!(1.0));
    });
    one_says(
        &found,
        &["01_kpss/kpss.sm.sim_coint_hl60.diff:Y.c.4", "expected.extra is not compared"],
    );
}

#[test]
fn an_expected_value_that_is_gone_fails() {
    let found = failures(|folder| {
        edit(folder, "01_kpss", |content| {
            content["cases"][2]["expected"].as_object_mut().unwrap().remove("pvalue");
        });
    });
    one_says(&found, &["pvalue is", "expected null"]);
}

#[test]
fn a_panic_is_a_failure_of_its_case() {
    let found = failures(|folder| {
        edit(folder, "01_kpss", |content| content["cases"][1]["params"]["regression"] = json!("x"));
    });
    one_says(
        &found,
        &["kpss.sm.sim_coint_hl60.level:Y.ct.legacy: panicked: ", "unknown regression"],
    );
}

#[test]
fn texts_that_are_no_cases_fail() {
    for text in ["{", "{\"schema\": \"golden/2\"}", "{\"schema\": \"golden/1\"}"] {
        let found = failures(|folder| fs::write(folder.join("cases/10_odd.json"), text).unwrap());
        one_says(&found, &["10_odd/"]);
    }
    let empty = json!({"schema": "golden/1", "family": "adf", "cases": []}).to_string();
    let found = failures(|folder| fs::write(folder.join("cases/10_odd.json"), empty).unwrap());
    one_says(&found, &["10_odd/holds no cases"]);
    let found = failures(|folder| fs::write(folder.join("manifest.json"), "[]").unwrap());
    one_says(&found, &["the manifest lists no case files"]);
}

#[test]
fn a_folder_without_cases_fails() {
    let nothing = tempfile::tempdir().unwrap();
    one_says(&runner::run(nothing.path()).failures(), &["is this a folder of cases?"]);
    one_says(&runner::run(&nothing.path().join("no")).failures(), &["is this a folder of cases?"]);
}

#[test]
fn a_relative_folder_is_found_from_the_places_given() {
    let folder = sound();
    let places = [folder.path().join("elsewhere"), folder.path().parent().unwrap().to_owned()];
    let relative = Path::new(folder.path().file_name().unwrap());
    let found = runner::resolve(relative, &places);
    assert_eq!(found, folder.path());
    assert_eq!(runner::run(&found).failures(), Vec::<String>::new());
    assert_eq!(runner::resolve(folder.path(), &places), folder.path());
    assert_eq!(runner::resolve(Path::new("not/there"), &places), Path::new("not/there"));
}

#[test]
fn the_committed_set_has_a_manifest() {
    let lines = runner::run(&committed()).lines();
    assert!(lines.last().unwrap().contains(" listed): "), "{lines:#?}");
}

#[test]
fn every_column_of_a_backtest_counts() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        "cases/07_pairs_backtest.json",
        "data/bars_missing_dates.csv",
        "expected/bt_missing_bars_wf60.csv",
    ];
    for file in files {
        let to = folder.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(committed().join(file), to).unwrap();
    }
    edit(folder.path(), "07_pairs_backtest", |content| {
        let cases = content["cases"].as_array_mut().unwrap();
        cases.retain(|case| case["expected"]["equity_file"] == files[2]);
    });
    assert_eq!(runner::run(folder.path()).failures(), Vec::<String>::new());
    let table = folder.path().join(files[2]);
    let text = fs::read_to_string(&table).unwrap();
    let names: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    assert_eq!(names.len(), 7);
    for (at, name) in names.iter().enumerate() {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut cells: Vec<&str> = lines[100].split(',').collect();
        cells[at] = "2.5";
        lines[100] = cells.join(",");
        fs::write(&table, lines.join("\n")).unwrap();
        let name = if *name == "ts" { "day" } else { name };
        one_says(&runner::run(folder.path()).failures(), &["pz1.missing_bars.wf60", name]);
    }
}

#[test]
fn where_the_peer_raises_a_refusal_is_due() {
    let run = |file: &str| {
        let folder = sound();
        fs::copy(committed().join(file), folder.path().join(file)).unwrap();
        let case = json!({
            "id": "herc.raises",
            "input": {"file": file, "returns": "simple"},
            "params": {"model": "HERC", "linkage": "ward", "k": 2},
            "expected": {"raises": "ValueError"},
        });
        let content = json!({"schema": "golden/1", "family": "herc_nco", "cases": [case]});
        fs::write(folder.path().join("cases/04_herc_nco.json"), content.to_string()).unwrap();
        runner::run(folder.path()).failures()
    };
    assert_eq!(run("data/hrp_edge_zero_variance.csv"), Vec::<String>::new());
    one_says(
        &run("data/hrp_sp5.csv"),
        &["04_herc_nco/herc.raises: a portfolio where the peer raises"],
    );
}
