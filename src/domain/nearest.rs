//! The known name closest to a mistyped one.

/// Names further away than this share of their length are no help.
const FARTHEST_SHARE: usize = 2;

/// The name of `known` with the fewest edits from `typed`, upper and lower case counting as the
/// same; the first of equals. `None` if even that one differs in more than half its letters.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let (edits, name) = known
        .into_iter()
        .map(|name| (strsim::osa_distance(&typed, &name.to_lowercase()), name))
        .min_by_key(|(edits, _)| *edits)?;
    (edits * FARTHEST_SHARE <= name.chars().count().max(typed.chars().count())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typing_mistake_is_met_and_nonsense_is_not() {
        let known = ["BTCUSDT", "ETHUSDT", "AAPL"];
        assert_eq!(nearest("btcusd", known), Some("BTCUSDT"));
        assert_eq!(nearest("AALP", known), Some("AAPL"));
        assert_eq!(nearest("zzzzzz", known), None);
        assert_eq!(nearest("x", []), None);
    }
}
