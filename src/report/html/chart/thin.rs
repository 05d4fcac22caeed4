//! Long series made short without losing what can be seen: per column the extremes are kept.

/// Columns of a thinned series: more than a phone has pixels, and enough for paper.
const COLUMNS: usize = 600;

/// Indices of `values` that are drawn, increasing: of each of so many equal spans of `places` (from 0
/// to 1, increasing) the first, the lowest, the highest and the last; of equal ones the first. A value
/// that is none is kept where it stands beside one that is, so that a gap stays a gap. All of them where
/// there are few.
pub(super) fn thinned(places: &[f64], values: &[f64]) -> Vec<usize> {
    if values.len() <= 2 * COLUMNS {
        return (0..values.len()).collect();
    }
    let mut kept = Vec::with_capacity(4 * COLUMNS);
    let mut start = 0;
    while start < values.len() {
        let column = column(places[start]);
        let mut end = start + 1;
        while end < values.len() && places[end].is_finite() && self::column(places[end]) == column {
            end += 1;
        }
        keep(values, start..end, &mut kept);
        start = end;
    }
    kept
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place within 0..1")]
fn column(place: f64) -> usize {
    ((place.clamp(0.0, 1.0) * COLUMNS as f64) as usize).min(COLUMNS - 1)
}

fn keep(values: &[f64], span: std::ops::Range<usize>, kept: &mut Vec<usize>) {
    let first_of = |better: fn(f64, f64) -> bool| {
        span.clone()
            .filter(|&at| values[at].is_finite())
            .reduce(|best, at| if better(values[at], values[best]) { at } else { best })
    };
    let gap = span.clone().find(|&at| !values[at].is_finite());
    let mut own: Vec<usize> = [Some(span.start), first_of(|a, b| a < b), first_of(|a, b| a > b)]
        .into_iter()
        .flatten()
        .chain(gap)
        .chain([span.end - 1])
        .collect();
    own.sort_unstable();
    own.dedup();
    kept.extend(own);
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, thinned};

    fn places(count: usize) -> Vec<f64> {
        (0..count).map(|at| at as f64 / (count - 1) as f64).collect()
    }

    #[test]
    fn a_short_series_is_left_alone() {
        assert_eq!(thinned(&places(3), &[1.0, 2.0, 3.0]), [0, 1, 2]);
        assert!(thinned(&[], &[]).is_empty());
    }

    #[test]
    fn a_single_spike_survives_and_the_series_is_short() {
        for spike in [1_u32, 50_001, 99_998] {
            let at = |bar: u32| if bar == spike { -3.0 } else { libm::sin(f64::from(bar)) };
            let values: Vec<f64> = (0..100_000).map(at).collect();
            let kept = thinned(&places(values.len()), &values);
            assert!(kept.len() <= 4 * COLUMNS && kept.is_sorted());
            assert!(kept.contains(&(spike as usize)));
            assert_eq!((kept[0], kept[kept.len() - 1]), (0, 99_999));
        }
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let mut values = vec![1.0; 5_000];
        values[2_500] = f64::NAN;
        assert!(thinned(&places(5_000), &values).contains(&2_500));
    }
}
