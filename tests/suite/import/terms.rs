//! What the flags change, and what files say by themselves.

use polars::prelude::{ParquetWriter, df};

use super::{answer, barline, cell, counts, csv, folder, import, run, said, write};

#[test]
fn csv_and_parquet_of_the_same_bars_are_the_same() {
    let folder = folder();
    write(
        &folder,
        "a.csv",
        "ts,symbol,close\n2024-01-01,A,1.5\n2024-01-02,A,2.5\n2024-01-03,A,3\n",
    );
    let day = 86_400_000_000_i64;
    let mut frame = df!(
        "Close" => [1.5, 2.5, 3.0],
        "TICKER" => ["A"; 3],
        "Date" => (0..3).map(|at| 1_704_067_200_000_000 + at * day).collect::<Vec<_>>(),
    )
    .expect("columns of one length");
    let file = std::fs::File::create(folder.path().join("b.parquet")).expect("a file");
    ParquetWriter::new(file).finish(&mut frame).expect("written");
    import(folder.path(), 0, &["a.csv"]);
    let again = import(folder.path(), 0, &["b.parquet"]);
    assert_eq!(counts(&again[0]), [3, 0, 3, 0, 0]);
    assert_eq!(cell(folder.path(), "SELECT sum(differing) FROM import"), "0");
}

#[test]
fn csv_and_parquet_of_the_same_events_are_the_same() {
    let folder = folder();
    write(&folder, "bars.csv", csv(&["A", "B"], 400));
    import(folder.path(), 0, &["bars.csv"]);
    let (day, start) = (86_400_000_000_i64, 1_704_067_200_000_000_i64);
    for (kind, column, values) in [
        ("splits", "ratio", [2.0, 0.5, 3.0]),
        ("dividends", "amount", [0.25, 0.0, 1.5]),
        ("funding", "rate", [1e-4, -1e-4, 0.0]),
        ("borrow", "bps", [30.0, 0.0, 400.0]),
    ] {
        let mut frame = df!(
            column.to_uppercase() => values,
            "Symbol" => ["A", "A", "B"],
            "Date" => (0..3).map(|at| start + at * day).collect::<Vec<_>>(),
        )
        .expect("columns of one length");
        let name = format!("{kind}.parquet");
        let file = std::fs::File::create(folder.path().join(&name)).expect("a file");
        ParquetWriter::new(file).finish(&mut frame).expect("written");
        let told = answer(folder.path(), &["import", "--kind", kind, &name, "--format", "csv"]);
        let row = told.lines().nth(1).expect("a row");
        assert_eq!(row, format!("{name},{kind},2,3,3,0,0,0,0,0,0"));
        let stored = "SELECT value FROM instrument_event JOIN instrument USING (instrument_id) \
                      WHERE kind = '{}' ORDER BY symbol, ts";
        let stored =
            answer(folder.path(), &["sql", &stored.replace("{}", kind), "--format", "csv"]);
        let read: Vec<f64> = stored.lines().skip(1).map(|x| x.parse().expect("a value")).collect();
        assert_eq!(read, values, "{kind}");
        // The same in text: nothing is new, and nothing differs.
        let rows = ["2024-01-01,A", "2024-01-02,A", "2024-01-03,B"];
        let lines = rows.iter().zip(values).map(|(row, value)| format!("{row},{value}\n"));
        let text = format!("ts,symbol,{column}\n") + &lines.collect::<String>();
        write(&folder, "same.csv", text);
        let told =
            answer(folder.path(), &["import", "--kind", kind, "same.csv", "--format", "csv"]);
        assert_eq!(told.lines().nth(1), Some(&*format!("same.csv,{kind},2,4,0,0,3,0,0,0,1")));
    }
    assert_eq!(cell(folder.path(), "SELECT sum(differing) FROM import"), "0");
}

#[test]
fn times_of_every_unit_are_one_time_even_within_a_file() {
    let folder = folder();
    let text = "ts,symbol,close\n\
        1704067200,S,1\n1704067260000,S,2\n1704067320000000,S,3\n1704067380000000000,S,4\n\
        2024-01-01T00:04:00Z,S,5\n2024-01-01 01:05:00+01:00,S,6\n";
    write(&folder, "bars.csv", text);
    let files = import(folder.path(), 0, &["bars.csv"]);
    assert_eq!(files[0]["interval"], "1m");
    assert_eq!(files[0]["last"], "2024-01-01T00:05:00Z");
    assert_eq!(counts(&files[0]), [7, 6, 0, 0, 0]);
}

#[test]
fn flags_correct_what_a_file_does_not_say() {
    let folder = folder();
    let text = "Date;Adj Close;Close\n2024-07-01 00:00;1,5;9\n";
    let row = |day| format!("2024-07-{day:02} 00:00;1.5;9\n");
    let rows = (1..30).map(row).collect::<Vec<_>>().concat();
    write(&folder, "x.csv", text.lines().next().expect("a header").to_owned() + "\n" + &rows);
    let files = import(
        folder.path(),
        0,
        &[
            "x.csv",
            "--columns",
            "close=Adj Close",
            "--timezone",
            "America/New_York",
            "--stamp",
            "close",
            "--calendar",
            "24/5",
            "--symbol",
            "XYZ",
            "--market",
            "nyse",
        ],
    );
    assert_eq!(files[0]["first"], "2024-06-30T04:00:00Z");
    assert_eq!(files[0]["calendar"], "24/5");
    let stored = cell(
        folder.path(),
        "SELECT market || symbol || close || coalesce(open::VARCHAR, 'none') FROM bar \
         JOIN instrument USING (instrument_id) ORDER BY ts LIMIT 1",
    );
    assert_eq!(stored, "nyseXYZ1.5none");
    let detail = cell(folder.path(), "SELECT detail FROM import");
    assert!(detail.contains("stamped at their close") && detail.contains("New_York"), "{detail}");
}

#[test]
fn intervals_of_a_symbol_are_series_of_their_own_and_a_mixed_file_is_refused() {
    let folder = folder();
    write(&folder, "hours.csv", csv(&["A"], 400));
    let day = |day| format!("2024-01-{day:02},A,1,1,1,1,1\n");
    let days = (1..29).map(day).collect::<Vec<_>>().concat();
    let header = "ts,symbol,open,high,low,close,volume\n";
    write(&folder, "days.csv", header.to_owned() + &days);
    import(folder.path(), 0, &["hours.csv", "days.csv"]);
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM series"), "2");
    let both = csv(&["A"], 400) + &days.replace("2024-01", "2024-03");
    write(&folder, "mixed.csv", both);
    let output = run(folder.path(), &["mixed.csv"]);
    assert_eq!(output.status.code(), Some(2));
    let text = said(&output);
    assert!(
        text.contains("mixed.csv: bars of different intervals in one file: A has 1h, and 1d"),
        "{text}"
    );
    write(&folder, "two.csv", csv(&["A"], 400) + &days.replace(",A,", ",B,"));
    let output = run(folder.path(), &["two.csv"]);
    assert!(said(&output).contains("A has 1h, B has 1d"), "{}", said(&output));
}

#[test]
fn a_symbol_keeps_its_calendar_unless_another_is_given_and_then_it_is_refused() {
    let folder = folder();
    write(&folder, "bars.csv", csv(&["A"], 600));
    import(folder.path(), 0, &["bars.csv"]);
    // Four weekdays more: by themselves they would look like a market that closes on weekends.
    let tail: String = (0..96)
        .map(|hour| format!("2024-01-{:02}T{:02}:00:00Z,A,1\n", 29 + hour / 24, hour % 24))
        .filter(|line| !line.starts_with("2024-01-32"))
        .collect();
    write(&folder, "tail.csv", "ts,symbol,close\n".to_owned() + &tail);
    let files = import(folder.path(), 0, &["tail.csv"]);
    assert_eq!(files[0]["calendar"], "24/7");
    write(&folder, "other.csv", "ts,symbol,close\n".to_owned() + &tail.replace(",1\n", ",2\n"));
    let output = run(folder.path(), &["other.csv", "--calendar", "exchange"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("stored with the calendar class 24/7"), "{}", said(&output));
}

#[test]
fn closes_alone_are_filled_at_the_next_close() {
    let folder = folder();
    let bar = |hour| {
        format!("2024-01-{:02}T{:02}:00:00Z,A,{}\n", 1 + hour / 24, hour % 24, 100 + hour % 9)
    };
    let text = (0..28 * 24).map(bar).collect::<Vec<_>>().concat();
    write(&folder, "bars.csv", "ts,symbol,close\n".to_owned() + &text);
    let output = run(folder.path(), &["bars.csv"]);
    assert!(said(&output).contains("filled at the next close"), "{}", said(&output));
    let output = barline(folder.path(), &["backtest", "--horizons", "10"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("filled at the next close"), "{}", said(&output));
}

#[test]
fn a_wrong_value_is_named_with_its_flag_and_makes_no_store() {
    let folder = folder();
    write(&folder, "bars.csv", csv(&["A"], 400));
    for (flag, value, expected) in [
        ("--columns", "price=x", "error: --columns price=x: there is no such column"),
        ("--columns", "close=last", "error: bars.csv has no column 'last'"),
        ("--timezone", "Nowhere", "error: --timezone Nowhere: there is no such zone"),
        ("--symbol", "B", "error: bars.csv names its symbols in a column"),
        ("--stamp", "end", "error: --stamp end: a bar is stamped at its open or its close"),
        ("--interval", "2h", "error: bars.csv: bars of different intervals"),
        ("--format", "xml", "error: --format xml: 'xml' is not an output format"),
    ] {
        let output = barline(folder.path(), &["import", "bars.csv", flag, value]);
        assert_eq!(output.status.code(), Some(2), "{flag} {value}");
        assert!(said(&output).starts_with(expected), "{}", said(&output));
        assert!(!folder.path().join("barline.duckdb").exists(), "{flag} {value}");
    }
}
