//! Moments as files write them: RFC 3339, dates, local date-times, epoch counts.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use super::raw_bars::RejectReason;

/// First moment accepted: 1800-01-01.
const FIRST: i64 = -5_364_662_400_000_000;
/// First moment not accepted any more: 2200-01-01.
const END: i64 = 7_258_118_400_000_000;

/// A moment read from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Microseconds since the epoch, UTC.
    pub(super) micros: i64,
    /// False if it came with an offset, or as a count since the epoch.
    pub(super) without_zone: bool,
}

impl Moment {
    /// A moment of known microseconds.
    pub(super) fn at(micros: i64, without_zone: bool) -> Result<Self, RejectReason> {
        if (FIRST..END).contains(&micros) {
            Ok(Self { micros, without_zone })
        } else {
            Err(RejectReason::YearOutOfRange)
        }
    }
}

/// Reads a moment: `2024-03-01T12:00:00Z`, `2024-03-01 12:00:00+02:00`, `2024-03-01`, `20240301`,
/// `2024-03-01 12:00[:00[.5]]`, or a count since the epoch (see [`from_count`]). Times without an
/// offset are local to `zone`.
pub(super) fn read(text: &str, zone: &TimeZone) -> Result<Moment, RejectReason> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let count = text.parse().map_err(|_| RejectReason::YearOutOfRange)?;
        return from_whole(count, zone);
    }
    if text.len() > 64 {
        return Err(RejectReason::NotAMoment);
    }
    if let Ok(ts) = text.parse::<Timestamp>() {
        return Moment::at(ts.as_microsecond(), false);
    }
    if let Ok(local) = text.parse::<DateTime>() {
        return from_local(local, zone);
    }
    Err(RejectReason::NotAMoment)
}

/// Reads a whole number: `20240301` is a date, anything else a count since the epoch.
pub(super) fn from_whole(count: i64, zone: &TimeZone) -> Result<Moment, RejectReason> {
    match as_date(count) {
        Some(date) => from_local(date.at(0, 0, 0, 0), zone),
        None => from_count(count),
    }
}

/// Reads a count since the epoch; its size tells the unit: up to 11 digits seconds, 14
/// milliseconds, 17 microseconds, then nanoseconds. Each value is judged by itself, since archives
/// change their unit in the middle.
pub(super) fn from_count(count: i64) -> Result<Moment, RejectReason> {
    let micros = match count.unsigned_abs() {
        0..100_000_000_000 => count.checked_mul(1_000_000),
        100_000_000_000..100_000_000_000_000 => count.checked_mul(1_000),
        100_000_000_000_000..100_000_000_000_000_000 => Some(count),
        _ => Some(count.div_euclid(1_000)),
    };
    Moment::at(micros.ok_or(RejectReason::YearOutOfRange)?, false)
}

/// `20240301` as a date. As a count of seconds it would be a day in 1970, before any bar.
pub(super) fn as_date(count: i64) -> Option<Date> {
    if !(18_000_101..22_000_101).contains(&count) {
        return None;
    }
    let year = i16::try_from(count / 10_000).ok()?;
    let month = i8::try_from(count / 100 % 100).ok()?;
    let day = i8::try_from(count % 100).ok()?;
    Date::new(year, month, day).ok()
}

/// The moment of a local time; a time that the zone skips or repeats has none.
pub(super) fn from_local(local: DateTime, zone: &TimeZone) -> Result<Moment, RejectReason> {
    if !(1_800..2_200).contains(&local.year()) {
        return Err(RejectReason::YearOutOfRange);
    }
    let at = zone.to_ambiguous_timestamp(local);
    let ts = at.unambiguous().map_err(|_| RejectReason::AmbiguousLocalTime)?;
    Moment::at(ts.as_microsecond(), true)
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};

    use super::{END, FIRST, RejectReason, read};

    fn micros(text: &str) -> Result<i64, RejectReason> {
        read(text, &TimeZone::UTC).map(|moment| moment.micros)
    }

    #[test]
    fn one_moment_in_every_form() {
        for text in [
            "2024-03-01T12:00:00Z",
            "2024-03-01T14:00:00+02:00",
            "2024-03-01 12:00:00Z",
            "2024-03-01 12:00:00",
            "2024-03-01 12:00",
            "2024-03-01T12:00:00.000000",
            "1709294400",
            "1709294400000",
            "1709294400000000",
            "1709294400000000000",
        ] {
            assert_eq!(micros(text), Ok(1_709_294_400_000_000), "{text}");
        }
        assert_eq!(micros("2024-03-01"), Ok(1_709_251_200_000_000));
        assert_eq!(micros("20240301"), Ok(1_709_251_200_000_000));
        assert_eq!(micros("-86400"), Ok(-86_400_000_000));
    }

    #[test]
    fn what_is_no_moment_is_refused_with_its_reason() {
        for text in
            ["", "-", "yesterday", "01/02/2024", "2023-02-29", "2024-13-01", "12:00", "1.5e9"]
        {
            assert_eq!(micros(text), Err(RejectReason::NotAMoment), "{text}");
        }
        for text in ["0001-01-01", "9999-12-31", "99999999999999999999", "9223372036854775807"] {
            assert_eq!(micros(text), Err(RejectReason::YearOutOfRange), "{text}");
        }
        assert_eq!(micros("1800-01-01"), Ok(FIRST));
        assert_eq!(micros("2199-12-31T23:59:59.999999Z"), Ok(END - 1));
    }

    #[test]
    fn only_local_times_move_with_the_zone() {
        let east = TimeZone::fixed(Offset::constant(2));
        let local = read("2024-03-01 12:00", &east).expect("a moment");
        assert!(local.without_zone);
        assert_eq!(local.micros, 1_709_287_200_000_000);
        for fixed in ["2024-03-01T12:00:00Z", "1709294400"] {
            let moment = read(fixed, &east).expect("a moment");
            assert_eq!((moment.micros, moment.without_zone), (1_709_294_400_000_000, false));
        }
    }
}
