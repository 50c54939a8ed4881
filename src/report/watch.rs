//! `status --watch`: the rows of `status` with how fast samples arrive, look after look.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;

use super::status::first_reason;
use super::{Cell, Column, Columns, Marks, Paint, StatusRow, Table, View};
use crate::domain::seconds;
use crate::prometheus::tally::{Rate, Tally};

/// So many looks are remembered, and as many bars are shown, less one.
const LOOKS: usize = 21;

/// Rates are over this many seconds, or as many as were watched: agents send in bursts.
const WINDOW: f64 = 60.0;

/// What was counted at the looks before, by context; `None` where it could not be read.
#[derive(Debug, Default)]
pub struct Looks(BTreeMap<String, VecDeque<Option<Tally>>>);

/// The result of one look.
#[derive(Clone, Debug, Serialize)]
pub struct WatchView {
    /// When it was.
    pub time: Timestamp,
    pub items: Vec<WatchRow>,
    #[serde(skip)]
    marks: Marks,
}

/// A context, what it does, and how fast.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WatchRow {
    #[serde(flatten)]
    pub status: StatusRow,
    /// Samples of an agent that its hub took, or that a hub stored, per second of the last minute.
    pub samples_per_second: Option<f64>,
    /// Samples of an agent that were refused for good.
    pub lost_per_second: Option<f64>,
    /// Samples per second between two looks, the oldest first; null where that cannot be told.
    pub arrivals: Vec<Option<f64>>,
}

impl Looks {
    /// One more look: the rows, each with what its Prometheus counted.
    pub fn look(
        &mut self,
        time: Timestamp,
        rows: Vec<(StatusRow, Option<Tally>)>,
        marks: Marks,
    ) -> WatchView {
        let items = rows.into_iter().map(|(status, tally)| {
            let seen = self.0.entry(status.context.clone()).or_default();
            seen.push_back(tally);
            if seen.len() > LOOKS {
                seen.pop_front();
            }
            let rate = rate(seen);
            WatchRow {
                status,
                samples_per_second: rate.map(|rate| rate.taken),
                lost_per_second: rate.and_then(|rate| rate.lost),
                arrivals: arrivals(seen),
            }
        });
        WatchView { time, items: items.collect(), marks }
    }
}

/// The rate since the oldest look that is recent enough and of the same process.
fn rate(seen: &VecDeque<Option<Tally>>) -> Option<Rate> {
    let newest = seen.back().copied().flatten()?;
    let mut recent = seen.iter().flatten().filter(|tally| newest.at() - tally.at() <= WINDOW);
    recent.find_map(|tally| newest.since(tally))
}

fn arrivals(seen: &VecDeque<Option<Tally>>) -> Vec<Option<f64>> {
    let pairs = seen.iter().zip(seen.iter().skip(1));
    pairs.map(|(earlier, later)| Some(later.as_ref()?.since(earlier.as_ref()?)?.taken)).collect()
}

impl WatchView {
    /// The same for a stream without a terminal: each line tells its time, the first one is the header.
    pub fn lines(&self, columns: Columns, paint: Paint) -> String {
        self.table(Some(&self.clock())).to_text(columns, paint)
    }

    /// When it was, as `10:22:03Z`.
    pub fn clock(&self) -> String {
        self.time.strftime("%H:%M:%SZ").to_string()
    }

    fn table(&self, time: Option<&str>) -> Table {
        let usual = ["CONTEXT", "CLUSTER", "ROLE", "DELIVERY", "AT HUB", "ARRIVALS"].map(Column::new);
        let wide = ["PROMETHEUS", "PACKAGE", "PACKAGE VERSION", "UID"].map(Column::wide);
        let first = time.map(|_| Column::new("TIME"));
        let all = first.into_iter().chain(usual).chain(wide).chain([Column::new("VERDICT")]);
        let mut table = Table::new(all);
        let cell = |text: &Option<String>| Cell::from(text.as_deref().unwrap_or("-"));
        for row in &self.items {
            let status = &row.status;
            let cells = [
                status.context.as_str().into(),
                status.cluster.as_deref().map_or_else(Cell::unknown, Cell::from),
                cell(&status.role),
                row.speed().into(),
                cell(&status.at_hub_seconds.map(seconds)),
                row.bars(self.marks).into(),
                cell(&status.prometheus),
                cell(&status.package),
                cell(&status.package_version),
                cell(&status.uid),
                status.cell(),
            ];
            table.row(time.map(Cell::from).into_iter().chain(cells));
        }
        table
    }
}

impl View for WatchView {
    const KIND: &'static str = "Status";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        self.table(None).to_text(columns, paint) + &first_reason(self.items.iter().map(|row| &row.status))
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|row| row.status.context.clone()).collect()
    }
}

impl WatchRow {
    /// `▅▁··█▃`; `-` before there are two looks.
    fn bars(&self, marks: Marks) -> String {
        if self.arrivals.is_empty() { "-".to_owned() } else { bars(&self.arrivals, marks) }
    }

    /// `88/s, 12/s lost`
    fn speed(&self) -> String {
        let Some(taken) = self.samples_per_second else { return "-".to_owned() };
        match self.lost_per_second {
            Some(lost) if lost > 0.0 => format!("{}/s, {}/s lost", short(taken), short(lost)),
            _ => format!("{}/s", short(taken)),
        }
    }
}

/// A number in three digits or so: small ones need a fraction.
fn short(number: f64) -> String {
    if number > 0.0 && number < 10.0 { format!("{number:.1}") } else { format!("{number:.0}") }
}

/// A bar for each number, up to the share of the greatest that stands beside it; the first is for none at all.
const BARS: [(f64, char); 8] =
    [(0.0, '▁'), (0.14, '▂'), (0.29, '▃'), (0.43, '▄'), (0.57, '▅'), (0.71, '▆'), (0.86, '▇'), (1.0, '█')];

/// The same where there are no such letters.
const ASCII_BARS: [(f64, char); 4] = [(0.0, '_'), (0.34, '-'), (0.67, '='), (1.0, '#')];

/// The numbers as bars; a dot where there is none.
fn bars(numbers: &[Option<f64>], marks: Marks) -> String {
    let (gap, levels): (char, &[(f64, char)]) = match marks {
        Marks::Unicode => ('·', &BARS),
        Marks::Ascii => ('.', &ASCII_BARS),
    };
    let greatest = numbers.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
    let bar = |number: f64| {
        let fits = levels.iter().find(|(limit, _)| number / greatest <= *limit);
        fits.map_or(gap, |(_, bar)| *bar)
    };
    numbers.iter().map(|number| number.map_or(gap, bar)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::Role;
    use crate::prometheus::metrics::Page;

    fn row(context: &str, verdict: &str) -> StatusRow {
        StatusRow {
            context: context.to_owned(),
            cluster: Some(context.to_owned()),
            role: Some("agent".to_owned()),
            at_hub_seconds: Some(3.0),
            verdict: verdict.to_owned(),
            ..StatusRow::default()
        }
    }

    fn agent(at: f64, attempted: u32, failed: u32) -> Option<Tally> {
        let page = format!(
            "process_start_time_seconds 1\nprometheus_remote_storage_shards 1\n\
             prometheus_remote_storage_samples_total {attempted}\n\
             prometheus_remote_storage_samples_failed_total {failed}\n"
        );
        Tally::read(&Page::read(&page), Role::Agent, at)
    }

    fn watch(tallies: impl IntoIterator<Item = Option<Tally>>) -> WatchView {
        let mut looks = Looks::default();
        let look =
            |tally| looks.look(Timestamp::UNIX_EPOCH, vec![(row("edge", "OK"), tally)], Marks::Unicode);
        tallies.into_iter().map(look).last().unwrap()
    }

    #[test]
    fn the_first_look_knows_no_rate() {
        let view = watch([agent(0.0, 100, 0)]);
        insta::assert_snapshot!(view.text(Columns::Usual, Paint::Plain), @"
        CONTEXT   CLUSTER   ROLE    DELIVERY   AT HUB   ARRIVALS   VERDICT
        edge      edge      agent   -          3s       -          OK
        ");
    }

    #[test]
    fn what_arrived_between_looks_is_a_bar() {
        let view = watch([
            agent(0.0, 0, 0),
            agent(5.0, 500, 0),
            agent(10.0, 500, 0),
            None,
            agent(20.0, 1000, 0),
            agent(25.0, 2020, 20),
            agent(30.0, 2270, 20),
        ]);
        insta::assert_snapshot!(view.text(Columns::Usual, Paint::Plain), @"
        CONTEXT   CLUSTER   ROLE    DELIVERY           AT HUB   ARRIVALS   VERDICT
        edge      edge      agent   75/s, 0.7/s lost   3s       ▅▁··█▃     OK
        ");
        assert_eq!(view.items[0].arrivals[1..4], [Some(0.0), None, None]);
    }

    #[test]
    fn rates_are_of_the_last_minute_and_bars_of_so_many_looks() {
        let tallies = (0..=40_u32).map(|look| agent(f64::from(look) * 10.0, 100 * look * look, 0));
        let view = watch(tallies);
        let row = &view.items[0];
        // The looks of the last minute: (40² - 34²) · 100 samples.
        assert_eq!(row.samples_per_second, Some(740.0));
        assert_eq!(row.arrivals.len(), LOOKS - 1);
    }

    #[test]
    fn lines_tell_when() {
        let view = watch([agent(0.0, 100, 0), agent(5.0, 130, 0)]);
        insta::assert_snapshot!(view.lines(Columns::Usual, Paint::Plain), @"
        TIME        CONTEXT   CLUSTER   ROLE    DELIVERY   AT HUB   ARRIVALS   VERDICT
        00:00:00Z   edge      edge      agent   6.0/s      3s       █          OK
        ");
    }

    #[test]
    fn bars_need_no_unicode() {
        assert_eq!(bars(&[Some(0.0), Some(1.0), Some(2.0), Some(3.0), None], Marks::Ascii), "_-=#.");
        assert_eq!(bars(&[Some(0.0), Some(0.0)], Marks::Ascii), "__");
    }
}
