//! Reading one typed value, so that every refusal names the flag, the value and what is wrong.

use std::{fmt::Display, ops::Range, str::FromStr};

use crate::error::{Error, Result};

/// A list of names joined by commas, none empty, none twice.
pub(super) fn names(flag: &str, text: &str) -> Result<Vec<String>> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    for (at, name) in names.iter().enumerate() {
        let trouble = if name.is_empty() {
            "a name is empty".to_owned()
        } else if names[..at].contains(name) {
            format!("{name} is named twice")
        } else {
            continue;
        };
        return Err(Error::usage(format!("{flag} {text}: {trouble}"))
            .with_hint("give names joined by commas, such as A,B,C"));
    }
    Ok(names)
}

/// A whole number between `least` and `most`.
pub(super) fn count<T>(flag: &str, typed: Option<&str>, least: T, most: T) -> Result<Option<T>>
where
    T: FromStr + PartialOrd + Display + Copy,
{
    let Some(text) = typed else { return Ok(None) };
    match text.trim().parse::<T>() {
        Ok(value) if value >= least && value <= most => Ok(Some(value)),
        _ => Err(Error::usage(format!("{flag} {text}: not a whole number from {least} to {most}"))
            .with_hint(format!("such as {flag} {least}"))),
    }
}

/// A finite number between `least` and `most`.
pub(super) fn number(
    flag: &str,
    typed: Option<&str>,
    least: f64,
    most: f64,
) -> Result<Option<f64>> {
    let Some(text) = typed else { return Ok(None) };
    match text.trim().parse::<f64>() {
        Ok(value) if (least..=most).contains(&value) => Ok(Some(value)),
        _ if most >= f64::MAX => {
            Err(Error::usage(format!("{flag} {text}: not a number of at least {least}")))
        }
        _ => Err(Error::usage(format!("{flag} {text}: not a number from {least} to {most}"))),
    }
}

/// A value of a type that reads itself, if one was typed.
pub(super) fn optional<T: FromStr<Err = Error>>(
    flag: &str,
    typed: Option<&str>,
) -> Result<Option<T>> {
    typed.map(|text| read(flag, text)).transpose()
}

/// A value of a type that reads itself.
pub(super) fn read<T: FromStr<Err = Error>>(flag: &str, text: &str) -> Result<T> {
    text.parse().map_err(|error| at_flag(flag, text, &error))
}

/// `error` with the flag and the value it is about in front.
pub(super) fn at_flag(flag: &str, text: &str, error: &Error) -> Error {
    let located = Error::usage(format!("{flag} {text}: {error}"));
    match error.hint() {
        Some(hint) => located.with_hint(hint),
        None => located,
    }
}

/// A half-open range of ranks that is not empty.
pub(super) fn ranks(text: &str) -> Result<Range<u64>> {
    let parsed = text.split_once("..").and_then(|(from, to)| {
        Some(from.trim().parse::<u64>().ok()?..to.trim().parse::<u64>().ok()?)
    });
    parsed.filter(|ranks| !ranks.is_empty()).ok_or_else(|| {
        Error::usage(format!("--ranks {text}: not a range of ranks"))
            .with_hint("give A..B with A below B, such as 0..1000; B is not included")
    })
}

#[cfg(test)]
mod tests {
    use super::{count, names, number, ranks, read};
    use crate::domain::Horizon;

    #[test]
    fn limits_are_part_of_the_range() {
        for (text, value) in
            [("1", Some(1)), (" 5 ", Some(5)), ("6", None), ("0", None), ("", None)]
        {
            assert_eq!(count("--n", Some(text), 1, 5).ok().flatten(), value, "{text}");
        }
        assert!(number("--x", Some("inf"), 0.0, 1e9).is_err());
        assert!(number("--x", None, 0.0, 1.0).expect("nothing typed").is_none());
    }

    #[test]
    fn ranks_are_half_open_and_not_empty() {
        assert_eq!(ranks("0..10").expect("ranks"), 0..10);
        for wrong in ["10..10", "10..9", "..", "1..", "1-5", "-1..5", "0..=5"] {
            assert!(ranks(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_remedy_of_the_type_is_passed_on() {
        let error = read::<Horizon>("--horizons", "x").expect_err("wrong");
        assert_eq!(error.to_string(), "--horizons x: 'x' is not a horizon");
        assert!(error.hint().is_some_and(|hint| hint.contains("whole days")));
        assert_eq!(names("--symbols", "A, B").expect("names"), ["A", "B"]);
    }
}
