//! The known name closest to a mistyped one.

/// Names further away than this share of their length are no help.
const FARTHEST_SHARE: usize = 2;

/// The name of `known` with the fewest edits from `typed`, upper and lower case counting as the
/// same; the first of equals. `None` if even that one differs in more than half its letters.
pub(super) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typed: Vec<char> = typed.to_lowercase().chars().collect();
    let (edits, name) = known
        .into_iter()
        .map(|name| (edit_distance(&typed, &name.to_lowercase().chars().collect::<Vec<_>>()), name))
        .min_by_key(|(edits, _)| *edits)?;
    (edits * FARTHEST_SHARE <= name.chars().count().max(typed.len())).then_some(name)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other
/// (optimal string alignment).
fn edit_distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for at in 0..from.len() {
        let mut row = vec![at + 1];
        for column in 0..to.len() {
            let replaced = above[column] + usize::from(from[at] != to[column]);
            let mut edits = replaced.min(above[column + 1] + 1).min(row[column] + 1);
            let is_swap =
                at > 0 && column > 0 && from[at] == to[column - 1] && from[at - 1] == to[column];
            if is_swap {
                edits = edits.min(before[column - 1] + 1);
            }
            row.push(edits);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{edit_distance, nearest};

    #[test]
    fn distances_are_the_textbook_ones() {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        for (from, to, edits) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("same", "same", 0), ("hpr", "hrp", 1)]
        {
            assert_eq!(edit_distance(&letters(from), &letters(to)), edits);
        }
    }

    #[test]
    fn a_typing_mistake_is_met_and_nonsense_is_not() {
        let known = ["BTCUSDT", "ETHUSDT", "AAPL"];
        assert_eq!(nearest("btcusd", known), Some("BTCUSDT"));
        assert_eq!(nearest("AALP", known), Some("AAPL"));
        assert_eq!(nearest("zzzzzz", known), None);
        assert_eq!(nearest("x", []), None);
    }
}
