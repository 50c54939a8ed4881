//! What was measured, as text in columns.

use std::fmt;

/// The rows so far.
#[derive(Default)]
pub(crate) struct Table(Vec<[String; 4]>);

impl Table {
    /// A figure, what it should be, and what explains it.
    pub(crate) fn row(&mut self, what: &str, figure: String, goal: &str, beside: String) {
        self.0.push([what.to_owned(), figure, goal.to_owned(), beside]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["WHAT", "FIGURE", "GOAL", "BESIDE"].map(str::to_owned);
        let rows: Vec<_> = [&header].into_iter().chain(&self.0).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
        let [what, figure, goal] = [0, 1, 2].map(width);
        for row in &rows {
            let line = format!("{:what$}   {:figure$}   {:goal$}   {}", row[0], row[1], row[2], row[3]);
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
