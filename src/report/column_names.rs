//! Names of columns where no two may be equal: keys of a JSON object, columns of a Parquet file.

/// `names` in order; one that occurs again gets a number, so that no value is lost to a reader
/// that keeps the last of equal names.
pub(super) fn distinct(names: &[String]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let mut key = name.clone();
        let mut copy = 2;
        while keys.contains(&key) {
            key = format!("{name}_{copy}");
            copy += 1;
        }
        keys.push(key);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::distinct;

    #[test]
    fn a_name_made_for_a_copy_does_not_meet_an_older_one() {
        let names = ["x", "x", "x_2", "y"].map(str::to_owned);
        assert_eq!(distinct(&names), ["x", "x_2", "x_2_2", "y"]);
    }
}
