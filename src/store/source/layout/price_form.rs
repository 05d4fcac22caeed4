//! Prices as a layout writes them.

use crate::store::source::{
    SourceColumn,
    raw_bars::{Fault, RejectReason},
    row_rules,
};

/// How a price is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum PriceForm {
    /// A decimal number.
    #[default]
    Plain,
    /// Whole numbers count billionths; one with a point is a decimal number.
    Billionths,
    /// Whole numbers count ten-thousandths; one with a point is in another unit.
    TenThousandths,
}

/// What Databento writes where there is no price.
const NO_PRICE: &str = "9223372036854775807";

impl PriceForm {
    /// The price in `text`, to the nearest double of its decimal value.
    pub(super) fn read(self, column: SourceColumn, text: &str) -> Result<f64, Fault> {
        let text = text.trim();
        let is_whole = !text.is_empty()
            && text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Billionths if text == NO_PRICE => Err(Fault::at(column, RejectReason::Missing)),
            Self::Billionths if is_whole => row_rules::number(column, &format!("{text}e-9")),
            Self::TenThousandths if is_whole => row_rules::number(column, &format!("{text}e-4")),
            Self::TenThousandths if text.parse::<f64>().is_ok_and(f64::is_finite) => {
                Err(Fault::at(column, RejectReason::WrongUnit))
            }
            _ => row_rules::number(column, text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PriceForm, RejectReason, SourceColumn};

    #[test]
    fn counts_become_the_nearest_double_of_their_decimal_value() {
        let read = |form: PriceForm, text| form.read(SourceColumn::Close, text).map(f64::to_bits);
        let bits = |value: f64| Ok(value.to_bits());
        assert_eq!(read(PriceForm::Billionths, "185640000000"), bits(185.64));
        assert_eq!(read(PriceForm::Billionths, "185.640000000"), bits(185.64));
        assert_eq!(read(PriceForm::TenThousandths, "5553500"), bits(555.35));
        let refused =
            |form: PriceForm, text| form.read(SourceColumn::Close, text).expect_err(text).reason;
        assert_eq!(refused(PriceForm::Billionths, super::NO_PRICE), RejectReason::Missing);
        assert_eq!(refused(PriceForm::TenThousandths, "555.35"), RejectReason::WrongUnit);
        assert_eq!(refused(PriceForm::TenThousandths, "x"), RejectReason::NotANumber);
    }
}
