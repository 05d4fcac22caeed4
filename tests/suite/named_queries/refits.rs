//! What queries say of pairs from refit to refit, from rows of `fit`.

use std::collections::BTreeMap;

use super::{Row, ask, assert_near, open, select, three_runs};

type Pair = (i64, String, String);

fn pair(row: &Row) -> Pair {
    let (y, x) = (row.text("symbol_y").to_owned(), row.text("symbol_x").to_owned());
    let (a, b) = if y < x { (y, x) } else { (x, y) };
    (row.int("horizon_days"), a, b)
}

/// The fits of run 1 by pair, in order of refit. It was the first run: all fits it had are its own.
fn fits(store: &barline::store::Store) -> BTreeMap<Pair, Vec<Row>> {
    let rows = select(
        store,
        "SELECT DISTINCT fit.* FROM fit JOIN run_fit USING (fit_key, horizon_days, refit)
         WHERE run_id = 1 ORDER BY horizon_days, refit, symbol_y, symbol_x",
    );
    let mut pairs: BTreeMap<Pair, Vec<Row>> = BTreeMap::new();
    for row in rows {
        pairs.entry(pair(&row)).or_default().push(row);
    }
    assert!(
        pairs.values().all(|fits| fits.windows(2).all(|f| f[0].int("refit") < f[1].int("refit")))
    );
    pairs
}

#[test]
fn stability_counts_refits_one_after_the_other() {
    let (_folder, path) = three_runs();
    let store = open(&path);
    let fits = fits(&store);
    let found = ask(&store, "pair-stability", &[("run", "1"), ("top", "all")]);
    assert_eq!(found.len(), fits.len());
    for row in &found {
        let key = (
            row.int("horizon_days"),
            row.text("symbol_a").to_owned(),
            row.text("symbol_b").to_owned(),
        );
        let (mut accepted, mut longest, mut in_a_row, mut kept, mut followed) = (0, 0, 0, 0, 0);
        let mut turns = 0;
        for (at, fit) in fits[&key].iter().enumerate() {
            let next = fits[&key].get(at + 1);
            in_a_row = if fit.flag("accepted") { in_a_row + 1 } else { 0 };
            longest = longest.max(in_a_row);
            turns += i64::from(next.is_some_and(|n| n.text("symbol_y") != fit.text("symbol_y")));
            if fit.flag("accepted") {
                accepted += 1;
                followed += i64::from(next.is_some());
                kept += i64::from(next.is_some_and(|next| next.flag("accepted")));
            }
        }
        let refits = fits[&key].len() as f64;
        assert_eq!(row.int("refits_accepted"), accepted, "{key:?}");
        assert_eq!(row.int("longest_accepted"), longest, "{key:?}");
        assert_eq!(row.int("direction_changes"), turns, "{key:?}");
        assert_near(row.real("accepted_share"), Some(accepted as f64 / refits), "share");
        let share = (followed > 0).then(|| kept as f64 / followed as f64);
        assert_near(row.real("kept_share"), share, "kept");
        let lives = fits[&key].iter().filter_map(|fit| fit.real("half_life_bars"));
        assert_eq!(row.real("longest_half_life_bars"), lives.reduce(f64::max), "{key:?}");
    }
    assert!(found.iter().any(|row| row.int("longest_accepted") > 1), "something is stable");
}

#[test]
fn hedge_ratios_are_followed_while_the_pair_is_not_turned() {
    let (_folder, path) = three_runs();
    let store = open(&path);
    let mut found = ask(&store, "hedge-drift", &[("run", "1"), ("top", "all")]).into_iter();
    let mut changes = 0;
    for (key, fits) in fits(&store) {
        let known: Vec<&Row> = fits.iter().filter(|fit| fit.real("beta").is_some()).collect();
        for (at, fit) in known.iter().enumerate() {
            let row = found.next().expect("a row per fit with figures");
            assert_eq!((pair(&row), row.int("refit")), (key.clone(), fit.int("refit")));
            let last = at.checked_sub(1).map(|before| known[before]);
            let same_y = |other: &&&Row| other.text("symbol_y") == fit.text("symbol_y");
            let beta = fit.real("beta").expect("known");
            let before = last.filter(|last| same_y(&last)).and_then(|last| last.real("beta"));
            assert_eq!(row.real("change"), before.map(|before| beta - before), "{key:?}");
            changes += usize::from(before.is_some_and(|before| (before - beta).abs() > 0.0));
            let first = known.iter().find(same_y).and_then(|first| first.real("beta"));
            assert_eq!(row.real("change_since_first"), first.map(|first| beta - first), "{key:?}");
            assert_eq!(row.flag("turned"), last.is_some_and(|last| !same_y(&&last)), "{key:?}");
        }
    }
    assert!(found.next().is_none(), "no other row");
    assert!(changes > 0, "something drifts");
}
