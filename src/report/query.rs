//! The result of a query.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Cell, Column, Columns, Paint, Table, View, hidden};
use crate::prometheus::api::{Point, QueryResult, Series};

/// The result of `query`.
#[derive(Clone, Debug, Serialize)]
pub struct QueryView {
    pub query: String,
    /// `vector`, `matrix`, `scalar` or `string`.
    #[serde(rename = "resultType")]
    pub kind: &'static str,
    pub items: Vec<QueryRow>,
}

/// One series.
#[derive(Clone, Debug, Serialize)]
pub struct QueryRow {
    pub labels: BTreeMap<String, String>,
    /// Seconds since 1970, and the value as Prometheus writes it.
    pub points: Vec<(f64, String)>,
}

impl QueryView {
    pub fn new(query: &str, result: QueryResult) -> Self {
        let rows = |series: Vec<Series>| series.into_iter().map(row).collect();
        let single =
            |Point(time, value)| vec![QueryRow { labels: BTreeMap::new(), points: vec![(time, value)] }];
        let (kind, items) = match result {
            QueryResult::Vector(series) => ("vector", rows(series)),
            QueryResult::Matrix(series) => ("matrix", rows(series)),
            QueryResult::Scalar(point) => ("scalar", single(point)),
            QueryResult::String(point) => ("string", single(point)),
        };
        Self { query: query.to_owned(), kind, items }
    }

    /// The labels that tell the rows apart or are the same in all, the metric's name first.
    fn columns(&self) -> Vec<&str> {
        let names: BTreeSet<&str> =
            self.items.iter().flat_map(|row| row.labels.keys().map(String::as_str)).collect();
        let (first, rest): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| *name == "__name__");
        first.into_iter().chain(rest).collect()
    }
}

/// A time as Kubernetes writes it: seconds, UTC.
fn time_of(seconds: f64) -> String {
    SignedDuration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|since| Timestamp::from_duration(since).ok())
        .map_or_else(|| seconds.to_string(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn row(series: Series) -> QueryRow {
    let points =
        series.value.into_iter().chain(series.values).map(|Point(time, value)| (time, value)).collect();
    // Prometheus puts URLs into labels of its own, with what stands in their query.
    let labels = series.metric.iter().map(|(name, value)| (name.to_owned(), hidden(value))).collect();
    QueryRow { labels, points }
}

impl View for QueryView {
    const KIND: &'static str = "QueryResult";

    fn text(&self, shown: Columns, paint: Paint) -> String {
        if self.items.is_empty() {
            return "no series\n".to_owned();
        }
        let columns = self.columns();
        let in_time = self.kind == "matrix";
        let labels = columns
            .iter()
            .map(|name| if *name == "__name__" { "METRIC".to_owned() } else { name.to_uppercase() });
        let header = labels
            .map(Column::named)
            .chain(in_time.then(|| Column::new("TIME")))
            .chain([Column::new("VALUE")]);
        let mut table = Table::new(header);
        for row in &self.items {
            for (time, value) in &row.points {
                let labels = columns.iter().map(|name| row.labels.get(*name).map(String::as_str).into());
                let time = in_time.then(|| Cell::from(time_of(*time)));
                table.row(labels.chain(time).chain([value.as_str().into()]));
            }
        }
        table.to_text(shown, paint)
    }

    fn names(&self) -> Vec<String> {
        self.items
            .iter()
            .map(|row| {
                let name = row.labels.get("__name__").map_or("", String::as_str);
                let labels: Vec<_> = row
                    .labels
                    .iter()
                    .filter(|(key, _)| *key != "__name__")
                    .map(|(key, value)| format!("{key}={value:?}"))
                    .collect();
                format!("{name}{{{}}}", labels.join(","))
            })
            .collect()
    }
}
