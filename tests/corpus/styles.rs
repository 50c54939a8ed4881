//! The ways in which people write a configuration as a string of a values file.

/// How the string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Literal,
    LiteralStripped,
    LiteralKept,
    /// With an indentation that its header says.
    LiteralIndented,
    Folded,
    DoubleQuoted,
    /// A line of the text on each line, the ends escaped.
    DoubleQuotedOnLines,
    SingleQuoted,
}

pub(crate) const STYLES: [Style; 8] = [
    Style::Literal,
    Style::DoubleQuoted,
    Style::LiteralStripped,
    Style::Folded,
    Style::LiteralKept,
    Style::DoubleQuotedOnLines,
    Style::LiteralIndented,
    Style::SingleQuoted,
];

const PLACE: &str = "CONFIG";

/// The values with the configuration in place of `CONFIG`; `None` where the style cannot hold the text or stand there.
/// The text may lose the line end at its end, which one style does not have.
pub(crate) fn embedded(skeleton: &str, config: &str, style: Style) -> Option<(String, String)> {
    let at = skeleton.find(PLACE).expect("a place for the configuration");
    let start = skeleton[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let key = &skeleton[start..at];
    let indent = key.len() - key.trim_start().len();
    let is_block =
        key.trim_start().starts_with("prometheus_yml") && skeleton[at + PLACE.len()..].starts_with('\n');
    let stripped = config.trim_end_matches('\n');
    let (scalar, text) = match style {
        Style::Literal | Style::LiteralKept | Style::LiteralIndented if !config.ends_with('\n') => {
            return None;
        }
        Style::Literal => (block("|", stripped, indent + 2), config),
        Style::LiteralKept => (block("|+", stripped, indent + 2), config),
        Style::LiteralIndented => (block("|4", stripped, indent + 4), config),
        Style::LiteralStripped => (block("|-", stripped, indent + 2), stripped),
        Style::Folded => (block(">-", &unfolded(stripped), indent + 2), stripped),
        Style::DoubleQuoted => (format!("\"{}\"", escaped(config)), config),
        Style::DoubleQuotedOnLines => {
            let pad = " ".repeat(indent + 2);
            let lines = config.split_inclusive('\n').map(|line| {
                let text = escaped(line.trim_start_matches(' '));
                format!("{}{text}", "\\ ".repeat(line.len() - line.trim_start_matches(' ').len()))
            });
            (format!("\"{}\"", lines.collect::<Vec<_>>().join(&format!("\\\n{pad}"))), config)
        }
        Style::SingleQuoted if stripped.contains("\n ") || stripped.contains(" \n") => return None,
        Style::SingleQuoted => {
            let lines =
                stripped.replace('\'', "''").replace('\n', &format!("\n\n{}", " ".repeat(indent + 2)));
            (format!("'{lines}'"), stripped)
        }
    };
    let needs_block =
        !matches!(style, Style::DoubleQuoted | Style::DoubleQuotedOnLines | Style::SingleQuoted);
    // A block that keeps its line ends has the blank lines after it, too.
    let after = &skeleton[at + PLACE.len()..];
    let blank = after.len() - after.trim_start_matches('\n').len();
    let kept = if style == Style::LiteralKept { "\n".repeat(blank.saturating_sub(1)) } else { String::new() };
    (is_block || !needs_block).then(|| (skeleton.replacen(PLACE, &scalar, 1), format!("{text}{kept}")))
}

fn block(header: &str, text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let lines =
        text.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("{pad}{line}") });
    format!("{header}\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// Line ends doubled where folding would make a space of them: between lines that are not indented.
fn unfolded(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut before = "";
    for line in text.split('\n') {
        let is_flush = |line: &str| !line.starts_with(' ') && !line.is_empty();
        if is_flush(before) && is_flush(line) {
            lines.push(String::new());
        } else if is_flush(line) && lines.last().is_some_and(String::is_empty) {
            let above = lines.iter().rfind(|line| !line.is_empty()).map_or("", String::as_str);
            if is_flush(above) {
                lines.push(String::new());
            }
        }
        lines.push(line.to_owned());
        before = line;
    }
    lines.join("\n")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
