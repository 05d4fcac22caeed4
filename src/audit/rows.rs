//! What a run left in its store, as its user could read it.

use std::collections::BTreeMap;

use crate::{
    domain::Timestamp,
    error::{Error, Result},
    run::Plan,
    store::{Cell, Store},
};

/// Rows asked for at a time.
const ROWS_AT_A_TIME: usize = 100_000;

/// A row beside its cells, and a cell: a short text at worst, with what the allocator adds.
const ROW_BYTES: usize = 64;
const CELL_BYTES: usize = 56;

/// Fills that no decision at the close of a bar made: ends, and rules judged within the bar.
pub(super) const FORCED: [&str; 8] = [
    "end_of_data",
    "delisted",
    "margin_call",
    "ruined",
    "stop_loss",
    "take_profit",
    "time_stop",
    "max_drawdown",
];

/// A job by what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct JobName {
    pub(super) strategy: String,
    pub(super) horizon_days: i64,
    pub(super) symbols: String,
}

/// A row: its time and its other columns.
pub(super) type Row = (Timestamp, Vec<Cell>);

/// Equity, cash and gross exposure at the close of a bar.
pub(super) type EquityRow = (Timestamp, [f64; 3]);

/// Names of the numbers of an [`EquityRow`].
pub(super) const EQUITY_COLUMNS: [&str; 3] = ["equity", "cash", "gross"];

/// A table of decisions and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Target weights, by the bar that decided them.
    Weight,
    /// Fills, by the bar they happened in.
    Fill,
}

impl Detail {
    pub(super) const ALL: [Self; 2] = [Self::Weight, Self::Fill];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Fill => "fill",
        }
    }

    /// Columns beside the time.
    pub(super) fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Weight => &["symbol", "weight"],
            Self::Fill => &[
                "decided_ts",
                "symbol",
                "quantity",
                "reason",
                "price",
                "commission",
                "slippage",
                "spread",
                "impact",
            ],
        }
    }

    /// Columns that say which of several rows of one moment it is: a symbol of several pairs has a
    /// weight in each.
    fn order(self) -> &'static str {
        match self {
            Self::Weight => "ts, symbol, weight",
            Self::Fill => "seq",
        }
    }
}

/// How a job ended and what it did.
#[derive(Debug, Clone, Default)]
pub(super) struct JobRows {
    pub(super) outcome: String,
    pub(super) reason: String,
    pub(super) equity: Vec<EquityRow>,
    rows: [Vec<Row>; 2],
}

impl JobRows {
    pub(super) fn of(&self, detail: Detail) -> &[Row] {
        &self.rows[detail as usize]
    }

    /// True if it was simulated: it has a row per bar.
    pub(super) fn is_simulated(&self) -> bool {
        !self.equity.is_empty()
    }

    /// Times of its bars.
    pub(super) fn axis(&self) -> impl DoubleEndedIterator<Item = Timestamp> + '_ {
        self.equity.iter().map(|row| row.0)
    }

    /// Its outcome, with the reason where it has one.
    pub(super) fn told(&self) -> String {
        let Self { outcome, reason, .. } = self;
        if reason.is_empty() { outcome.clone() } else { format!("{outcome}: {reason}") }
    }

    /// Equity at the close of a bar of the job.
    pub(super) fn equity_at(&self, ts: Timestamp) -> Option<f64> {
        let at = self.equity.binary_search_by_key(&ts, |row| row.0).ok()?;
        Some(self.equity[at].1[0])
    }
}

/// Everything one run left.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) jobs: BTreeMap<JobName, JobRows>,
    /// Pair fits: formation end, then everything else.
    pub(super) fits: Vec<Row>,
}

/// The strategy that pair fits stand under: they are shared by those that trade pairs.
pub(super) const PAIR_FITS: &str = "(pair fits)";

/// Columns of a fit beside the end of its formation window.
pub(super) const FIT_COLUMNS: [&str; 12] = [
    "horizon_days",
    "symbol_y",
    "symbol_x",
    "formation_start",
    "bars",
    "statistic",
    "p_value",
    "lag_bars",
    "beta",
    "alpha",
    "half_life_bars",
    "accepted",
];

impl Rows {
    /// Reads the one run of a store; only rows at or before `until` where that is given.
    ///
    /// # Errors
    /// Whatever the store reports.
    pub(super) fn read(store: &Store, bars: usize, until: Option<Timestamp>) -> Result<Self> {
        let (mut names, mut rows) = (BTreeMap::new(), Self::default());
        let sql = "SELECT job_id, strategy, horizon_days, symbols, outcome, coalesce(reason, '')
                   FROM job ORDER BY job_id";
        for row in store.sql(sql)?.rows {
            let [
                Cell::Int(id),
                Cell::Text(strategy),
                Cell::Int(horizon_days),
                Cell::Text(symbols),
                Cell::Text(outcome),
                Cell::Text(reason),
            ] = row.as_slice()
            else {
                return Err(unexpected("job"));
            };
            let name = JobName {
                strategy: strategy.clone(),
                horizon_days: *horizon_days,
                symbols: symbols.clone(),
            };
            let job =
                JobRows { outcome: outcome.clone(), reason: reason.clone(), ..JobRows::default() };
            names.insert(*id, name.clone());
            rows.jobs.insert(name, job);
        }
        let jobs_at_a_time = (ROWS_AT_A_TIME / (2 * bars.max(1))).max(1);
        let ids: Vec<i64> = names.keys().copied().collect();
        for chunk in ids.chunks(jobs_at_a_time) {
            let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else { continue };
            for detail in Detail::ALL {
                rows.read_detail(store, detail, (*first, *last), until, &names)?;
            }
            rows.read_equity(store, (*first, *last), until, &names)?;
        }
        rows.fits = read_fits(store)?;
        Ok(rows)
    }

    /// What the rows of a store will take once they are read, about.
    ///
    /// # Errors
    /// Whatever the store reports.
    pub(super) fn bytes(store: &Store) -> Result<u64> {
        let sql = "SELECT (SELECT count(*) FROM equity), (SELECT count(*) FROM weight),
                          (SELECT count(*) FROM fill), (SELECT count(*) FROM fit)";
        let table = store.sql(sql)?;
        let cells =
            [0, Detail::Weight.columns().len(), Detail::Fill.columns().len(), FIT_COLUMNS.len()];
        let counted = table.rows.iter().flatten().zip(cells).map(|(count, cells)| {
            let row =
                if cells == 0 { size_of::<EquityRow>() } else { ROW_BYTES + CELL_BYTES * cells };
            let Cell::Int(count) = count else { return 0 };
            u64::try_from(*count).unwrap_or(0) * row as u64
        });
        Ok(counted.sum())
    }

    /// What the rows of a run of this plan may take, before it was made: a row of equity a bar, and a
    /// weight and a fill of each member every ten.
    pub(super) fn expected_bytes(plan: &Plan) -> u64 {
        let cells = Detail::ALL.map(|detail| detail.columns().len()).iter().sum::<usize>();
        let of_member = (2 * ROW_BYTES + CELL_BYTES * cells) as u64 / 10;
        (plan.job_rows.saturating_mul(size_of::<EquityRow>() as u64))
            .saturating_add(plan.member_rows.saturating_mul(of_member))
    }

    fn read_detail(
        &mut self,
        store: &Store,
        detail: Detail,
        (first, last): (i64, i64),
        until: Option<Timestamp>,
        names: &BTreeMap<i64, JobName>,
    ) -> Result<()> {
        let columns = detail.columns().join(", ");
        // A fill belongs to its decision, which may be known before it.
        let moment = if detail == Detail::Fill { "decided_ts" } else { "ts" };
        let until = until_text(moment, until);
        let sql = format!(
            "SELECT job_id, ts, {columns} FROM {} WHERE job_id BETWEEN {first} AND {last} {until}
             ORDER BY job_id, {}",
            detail.name(),
            detail.order()
        );
        for row in store.sql(&sql)?.rows {
            let (Cell::Int(id), Cell::Time(ts)) = (&row[0], &row[1]) else {
                return Err(unexpected(detail.name()));
            };
            let job = names.get(id).and_then(|name| self.jobs.get_mut(name));
            if let Some(job) = job {
                job.rows[detail as usize].push((Timestamp(*ts), row[2..].to_vec()));
            }
        }
        Ok(())
    }

    fn read_equity(
        &mut self,
        store: &Store,
        (first, last): (i64, i64),
        until: Option<Timestamp>,
        names: &BTreeMap<i64, JobName>,
    ) -> Result<()> {
        let until = until_text("ts", until);
        let sql = format!(
            "SELECT job_id, ts, {} FROM equity WHERE job_id BETWEEN {first} AND {last} {until}
             ORDER BY job_id, ts",
            EQUITY_COLUMNS.join(", ")
        );
        for row in store.sql(&sql)?.rows {
            let (Cell::Int(id), Cell::Time(ts)) = (&row[0], &row[1]) else {
                return Err(unexpected("equity"));
            };
            let number = |at: usize| match row[at] {
                Cell::Float(value) => value,
                _ => f64::NAN,
            };
            let job = names.get(id).and_then(|name| self.jobs.get_mut(name));
            if let Some(job) = job {
                job.equity.push((Timestamp(*ts), [number(2), number(3), number(4)]));
            }
        }
        Ok(())
    }
}

/// A condition on a moment, after others.
fn until_text(moment: &str, until: Option<Timestamp>) -> String {
    until.map_or(String::new(), |until| format!("AND epoch_us({moment}) <= {}", until.micros()))
}

/// All fits: few, and one bears the time of the bar after its window.
fn read_fits(store: &Store) -> Result<Vec<Row>> {
    let columns = FIT_COLUMNS.join(", ");
    let sql = format!("SELECT formation_end, {columns} FROM fit ORDER BY ALL");
    let table = store.sql(&sql)?;
    let row = |row: Vec<Cell>| match row.first() {
        Some(Cell::Time(ts)) => Ok((Timestamp(*ts), row[1..].to_vec())),
        _ => Err(unexpected("fit")),
    };
    table.rows.into_iter().map(row).collect()
}

fn unexpected(table: &str) -> Error {
    Error::internal(format!("a row of table {table} is not what the schema says"))
}

#[cfg(test)]
mod tests {
    use super::Detail;

    #[test]
    fn rows_of_one_moment_have_one_order() {
        for detail in Detail::ALL {
            let order: Vec<&str> = detail.order().split(", ").collect();
            let total = detail.columns().iter().all(|column| order.contains(column));
            assert!(order == ["seq"] || total, "{}: {order:?}", detail.name());
        }
    }
}
