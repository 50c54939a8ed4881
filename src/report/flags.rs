//! Runtime flags, expected and actual.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Cell, Column, Columns, Paint, Table, Tone, View};
use crate::prometheus::flags::Verdict;

/// The result of `flags`.
#[derive(Clone, Debug, Serialize)]
pub struct FlagsView {
    pub items: Vec<ContextFlags>,
}

/// The flags of one context.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextFlags {
    pub context: String,
    pub role: Option<String>,
    pub flags: Vec<FlagRow>,
    /// Flags that nobody asked for, with what the process says.
    pub others: Vec<OtherFlag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A flag that the role or the values speak of.
#[derive(Clone, Debug, Serialize)]
pub struct FlagRow {
    pub flag: String,
    pub expected: String,
    /// `None`: the process does not know the flag.
    pub actual: Option<String>,
    pub source: &'static str,
    pub verdict: Verdict,
}

/// A flag that nobody speaks of.
#[derive(Clone, Debug, Serialize)]
pub struct OtherFlag {
    pub flag: String,
    pub actual: String,
}

impl View for FlagsView {
    const KIND: &'static str = "Flags";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let header = ["FLAG", "EXPECTED", "ACTUAL", "SOURCE", "VERDICT"].map(Column::new);
        // One context needs no column that says which.
        let several = self.items.len() > 1;
        let mut table = Table::new(several.then(|| Column::new("CONTEXT")).into_iter().chain(header));
        for item in &self.items {
            for cells in item.rows(columns) {
                let name = several.then(|| Cell::from(item.context.as_str()));
                table.row(name.into_iter().chain(cells));
            }
        }
        let mut text = table.to_text(columns, paint);
        let others: usize = self.items.iter().map(|context| context.others.len()).sum();
        if columns == Columns::Usual && others > 0 {
            let _ = writeln!(text, "... {others} flags that nobody set (-o wide to list them)");
        }
        text
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().flat_map(|context| &context.flags).map(|flag| flag.flag.clone()).collect()
    }
}

impl ContextFlags {
    fn rows(&self, columns: Columns) -> Vec<[Cell; 5]> {
        let mut rows = Vec::new();
        if let Some(error) = &self.error {
            let verdict = Cell::from(format!("UNKNOWN: {error}")).toned(Tone::Bad);
            rows.push(["-".into(), "-".into(), "-".into(), "-".into(), verdict]);
        }
        for flag in &self.flags {
            let verdict = match flag.verdict {
                Verdict::Ok => Cell::from("ok").toned(Tone::Good),
                Verdict::Differs => Cell::from("DIFFERS").toned(Tone::Bad),
                Verdict::Unknown => Cell::from("UNKNOWN").toned(Tone::Bad),
            };
            let actual = flag.actual.as_deref().map_or_else(Cell::unknown, Cell::from);
            rows.push([
                flag.flag.as_str().into(),
                flag.expected.as_str().into(),
                actual,
                flag.source.into(),
                verdict,
            ]);
        }
        if columns == Columns::Wide {
            rows.extend(self.others.iter().map(|other| {
                [
                    other.flag.as_str().into(),
                    "-".into(),
                    other.actual.as_str().into(),
                    "default".into(),
                    "-".into(),
                ]
            }));
        }
        rows
    }
}
