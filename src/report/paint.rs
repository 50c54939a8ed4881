//! Colour: never the only sign of anything.

use anstyle::{AnsiColor, Style};

/// Whether text may be coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    #[default]
    Plain,
    Colour,
}

/// What a piece of text is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Warning,
    Bad,
    /// Less important than its surroundings.
    Faint,
    /// What is added in a diff.
    Added,
    /// What is removed in a diff.
    Removed,
    Heading,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Good | Self::Added => AnsiColor::Green.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Bad | Self::Removed => AnsiColor::Red.on_default(),
            Self::Faint => Style::new().dimmed(),
            Self::Heading => Style::new().bold(),
        }
    }
}

impl Paint {
    /// The text in the colour of its tone, or as it is.
    pub fn on(self, tone: Tone, text: &str) -> String {
        let style = tone.style();
        match self {
            Self::Colour if style != Style::new() => format!("{style}{text}{style:#}"),
            _ => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_is_the_text_itself() {
        assert_eq!(Paint::Plain.on(Tone::Bad, "LOSING"), "LOSING");
    }

    #[test]
    fn colour_ends_where_the_text_ends() {
        assert_eq!(Paint::Colour.on(Tone::Good, "OK"), "\u{1b}[32mOK\u{1b}[0m");
    }
}
