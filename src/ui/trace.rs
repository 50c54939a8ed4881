//! What `-v` shows: the events of the rooms below, a line each, credentials masked.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, registry};

use super::Ui;
use crate::report::hidden;

/// Shows events as details.
struct Lines(Ui);

impl Ui {
    /// From now on the process shows what it asks, if a person wants to see it.
    pub fn trace(&self) {
        if self.is_verbose() {
            let own = Targets::new().with_target("promfed", Level::DEBUG);
            // Somebody else who watches already is no fault of the command's.
            drop(registry().with(Lines(self.clone()).with_filter(own)).try_init());
        }
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.detail(&hidden(line.0.trim()));
    }
}

/// The words of an event.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // A String takes everything.
            let _ = write!(self.0, "{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::ui::{ColourChoice, Surroundings, Verbosity};

    #[test]
    fn an_event_is_a_line_without_credentials() {
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let nothing = Arc::new(Mutex::new(std::io::sink()));
        let surroundings = Surroundings::default();
        let ui = Ui::over(nothing, stderr.clone(), surroundings, ColourChoice::Never, Verbosity::Verbose);
        let subscriber = registry().with(Lines(ui));
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!("GET https://me:hunter2@hub.test/api/v1/query 200 in 3 ms");
        });
        let told = String::from_utf8(stderr.lock().unwrap().clone()).unwrap();
        assert!(told.starts_with("GET https://me:") && told.ends_with(" 200 in 3 ms\n"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}
