//! Asking before something that exists is changed.

use std::io::{BufRead, stdin};

use tokio::sync::oneshot;

use super::streams::{Ui, write};
use crate::error::Error;

/// What a person answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}

impl Ui {
    /// Whether there is a person who reads a question and can answer it.
    pub fn can_ask(&self) -> bool {
        self.surroundings.can_ask()
    }

    /// Asks and waits for an answer. Everything but a clear yes is a no.
    ///
    /// # Errors
    ///
    /// There is nobody to ask: stdin or stderr is not a terminal.
    pub async fn confirm(&self, question: &str) -> Result<Answer, Error> {
        if !self.surroundings.can_ask() {
            return Err(Error::usage("this change needs a yes, and there is no terminal to ask on")
                .hint("add --yes to apply it, or --dry-run=client to see it only"));
        }
        self.progress.clear();
        let _ = write(&self.stderr, &format!("{question} [y/N] "));
        let open = Open(self);
        let (answer, answered) = oneshot::channel();
        // Reading cannot be given up, and Ctrl-C must be heard meanwhile: a thread that nobody waits for.
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = stdin().lock().read_line(&mut line);
            let _ = answer.send(if read.is_ok() { understood(&line) } else { Answer::No });
        });
        let answer = answered.await;
        // Whoever answered has ended the line.
        std::mem::forget(open);
        Ok(answer.unwrap_or(Answer::No))
    }
}

/// A question that nobody has answered. Given up, it leaves the line to whatever is said next.
struct Open<'a>(&'a Ui);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let _ = write(&self.0.stderr, "\n");
    }
}

fn understood(line: &str) -> Answer {
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Answer::Yes,
        _ => Answer::No,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::error::Kind;
    use crate::ui::{ColourChoice, Surroundings, Verbosity};

    #[test]
    fn only_a_clear_yes_is_a_yes() {
        let answers = ["y\n", "YES\r\n", "\n", "", "n\n", "yep\n"].map(understood);
        assert_eq!(answers, [Answer::Yes, Answer::Yes, Answer::No, Answer::No, Answer::No, Answer::No]);
    }

    #[tokio::test]
    async fn without_a_terminal_nothing_is_asked() {
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let ui = Ui::over(
            Arc::new(Mutex::new(Vec::new())),
            stderr.clone(),
            Surroundings::default(),
            ColourChoice::Auto,
            Verbosity::Usual,
        );
        let error = ui.confirm("Apply?").await.unwrap_err();
        assert_eq!((error.kind, error.hints.len()), (Kind::Usage, 1));
        assert!(error.hints[0].contains("--yes") && stderr.lock().unwrap().is_empty());
    }
}
