//! How results are printed.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::report::Format;
use crate::ui::{ColourChoice, Verbosity};

/// Flags about output that every command takes.
#[derive(Clone, Copy, Debug, Args)]
pub struct Output {
    /// How to print the result
    #[arg(short = 'o', long = "output", global = true, default_value = "table", value_name = "FORMAT", value_parser = format())]
    pub format: Format,
    /// When to use colour
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN", value_parser = colour())]
    pub color: ColourChoice,
    /// Say nothing on stderr but errors and questions
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say on stderr what is asked of whom, how it answered and in what time. A level, as of kubectl, may follow: -v=6
    #[arg(short, long, global = true, hide_short_help = true, value_name = "LEVEL", num_args = 0..=1, require_equals = true, default_missing_value = "6", conflicts_with = "quiet")]
    pub verbose: Option<u8>,
}

impl Output {
    /// How much is said on stderr.
    pub fn verbosity(self) -> Verbosity {
        match self.verbose {
            Some(1..) => Verbosity::Verbose,
            _ if self.quiet => Verbosity::Quiet,
            _ => Verbosity::Usual,
        }
    }
}

fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str)).try_map(|name| name.parse::<Format>())
}

fn colour() -> impl TypedValueParser<Value = ColourChoice> {
    PossibleValuesParser::new(["auto", "always", "never"]).map(|name| match name.as_str() {
        "always" => ColourChoice::Always,
        "never" => ColourChoice::Never,
        _ => ColourChoice::Auto,
    })
}
