//! Cases that hold, and what is planted in them.

use std::fs;

use super::{CASE, blessed_folder, caught, check, folder, plant, text, write};
use crate::binary::{answer, barline, contents, said};

#[test]
fn a_blessed_case_holds_and_its_comments_stay() {
    let folder = folder(CASE);
    let new = check(folder.path(), &[]);
    assert_eq!(new.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&new.stdout).contains("not blessed"));
    let diff = answer(folder.path(), &["regress", "bless", "cases"]);
    assert!(diff.starts_with("cases/case.toml\n") && diff.contains("\n+ [hold.job]\n"), "{diff}");
    let blessed = text(folder.path());
    assert!(blessed.starts_with(CASE), "{blessed}");
    assert!(
        blessed
            .contains("\"bollinger-breakout 120d ALTO\" = { outcome = \"done\", total_return = ")
    );
    let before = contents(folder.path());
    let held = answer(folder.path(), &["regress", "check", "cases"]);
    assert!(held.contains("case  holds   1,2 "), "{held}");
    assert_eq!(answer(folder.path(), &["regress", "bless", "cases"]), "", "it holds already");
    assert_eq!(contents(folder.path()), before, "nothing is written or left behind");
}

#[test]
fn a_basis_point_of_commission_is_caught() {
    let folder = blessed_folder(CASE);
    plant(folder.path(), "horizons = [120]", "horizons = [120]\ncommission_bps = 11");
    let told = caught(folder.path());
    for line in [
        "hash of fills: held ",
        "hash of equity: held ",
        "  bollinger-breakout 120d ALTO: commission: held ",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
    let text = text(folder.path());
    let diff = answer(folder.path(), &["regress", "bless", "cases"]);
    assert!(diff.contains("\n- fills = ") && diff.contains("\n+ fills = "), "{diff}");
    assert!(!diff.contains("[run]") && !diff.contains("outcomes"), "only what moved: {diff}");
    assert_ne!(self::text(folder.path()), text);
    assert_eq!(check(folder.path(), &[]).status.code(), Some(0));
}

#[test]
fn a_bar_of_delay_is_caught() {
    let folder = blessed_folder(CASE);
    plant(folder.path(), "horizons = [120]", "horizons = [120]\nfill = \"next-close\"");
    let told = caught(folder.path());
    assert!(told.contains("bollinger-breakout 120d ALTO: fills: held "), "{told}");
    assert!(told.contains("bollinger-breakout 120d ALTO: total_return: held "), "{told}");
}

#[test]
fn a_changed_bar_is_caught_and_named() {
    let folder = blessed_folder(CASE);
    let bars = folder.path().join("cases/bars.csv");
    let text = fs::read_to_string(&bars).expect("bars");
    // A volume alone, which bollinger-breakout does not read, moves no number; a close does.
    let line = text.lines().find(|line| line.starts_with("2024-01-15,BASSO")).expect("a bar");
    let mut cells: Vec<&str> = line.split(',').collect();
    let close = format!("{:.6}", cells[5].parse::<f64>().expect("a close") + 1.0 / 64.0);
    cells[5] = &close;
    cells[3] = "10000";
    fs::write(&bars, text.replace(line, &cells.join(","))).expect("written");
    let told = caught(folder.path());
    assert!(told.contains("bars of 120d default:BASSO: held "), "{told}");
    assert!(told.contains("buy-and-hold 120d BASSO: equity: held "), "{told}");
    assert!(
        !told.contains("default:ALTO") && !told.contains("bollinger-breakout 120d ALTO"),
        "{told}"
    );
}

#[test]
fn a_lost_job_is_caught_and_named() {
    let folder = blessed_folder(CASE);
    plant(folder.path(), "\"bollinger-breakout\", \"buy-and-hold\"", "\"buy-and-hold\"");
    let told = caught(folder.path());
    assert!(told.contains("jobs: held 6, found 3"), "{told}");
    assert!(
        told.contains("bollinger-breakout 120d ALTO: held a job, found none: it is lost"),
        "{told}"
    );
    let diff = answer(folder.path(), &["regress", "bless", "cases"]);
    assert!(diff.contains("- \"bollinger-breakout 120d ALTO\" = "), "{diff}");
}

#[test]
fn only_what_is_held_is_judged_and_a_tolerance_is_one() {
    let folder = blessed_folder(CASE);
    let held = text(folder.path());
    let line = held
        .lines()
        .find(|line| line.starts_with("\"bollinger-breakout 120d ALTO\""))
        .expect("a line");
    let value = line.split("sharpe = ").nth(1).and_then(|rest| rest.split(',').next());
    let value = value.expect("a ratio");
    let moved = format!("{:?}", value.parse::<f64>().expect("a number") + 1e-7);
    let with = |start: &str| start.to_owned() + &held.replace(value, &moved);
    write(folder.path(), &with(""));
    assert!(caught(folder.path()).contains("bollinger-breakout 120d ALTO: sharpe: held "));
    let within = "\n[within]\nsharpe = 1e-6\n\n[[data.import]]";
    write(folder.path(), &with("").replacen("\n[[data.import]]", within, 1));
    assert_eq!(check(folder.path(), &[]).status.code(), Some(0));
    let totals: Vec<&str> = held.split("\n[hold.bars_of]").collect();
    write(folder.path(), &totals[0].replace("fills = ", "# fills = ").replace("commission", "x"));
    let output = check(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn a_peak_is_a_ceiling() {
    let folder = blessed_folder(CASE);
    write(folder.path(), &format!("peak = \"1MB\"\n{}", text(folder.path())));
    assert!(
        caught(folder.path()).contains("measured peak with 1 workers above the peak of the case")
    );
    let refused = barline(folder.path(), &["regress", "bless", "cases"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("not blessed: measured peak"), "{}", said(&refused));
}

#[test]
fn cases_of_ours_hold_with_one_and_two_workers() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let told =
        answer(root, &["regress", "check", "regress", "--filter", "outcomes/", "--format", "csv"]);
    assert!(told.lines().count() > 8, "{told}");
    assert!(told.lines().skip(1).all(|line| line.contains(",holds,\"1,2\",")), "{told}");
}
