//! What a literal of a Polars plan is worth to the store; `None` where SQL and Polars could differ.

use polars::prelude::{AggExpr, AnyValue, Expr, LiteralValue, PlSmallStr, Series, TimeUnit};

/// Largest whole number up to which `f64` holds every whole number.
const EXACT_WHOLE: i64 = 1 << 53;

/// A whole number.
pub(super) fn whole(literal: &LiteralValue) -> Option<i64> {
    literal.extract_i64().ok()
}

/// Text. Text with a NUL is left to Polars: SQL text ends there.
pub(super) fn text(literal: &LiteralValue) -> Option<String> {
    literal.extract_str().filter(|text| !text.contains('\0')).map(str::to_owned)
}

/// A finite number that is exactly an `f64`. NaN and the infinities are left to Polars.
pub(super) fn real(literal: &LiteralValue) -> Option<f64> {
    if let Some(whole) = whole(literal) {
        return (-EXACT_WHOLE..=EXACT_WHOLE).contains(&whole).then_some(whole as f64);
    }
    match literal {
        LiteralValue::Series(_) | LiteralValue::Range(_) => None,
        LiteralValue::Dyn(_) | LiteralValue::Scalar(_) => match literal.to_any_value() {
            Some(AnyValue::Float64(value)) if value.is_finite() => Some(value),
            _ => None,
        },
    }
}

/// A moment without a zone in microseconds. Other units are left to Polars, which casts.
pub(super) fn moment(literal: &LiteralValue) -> Option<i64> {
    match literal {
        LiteralValue::Scalar(scalar) => match scalar.value() {
            AnyValue::Datetime(micros, TimeUnit::Microseconds, None)
            | AnyValue::DatetimeOwned(micros, TimeUnit::Microseconds, None) => Some(*micros),
            _ => None,
        },
        _ => None,
    }
}

/// The values of an `is_in` list that is written in the plan, whichever way it is wrapped.
pub(super) fn list(expr: &Expr) -> Option<Series> {
    let values = match expr {
        // The optimizer folds the implode and keeps the name.
        Expr::Agg(AggExpr::Implode { input, .. }) | Expr::Alias(input, _) => return list(input),
        Expr::Literal(LiteralValue::Series(values)) => (**values).clone(),
        Expr::Literal(LiteralValue::Scalar(scalar)) => match scalar.value() {
            AnyValue::List(values) => values.clone(),
            _ => scalar.clone().into_series(PlSmallStr::EMPTY),
        },
        _ => return None,
    };
    match values.list() {
        Ok(lists) if lists.len() == 1 => lists.get_as_series(0),
        Ok(_) => None,
        Err(_) => Some(values),
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Expr, LiteralValue, NamedFrom, Scalar, Series, TimeUnit, lit};

    use super::{list, moment, real, text, whole};

    fn literal(expr: Expr) -> LiteralValue {
        match expr {
            Expr::Literal(literal) => literal,
            other => unreachable!("{other:?} is not a literal"),
        }
    }

    #[test]
    fn only_exact_finite_numbers_reach_the_store() {
        assert_eq!(real(&literal(lit(0.1))), Some(0.1));
        assert_eq!(real(&literal(lit(-7))), Some(-7.0));
        assert_eq!(real(&literal(lit((1i64 << 53) + 1))), None);
        for left in [lit(f64::NAN), lit(f64::INFINITY), lit("0.1"), lit(true)] {
            assert_eq!(real(&literal(left.clone())), None, "{left:?}");
        }
        assert_eq!(whole(&literal(lit(3u32))), Some(3));
        assert_eq!(whole(&literal(lit(3.0))), None);
    }

    #[test]
    fn text_and_moments_keep_their_meaning() {
        assert_eq!(text(&literal(lit("O'Brien"))).as_deref(), Some("O'Brien"));
        assert_eq!(text(&literal(lit("a\0b"))), None);
        let at = |unit| LiteralValue::Scalar(Scalar::new_datetime(5_000, unit, None));
        assert_eq!(moment(&at(TimeUnit::Microseconds)), Some(5_000));
        assert_eq!(moment(&at(TimeUnit::Nanoseconds)), None);
        assert_eq!(moment(&literal(lit(5_000))), None);
    }

    #[test]
    fn a_list_is_found_in_every_wrapping() {
        let values = Series::new("ids".into(), [4u32, 5]);
        let bare = lit(values.clone());
        assert_eq!(list(&bare), Some(values.clone()));
        let folded = Series::new("ids".into(), [values.clone()]);
        for wrapped in [bare.clone().implode(true), bare.alias("ids"), lit(folded).alias("ids")] {
            assert_eq!(list(&wrapped), Some(values.clone()), "{wrapped:?}");
        }
        assert_eq!(list(&lit("A")).map(|one| one.len()), Some(1));
        assert_eq!(list(&polars::prelude::col("symbol")), None);
    }
}
