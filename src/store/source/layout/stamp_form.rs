//! Moments as a layout writes them. A moment in another form or unit is refused.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use crate::store::source::{
    moment::{self, Moment},
    raw_bars::RejectReason,
    text_lines::Fields,
};

/// Units that a count since the epoch may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Units(u8);

impl Units {
    pub(super) const S: Self = Self(1);
    pub(super) const MS: Self = Self(2);
    pub(super) const US: Self = Self(4);
    pub(super) const NS: Self = Self(8);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The unit of a count, by its magnitude.
    pub(super) fn of(count: i64) -> Self {
        match count.unsigned_abs() {
            0..100_000_000_000 => Self::S,
            100_000_000_000..100_000_000_000_000 => Self::MS,
            100_000_000_000_000..100_000_000_000_000_000 => Self::US,
            _ => Self::NS,
        }
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// How a moment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StampForm {
    /// Any form that the house reads.
    Any,
    /// The same, but no count below a hundred million: days since 1900 are no seconds since 1970.
    AnyButSmall,
    /// A count since the epoch, in one of some units.
    Epoch(Units),
    /// RFC 3339 with an offset; or a count in one of some units.
    Zoned(Option<Units>),
    /// A day, `2024-01-31`, or as the house reads it.
    Day,
    /// A session: a day, or the midnight at which it begins, `2024-01-31 00:00:00-05:00`.
    Session,
    /// `20240131`, and `HHMMSS` in a field of its own that is all zeros for days.
    Compact { time: usize },
    /// `2024.01.31`, and `15:30` or `15:30:00` in a field of its own where there is one.
    Dotted { time: Option<usize> },
    /// `20240131 00:00`.
    DayAndMinute,
    /// Milliseconds since midnight of a day.
    MillisOf(Date),
}

impl StampForm {
    /// The moment in the field at `place`; local times are in `zone`.
    pub(super) fn read(
        self,
        fields: &Fields,
        place: usize,
        zone: &TimeZone,
    ) -> Result<Moment, RejectReason> {
        let text = fields.field(place).trim();
        if text.is_empty() {
            return Err(RejectReason::Missing);
        }
        let time = |place: usize| fields.field(place).trim();
        match self {
            Self::Any => moment::read(text, zone),
            Self::AnyButSmall => match whole(text).filter(|count| count.abs() < 100_000_000) {
                Some(count) if moment::as_date(count).is_none() => Err(RejectReason::WrongUnit),
                _ => moment::read(text, zone),
            },
            Self::Epoch(units) => epoch(text, units),
            Self::Zoned(units) => match (units, whole(text)) {
                (Some(units), Some(_)) => epoch(text, units),
                _ => zoned(text),
            },
            Self::Day => day(text).and_then(|day| midnight(day, zone)),
            Self::Session => session(text).and_then(|day| midnight(day, zone)),
            Self::Compact { time: at } => compact(text, time(at), zone),
            Self::Dotted { time: at } => dotted(text, at.map(time), zone),
            Self::DayAndMinute => {
                let (day, minute) = text.split_once(' ').ok_or(RejectReason::NotAMoment)?;
                let at = packed_day(day)?.to_datetime(clock(minute)?);
                moment::from_local(at, zone)
            }
            Self::MillisOf(day) => {
                let millis = whole(text).ok_or(RejectReason::NotAMoment)?;
                if !(0..86_400_000).contains(&millis) {
                    return Err(RejectReason::WrongUnit);
                }
                let at = day.at(0, 0, 0, 0).checked_add(SignedDuration::from_millis(millis));
                moment::from_local(at.map_err(|_| RejectReason::YearOutOfRange)?, zone)
            }
        }
    }
}

/// A whole number, with all its digits.
pub(super) fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| text.parse().unwrap_or(i64::MAX))
}

fn epoch(text: &str, units: Units) -> Result<Moment, RejectReason> {
    let count = whole(text).ok_or(RejectReason::NotAMoment)?;
    if units.has(Units::of(count)) {
        moment::from_count(count)
    } else {
        Err(RejectReason::WrongUnit)
    }
}

fn zoned(text: &str) -> Result<Moment, RejectReason> {
    let is_bounded = text.len() <= 64;
    if let Some(ts) = is_bounded.then(|| text.parse::<Timestamp>().ok()).flatten() {
        return Moment::at(ts.as_microsecond(), false);
    }
    match whole(text) {
        Some(_) => Err(RejectReason::WrongUnit),
        None if is_bounded && text.parse::<DateTime>().is_ok() => Err(RejectReason::WithoutOffset),
        None => Err(RejectReason::NotAMoment),
    }
}

fn midnight(day: Date, zone: &TimeZone) -> Result<Moment, RejectReason> {
    moment::from_local(day.at(0, 0, 0, 0), zone)
}

/// `2024-01-31`, and nothing else: a count or a time of day is another layout.
fn day(text: &str) -> Result<Date, RejectReason> {
    if whole(text).is_some() {
        return Err(RejectReason::WrongUnit);
    }
    if text.len() != 10 {
        return Err(RejectReason::NotAMoment);
    }
    text.parse().map_err(|_| RejectReason::NotAMoment)
}

/// A day, or the midnight at which it begins on its own clock.
fn session(text: &str) -> Result<Date, RejectReason> {
    if whole(text).is_some() {
        return Err(RejectReason::WrongUnit);
    }
    match text.get(10..) {
        Some("") => day(text),
        Some(rest) if rest.len() <= 32 => {
            let at_midnight = rest.starts_with(" 00:00:00") || rest.starts_with("T00:00:00");
            // The offset is where the day began; the session is the day, wherever that was.
            let offset = rest.get(9..).unwrap_or_default();
            let is_offset = offset.is_empty()
                || format!("2000-01-01T00:00:00{offset}").parse::<Timestamp>().is_ok();
            if at_midnight && is_offset { day(&text[..10]) } else { Err(RejectReason::NotAMoment) }
        }
        _ => day(text),
    }
}

/// `20240131`.
fn packed_day(text: &str) -> Result<Date, RejectReason> {
    let count = whole(text).ok_or(RejectReason::NotAMoment)?;
    if text.len() != 8 {
        return Err(RejectReason::WrongUnit);
    }
    moment::as_date(count).ok_or(RejectReason::NotAMoment)
}

fn compact(day: &str, time: &str, zone: &TimeZone) -> Result<Moment, RejectReason> {
    let day = packed_day(day)?;
    let count = whole(time).ok_or(RejectReason::NotAMoment)?;
    if time.len() > 6 {
        return Err(RejectReason::WrongUnit);
    }
    let part = |divisor: i64| i8::try_from(count / divisor % 100).unwrap_or(i8::MAX);
    let time = Time::new(part(10_000), part(100), part(1), 0);
    moment::from_local(day.to_datetime(time.map_err(|_| RejectReason::NotAMoment)?), zone)
}

fn dotted(day: &str, time: Option<&str>, zone: &TimeZone) -> Result<Moment, RejectReason> {
    if whole(day).is_some() {
        return Err(RejectReason::WrongUnit);
    }
    let is_dotted = day.len() == 10 && day.matches('.').count() == 2;
    let date: Result<Date, _> = day.replace('.', "-").parse();
    match (is_dotted, date) {
        (true, Ok(date)) => {
            let time = time.map_or(Ok(Time::midnight()), clock)?;
            moment::from_local(date.to_datetime(time), zone)
        }
        _ => Err(RejectReason::NotAMoment),
    }
}

/// `15:30` or `15:30:00`.
fn clock(text: &str) -> Result<Time, RejectReason> {
    let is_clock = matches!(text.len(), 5 | 8) && text.as_bytes().get(2) == Some(&b':');
    is_clock.then(|| text.parse().ok()).flatten().ok_or(RejectReason::NotAMoment)
}

#[cfg(test)]
mod tests {
    use jiff::{civil::date, tz::TimeZone};

    use super::{Fields, RejectReason as R, StampForm as F, Units};

    fn read(form: F, line: &str) -> Result<String, R> {
        let mut fields = Fields::default();
        fields.split(line, ',').expect("fields");
        let moment = form.read(&fields, 0, &TimeZone::UTC)?;
        Ok(crate::domain::Timestamp(moment.micros).to_string())
    }

    #[test]
    fn each_form_reads_its_own_and_refuses_the_others() {
        let noon = Ok("2024-01-31T12:00:00Z".to_owned());
        let day = Ok("2024-01-31T00:00:00Z".to_owned());
        let ms_or_us = F::Epoch(Units::MS.or(Units::US));
        for (form, line, wanted) in [
            (ms_or_us, "1706702400000", &noon),
            (ms_or_us, "1706702400000000", &noon),
            (ms_or_us, "1706702400", &Err(R::WrongUnit)),
            (ms_or_us, "1706702400000000000", &Err(R::WrongUnit)),
            (ms_or_us, "2024-01-31", &Err(R::NotAMoment)),
            (F::AnyButSmall, "1706702400", &noon),
            (F::AnyButSmall, "20240131", &day),
            (F::AnyButSmall, "45293", &Err(R::WrongUnit)),
            (F::Zoned(None), "2024-01-31T12:00:00Z", &noon),
            (F::Zoned(None), "2024-01-31 14:00:00+02:00", &noon),
            (F::Zoned(None), "2024-01-31 12:00:00", &Err(R::WithoutOffset)),
            (F::Zoned(None), "1706702400", &Err(R::WrongUnit)),
            (F::Zoned(Some(Units::NS)), "1706702400000000000", &noon),
            (F::Zoned(Some(Units::NS)), "1706702400000", &Err(R::WrongUnit)),
            (F::Day, "2024-01-31", &day),
            (F::Day, "2024-01-31 12:00", &Err(R::NotAMoment)),
            (F::Day, "1706702400", &Err(R::WrongUnit)),
            (F::Session, "2024-01-31", &day),
            (F::Session, "2024-01-31 00:00:00-05:00", &day),
            (F::Session, "1706702400000", &Err(R::WrongUnit)),
            (F::Session, "2024-01-31 09:30:00-05:00", &Err(R::NotAMoment)),
            (F::Compact { time: 1 }, "20240131,120000", &noon),
            (F::Compact { time: 1 }, "20240131,0", &day),
            (F::Compact { time: 1 }, "1706702400,0", &Err(R::WrongUnit)),
            (F::Dotted { time: Some(1) }, "2024.01.31,12:00", &noon),
            (F::Dotted { time: None }, "2024.01.31", &day),
            (F::Dotted { time: None }, "2024-01-31", &Err(R::NotAMoment)),
            (F::DayAndMinute, "20240131 12:00", &noon),
            (F::MillisOf(date(2024, 1, 31)), "43200000", &noon),
            (F::MillisOf(date(2024, 1, 31)), "86400000", &Err(R::WrongUnit)),
        ] {
            assert_eq!(&read(form, line), wanted, "{form:?} of {line}");
        }
    }
}
