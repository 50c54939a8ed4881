//! The two streams that are written to.

use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex, PoisonError};

use anstream::{AutoStream, ColorChoice};

use super::decision::{ColourChoice, Surroundings, Verbosity};
use super::progress::Progress;
use crate::error::Error;
use crate::report::{Marks, Paint, Tone, hidden, hidden_error};

type Sink = Arc<Mutex<dyn Write + Send>>;

/// The streams of the process. Made once in `main`, passed down by reference, the only way to say anything.
#[derive(Clone)]
pub struct Ui {
    stdout: Sink,
    pub(super) stderr: Sink,
    pub(super) surroundings: Surroundings,
    colour: ColourChoice,
    verbosity: Verbosity,
    /// The progress line, where there is one: whoever writes makes room first.
    pub(super) progress: Progress,
    /// Warnings of a part that nobody hears.
    kept: Option<Arc<Mutex<Vec<String>>>>,
}

/// Whoever reads the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Listens,
    Gone,
}

impl Ui {
    /// The real streams. Progress needs a tokio runtime to be running when it is set.
    pub fn new(colour: ColourChoice, verbosity: Verbosity) -> Self {
        let surroundings = Surroundings::of_process();
        let stdout = AutoStream::new(io::stdout(), stripping(surroundings.stdout_paint(colour)));
        let stderr = AutoStream::new(io::stderr(), stripping(surroundings.stderr_paint(colour)));
        Self::over(
            Arc::new(Mutex::new(stdout)),
            Arc::new(Mutex::new(stderr)),
            surroundings,
            colour,
            verbosity,
        )
    }

    /// Any other streams, for tests: what is written can be looked at, and no terminal is needed.
    pub fn over(
        stdout: Arc<Mutex<dyn Write + Send>>,
        stderr: Arc<Mutex<dyn Write + Send>>,
        surroundings: Surroundings,
        colour: ColourChoice,
        verbosity: Verbosity,
    ) -> Self {
        let progress = Progress::new(surroundings.manner(verbosity), stderr.clone());
        Self { stdout, stderr, surroundings, colour, verbosity, progress, kept: None }
    }

    /// The same, of which nobody hears: for a part of a command whose result is told by the whole. Warnings are kept.
    #[must_use]
    pub fn silent(&self) -> Self {
        let nowhere = || Arc::new(Mutex::new(io::sink()));
        let silent = Self::over(nowhere(), nowhere(), Surroundings::default(), self.colour, Verbosity::Quiet);
        Self { kept: Some(Arc::default()), ..silent }
    }

    /// What a silent part warned of.
    pub fn kept(&self) -> Vec<String> {
        let kept = self.kept.as_ref().map(|kept| kept.lock().unwrap_or_else(PoisonError::into_inner).clone());
        kept.unwrap_or_default()
    }

    /// Writes a part of the result to stdout, as it is.
    ///
    /// # Errors
    ///
    /// The stream cannot be written, as on a full disk. A reader that has gone, as in `… | head`, is no error.
    pub fn result(&self, text: &str) -> Result<(), Error> {
        self.piece(text).map(drop)
    }

    /// The same for a result that goes on as long as somebody reads it.
    ///
    /// # Errors
    ///
    /// As [`Ui::result`].
    pub fn piece(&self, text: &str) -> Result<Reader, Error> {
        self.progress.aside(|| match write(&self.stdout, text) {
            Ok(()) => Ok(Reader::Listens),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
            Err(error) => {
                Err(Error::failed("the result cannot be written to stdout").because(error.to_string()))
            }
        })
    }

    /// A line about what happens, on stderr. Not with `-q`.
    pub fn say(&self, line: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.tell(line);
        }
    }

    pub(super) fn is_verbose(&self) -> bool {
        self.verbosity == Verbosity::Verbose
    }

    /// A line that only `-v` shows.
    pub fn detail(&self, line: &str) {
        if self.verbosity > Verbosity::Usual {
            self.tell(&self.stderr_paint().on(Tone::Faint, line));
        }
    }

    /// Something that a person should know although the command goes on. Shown with `-q` too. Credentials are masked.
    pub fn warn(&self, line: &str) {
        if let Some(kept) = &self.kept {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(hidden(line));
            return;
        }
        let label = self.stderr_paint().on(Tone::Warning, "warning:");
        self.tell(&format!("{label} {}", hidden(line)));
    }

    /// An error with its causes and hints, credentials masked.
    pub fn error(&self, error: &Error) {
        let paint = self.stderr_paint();
        let lines: Vec<String> =
            hidden_error(error).lines().lines().map(|line| labelled(line, paint)).collect();
        self.tell(&lines.join("\n"));
    }

    /// What is under way. Whatever else is written makes room for it; dropping the last of its clones clears it.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Whether a person sees what is printed.
    pub fn is_watched(&self) -> bool {
        self.surroundings.terminals.stdout
    }

    /// Whether the result may be coloured.
    pub fn stdout_paint(&self) -> Paint {
        self.surroundings.stdout_paint(self.colour)
    }

    /// The signs that stdout can show.
    pub fn marks(&self) -> Marks {
        self.surroundings.marks()
    }

    /// Whether what is said on stderr may be coloured.
    pub fn stderr_paint(&self) -> Paint {
        self.surroundings.stderr_paint(self.colour)
    }

    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// There is nobody left to tell when stderr is broken.
    fn tell(&self, text: &str) {
        self.progress.aside(|| {
            let _ = write(&self.stderr, &format!("{text}\n"));
        });
    }
}

/// Colours the word that begins a line of an error.
fn labelled(line: &str, paint: Paint) -> String {
    let labels = [("error:", Tone::Bad), ("caused by:", Tone::Heading), ("hint:", Tone::Heading)];
    let found = labels.iter().find_map(|(label, tone)| Some((label, tone, line.strip_prefix(label)?)));
    match found {
        Some((label, tone, rest)) => paint.on(*tone, label) + rest,
        None => line.to_owned(),
    }
}

/// Where colour is not wanted, none gets through, whoever made the text.
fn stripping(paint: Paint) -> ColorChoice {
    match paint {
        Paint::Colour => ColorChoice::Always,
        Paint::Plain => ColorChoice::Never,
    }
}

pub(super) fn write(sink: &Sink, text: &str) -> io::Result<()> {
    let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
    sink.write_all(text.as_bytes())?;
    sink.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn ui(stdout: Sink, verbosity: Verbosity) -> (Ui, Arc<Mutex<Vec<u8>>>) {
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let ui = Ui::over(stdout, stderr.clone(), Surroundings::default(), ColourChoice::Auto, verbosity);
        (ui, stderr)
    }

    fn text(bytes: &Mutex<Vec<u8>>) -> String {
        String::from_utf8(bytes.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn the_result_goes_to_stdout_and_the_talk_to_stderr() {
        let stdout = Arc::new(Mutex::new(Vec::new()));
        let (ui, stderr) = ui(stdout.clone(), Verbosity::Usual);
        ui.say("working");
        ui.result("{}\n").unwrap();
        assert_eq!((text(&stdout), text(&stderr)), ("{}\n".into(), "working\n".into()));
    }

    #[test]
    fn a_reader_that_has_gone_is_no_error() {
        let (ui, _) = ui(Arc::new(Mutex::new(Broken(ErrorKind::BrokenPipe))), Verbosity::Usual);
        assert_eq!((ui.result("x"), ui.piece("x")), (Ok(()), Ok(Reader::Gone)));
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let (ui, _) = ui(Arc::new(Mutex::new(Broken(ErrorKind::StorageFull))), Verbosity::Usual);
        assert!(ui.result("x").is_err());
    }

    #[test]
    fn quiet_leaves_warnings_and_errors() {
        let (ui, stderr) = ui(Arc::new(Mutex::new(Vec::new())), Verbosity::Quiet);
        ui.say("said");
        ui.detail("detail");
        ui.warn("mind this");
        ui.error(&Error::failed("broken").hint("try again"));
        assert_eq!(text(&stderr), "warning: mind this\nerror: broken\nhint: try again\n");
    }

    #[test]
    fn the_label_of_an_error_is_coloured_and_its_text_is_not() {
        assert_eq!(labelled("error: broken", Paint::Colour), "\u{1b}[31merror:\u{1b}[0m broken");
    }
}
