//! `kubectl promfed status --watch`: the same look again and again, until Ctrl-C.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval};

use super::facts::Depth;
use super::fleet::Fleet;
use super::shell::{End, Shell};
use super::status::rows;
use crate::check::Facts;
use crate::error::{Error, Result};
use crate::prometheus::tally::Tally;
use crate::report::{Columns, Format, Looks, Tone, View as _, WatchView, render};
use crate::ui::{Reader, Screen};

/// How one look after the other is shown.
enum Show {
    /// In place of the one before.
    Again(Screen, Columns),
    /// Line by line, the header once.
    Lines(Columns, usize),
    /// A document each.
    Documents,
}

/// Looks as often as is wanted, until nobody reads it any more.
pub(super) async fn watch(shell: &Shell, fleet: Fleet, pause: Duration) -> Result<End> {
    let mut show = show(shell)?;
    let fleet = fleet.again();
    let mut looks = Looks::default();
    let mut ticks = interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    // The first look may take long, and says so. The later ones would blink.
    let mut all = fleet.facts(shell, Depth::Status).await;
    let unheard = Shell { connection: shell.connection.clone(), output: shell.output, ui: shell.ui.silent() };
    loop {
        let rows = rows(&all).into_iter().map(|(row, facts)| (row, tally(facts))).collect();
        let view = looks.look(Timestamp::now(), rows, shell.ui.marks());
        if show.show(shell, &view)? == Reader::Gone {
            return Ok(End::Done);
        }
        ticks.tick().await;
        all = fleet.facts(&unheard, Depth::Status).await;
    }
}

fn show(shell: &Shell) -> Result<Show> {
    let columns = match shell.output.format {
        Format::Table => Columns::Usual,
        Format::Wide => Columns::Wide,
        Format::Json | Format::Yaml => return Ok(Show::Documents),
        format => {
            return Err(Error::usage(format!("what is watched has no form -o {format}"))
                .hint("kubectl promfed status --watch -o json"));
        }
    };
    Ok(shell.ui.screen().map_or(Show::Lines(columns, 0), |screen| Show::Again(screen, columns)))
}

fn tally(facts: &Facts) -> Option<Tally> {
    Tally::read(facts.process.metrics.as_ref().ok()?, facts.role()?, facts.now)
}

impl Show {
    fn show(&mut self, shell: &Shell, view: &WatchView) -> Result<Reader> {
        let paint = shell.ui.stdout_paint();
        match self {
            Self::Again(screen, columns) => {
                let when = format!("{}, Ctrl-C to end", view.clock());
                let text = format!("{}\n{}\n", view.text(*columns, paint), paint.on(Tone::Faint, &when));
                let unwritten = |error: std::io::Error| {
                    Error::failed("the terminal cannot be written").because(error.to_string())
                };
                screen.draw(&text).map_err(unwritten)?;
                Ok(Reader::Listens)
            }
            Self::Lines(columns, header) => {
                let lines = view.lines(*columns, paint);
                let lines: String = lines.split_inclusive('\n').skip(*header).collect();
                *header = 1;
                shell.ui.piece(&lines)
            }
            Self::Documents => {
                let document = render(view, shell.output.format, paint)?;
                let separator = if shell.output.format == Format::Yaml { "---\n" } else { "" };
                shell.ui.piece(&format!("{separator}{document}"))
            }
        }
    }
}
