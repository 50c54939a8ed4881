//! What `-o` says.

use std::fmt;
use std::str::FromStr;

/// The form of a command's result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    #[default]
    Table,
    /// The table with more columns at its end, or with more rows.
    Wide,
    Json,
    Yaml,
    /// Only the names, one a line.
    Name,
    /// One line for each finding of a check.
    Short,
    /// The findings of a check, for CI servers.
    Junit,
    /// A diagram of what reports to what.
    Mermaid,
}

impl Format {
    pub const ALL: [Self; 8] = [
        Self::Table,
        Self::Wide,
        Self::Json,
        Self::Yaml,
        Self::Name,
        Self::Short,
        Self::Junit,
        Self::Mermaid,
    ];

    /// Whether it is for a person, who can be asked in between.
    pub fn is_a_table(self) -> bool {
        matches!(self, Self::Table | Self::Wide)
    }

    /// The one command whose result has this form; `None` where every result has it.
    pub fn only_of(self) -> Option<&'static str> {
        match self {
            Self::Short | Self::Junit => Some("check"),
            Self::Mermaid => Some("status"),
            Self::Table | Self::Wide | Self::Json | Self::Yaml | Self::Name => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Wide => "wide",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Name => "name",
            Self::Short => "short",
            Self::Junit => "junit",
            Self::Mermaid => "mermaid",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| {
            format!("unknown format \"{text}\", expected {}", Self::ALL.map(Self::as_str).join("|"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_read_by_its_name() {
        assert_eq!(Format::ALL.map(|format| format.as_str().parse()), Format::ALL.map(Ok));
    }

    #[test]
    fn an_unknown_format_names_the_known_ones() {
        assert_eq!(
            "xml".parse::<Format>().unwrap_err(),
            "unknown format \"xml\", expected table|wide|json|yaml|name|short|junit|mermaid"
        );
    }
}
