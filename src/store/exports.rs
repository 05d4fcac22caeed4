//! What can be written out for other tools: the files of `queries/export`, under the names that their
//! users know.

use std::sync::LazyLock;

use super::{NamedQuery, query_header};

const FILES: [(&str, &str); 8] = [
    ("bars", include_str!("../../queries/export/bars.sql")),
    ("trades", include_str!("../../queries/export/trades.sql")),
    ("fills", include_str!("../../queries/export/fills.sql")),
    ("returns", include_str!("../../queries/export/returns.sql")),
    ("portfolio", include_str!("../../queries/export/portfolio.sql")),
    ("weights", include_str!("../../queries/export/weights.sql")),
    ("series", include_str!("../../queries/export/series.sql")),
    ("kept", include_str!("../../queries/export/kept.sql")),
];

static EXPORTS: LazyLock<Vec<NamedQuery>> = LazyLock::new(|| {
    let ours = |query: NamedQuery| NamedQuery { is_ours: true, ..query };
    // A unit test says that none of ours is wrong.
    FILES.iter().filter_map(|(name, text)| query_header::read(name, text).ok().map(ours)).collect()
});

/// The question whose answer is written out as `name`; `kept` says what is stored of a run's jobs, `series` which
/// markets and lengths bars are of.
pub fn export_query(name: &str) -> Option<&'static NamedQuery> {
    EXPORTS.iter().find(|query| query.name == name)
}

#[cfg(test)]
mod tests {
    use super::{EXPORTS, FILES};

    #[test]
    fn every_export_describes_itself_and_has_an_order() {
        assert_eq!(EXPORTS.len(), FILES.len());
        for query in EXPORTS.iter() {
            assert!(query.statement.contains("ORDER BY"), "{}", query.name);
        }
    }
}
