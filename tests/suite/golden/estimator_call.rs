//! How a case spells an estimator: the peer's call, in its own words.
//!
//! The covariance family states no parameters; what an estimator is given stands in the call.

use std::str::FromStr;

/// A call such as `R.ewm({'span': 60}, adjust=True).cov(bias=False).loc[last]`.
#[derive(Clone, Copy)]
pub(super) struct Call<'a>(pub(super) &'a str);

impl<'a> Call<'a> {
    /// Whether the call holds `text`.
    pub(super) fn has(self, text: &str) -> bool {
        self.0.contains(text)
    }

    /// The first number given to `name`, as `name=1.5` or `'name': 1.5`.
    pub(super) fn number(self, name: &str) -> Option<f64> {
        self.argument(name)?.parse().ok()
    }

    /// The whole number given to `name`.
    pub(super) fn count(self, name: &str) -> Option<usize> {
        self.argument(name)?.parse().ok()
    }

    /// Python's `True` or `False` given to `name`, else the default.
    pub(super) fn flag(self, name: &str, default: bool) -> bool {
        match self.argument(name) {
            Some("True") => true,
            Some("False") => false,
            None => default,
            Some(other) => panic!("{name}={other} is no flag"),
        }
    }

    /// The number that follows `text`.
    pub(super) fn number_after<T: FromStr>(self, text: &str) -> Option<T> {
        let (_, rest) = self.0.split_once(text)?;
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        rest[..end.unwrap_or(rest.len())].parse().ok()
    }

    fn argument(self, name: &str) -> Option<&'a str> {
        let spelled = [format!("({name}="), format!(" {name}="), format!("'{name}': ")];
        let (_, rest) = spelled.iter().find_map(|spelling| self.0.split_once(spelling.as_str()))?;
        let end = rest.find([',', ')', '}']).unwrap_or(rest.len());
        Some(rest[..end].trim())
    }
}

#[test]
fn arguments_are_found_as_spelled() {
    let call = Call("R.ewm({'span': 60}, adjust=True).cov(bias=False).loc[last]");
    assert_eq!(call.number("span"), Some(60.0));
    assert_eq!((call.flag("adjust", false), call.flag("bias", true)), (true, false));
    assert!(call.flag("ignore_na", true));
    assert_eq!(call.number("com"), None);
    assert_eq!(Call("RG.ewm(span=7.5, ignore_na=True).cov()").number("span"), Some(7.5));
    assert_eq!(Call("RG[c0].rolling(60, min_periods=30)").count("min_periods"), Some(30));
    assert_eq!(Call("RG[c0].rolling(60, min_periods=30)").number_after("rolling("), Some(60));
    assert_eq!(Call("S=.94 S+.06 r r'").number_after("S="), Some(0.94));
}
