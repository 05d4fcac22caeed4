//! What differs between two short texts, line by line.

/// Longer texts are told by their changed middle alone.
const MOST_CELLS: usize = 4_000_000;

/// Lines that only the old text has, with `- ` in front, and lines that only the new one has, with
/// `+ `, in order; what both have is left out.
pub fn line_diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let front = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[front..], &new[front..]);
    let back = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - back], &new[..new.len() - back]);
    let mut lines = String::new();
    let mut say = |sign: char, line: &str| {
        lines.extend([sign, ' ']);
        lines.push_str(line);
        lines.push('\n');
    };
    let (mut a, mut b) = (0, 0);
    if old.len() * new.len() <= MOST_CELLS {
        let common = common_lengths(old, new);
        while a < old.len() && b < new.len() {
            if old[a] == new[b] {
                (a, b) = (a + 1, b + 1);
            } else if common[a + 1][b] >= common[a][b + 1] {
                say('-', old[a]);
                a += 1;
            } else {
                say('+', new[b]);
                b += 1;
            }
        }
    }
    old[a..].iter().for_each(|line| say('-', line));
    new[b..].iter().for_each(|line| say('+', line));
    lines
}

/// `common[a][b]`: most lines that `old[a..]` and `new[b..]` have in common, in order.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            common[a][b] = if old[a] == new[b] {
                common[a + 1][b + 1] + 1
            } else {
                common[a + 1][b].max(common[a][b + 1])
            };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::line_diff;

    #[test]
    fn only_what_changed_is_told() {
        assert_eq!(line_diff("a\nb\nc\n", "a\nb\nc\n"), "");
        assert_eq!(line_diff("a\nb\nc\nd", "a\nx\nc\ny\nd"), "- b\n+ x\n+ y\n");
        assert_eq!(line_diff("", "a\nb"), "+ a\n+ b\n");
        assert_eq!(line_diff("a\nb", "b"), "- a\n");
    }
}
