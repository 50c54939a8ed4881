//! Tables with kubectl's look: upper-case headers, three spaces, no borders, no wrapping.

use std::borrow::Cow;

use comfy_table::presets::NOTHING;

use super::paint::{Paint, Tone};

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

/// A column, with its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    header: Cow<'static, str>,
    columns: Columns,
}

/// Which columns are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    #[default]
    Usual,
    /// Those too that only `-o wide` shows.
    Wide,
}

/// Rows below named columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Cell {
    /// What is known not to be there.
    pub fn none() -> Self {
        "<none>".into()
    }

    /// What could not be found out.
    pub fn unknown() -> Self {
        "<unknown>".into()
    }

    /// Nothing at all: a row that continues the one above.
    pub fn blank() -> Self {
        Self { text: String::new(), tone: Tone::Plain }
    }

    /// The same in the colour of a tone, where colour is shown.
    #[must_use]
    pub fn toned(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::none() } else { Self { text: visible(&text), tone: Tone::Plain } }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        number.to_string().into()
    }
}

/// Absence is `<none>`.
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Self::none, Into::into)
    }
}

impl Column {
    pub const fn new(header: &'static str) -> Self {
        Self { header: Cow::Borrowed(header), columns: Columns::Usual }
    }

    /// A column whose header is only known when there is a result.
    pub const fn named(header: String) -> Self {
        Self { header: Cow::Owned(header), columns: Columns::Usual }
    }

    /// A column that only `-o wide` shows.
    pub const fn wide(header: &'static str) -> Self {
        Self { header: Cow::Borrowed(header), columns: Columns::Wide }
    }
}

impl Table {
    /// A table without rows. Every row has a cell for every column, those of `-o wide` too.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row at the end. Cells that are missing are blank.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) -> &mut Self {
        self.rows.push(cells.into_iter().collect());
        self
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, each with its newline. However long a line is, it stays one line, as kubectl's do.
    pub fn to_text(&self, columns: Columns, paint: Paint) -> String {
        let shown: Vec<usize> = (0..self.columns.len())
            .filter(|&index| columns == Columns::Wide || self.columns[index].columns == Columns::Usual)
            .collect();
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING).set_header(shown.iter().map(|&index| self.columns[index].header.as_ref()));
        let blank = Cell::blank();
        let rows: Vec<Vec<&Cell>> = self
            .rows
            .iter()
            .map(|row| shown.iter().map(|&index| row.get(index).unwrap_or(&blank)).collect())
            .collect();
        table.add_rows(rows.iter().map(|row| row.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>()));
        for column in table.column_iter_mut() {
            column.set_padding((0, 3));
        }
        let mut text = String::new();
        for (index, line) in table.lines().enumerate() {
            let line = line.trim_end();
            let line = match index.checked_sub(1).and_then(|row| rows.get(row)) {
                Some(cells) => painted(line, cells, paint),
                None => line.to_owned(),
            };
            text.push_str(&line);
            text.push('\n');
        }
        text
    }
}

/// Colours the cells of a line that is laid out already: colour has no width.
fn painted(line: &str, cells: &[&Cell], paint: Paint) -> String {
    let mut painted = String::new();
    let mut rest = line;
    for cell in cells {
        let text = rest.trim_start_matches(' ');
        painted.push_str(&rest[..rest.len() - text.len()]);
        rest = text;
        if let Some(after) = text.strip_prefix(cell.text.trim_end()) {
            painted.push_str(&paint.on(cell.tone, &text[..text.len() - after.len()]));
            rest = after;
        }
    }
    painted + rest
}

/// Longer cells than this, in characters, are cut: the layout counts columns in 16 bits.
const LONGEST: usize = 30_000;

/// Text from a cluster cannot end a line or steer the terminal.
fn visible(text: &str) -> String {
    let clean = |letter: char| if letter.is_control() { ' ' } else { letter };
    let mut letters = text.trim().chars().map(clean);
    let mut shown: String = letters.by_ref().take(LONGEST).collect();
    if letters.next().is_some() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new([
            Column::new("CONTEXT"),
            Column::new("AGE"),
            Column::new("VERDICT"),
            Column::wide("SERVER"),
        ]);
        table.row([
            "admin@hub".into(),
            Some("5d3h").into(),
            Cell::from("OK").toned(Tone::Good),
            "https://a".into(),
        ]);
        table.row(["日本".into(), None::<&str>.into(), Cell::unknown(), Cell::none()]);
        table
    }

    #[test]
    fn columns_stand_three_spaces_apart_and_nothing_trails() {
        insta::assert_snapshot!(table().to_text(Columns::Usual, Paint::Plain), @r"
        CONTEXT     AGE      VERDICT
        admin@hub   5d3h     OK
        日本        <none>   <unknown>
        ");
    }

    #[test]
    fn wide_adds_columns_at_their_place() {
        insta::assert_snapshot!(table().to_text(Columns::Wide, Paint::Plain), @r"
        CONTEXT     AGE      VERDICT     SERVER
        admin@hub   5d3h     OK          https://a
        日本        <none>   <unknown>   <none>
        ");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let coloured = table().to_text(Columns::Wide, Paint::Colour);
        assert!(coloured.contains("\u{1b}[32mOK\u{1b}[0m          https://a"), "{coloured}");
        let bare = coloured.replace("\u{1b}[32m", "").replace("\u{1b}[0m", "");
        assert_eq!(bare, table().to_text(Columns::Wide, Paint::Plain));
    }

    #[test]
    fn a_long_line_stays_one_line() {
        let mut table = Table::new([Column::new("MESSAGE"), Column::new("CODE")]);
        table.row(["x".repeat(100_000).into(), "PF001".into()]);
        assert_eq!(table.to_text(Columns::Usual, Paint::Plain).lines().count(), 2);
    }

    #[test]
    fn text_of_a_cluster_stays_in_its_cell() {
        let mut table = Table::new([Column::new("MESSAGE"), Column::new("CODE")]);
        table.row(["first\nsecond\u{1b}[31m".into(), "PF001".into()]);
        insta::assert_snapshot!(table.to_text(Columns::Usual, Paint::Plain), @r"
        MESSAGE             CODE
        first second [31m   PF001
        ");
    }

    #[test]
    fn a_row_may_continue_the_one_above() {
        let mut table = Table::new([Column::new("CLUSTER"), Column::new("NAMESPACE")]);
        table.row(["edge".into(), "kube-system".into()]);
        table.row([Cell::blank(), "default".into()]);
        insta::assert_snapshot!(table.to_text(Columns::Usual, Paint::Colour), @r"
        CLUSTER   NAMESPACE
        edge      kube-system
                  default
        ");
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        assert_eq!(Table::new([Column::new("A")]).to_text(Columns::Usual, Paint::Plain), "A\n");
    }
}
