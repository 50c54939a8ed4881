//! The one line that says what is under way.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::decision::Manner;
use super::streams::write;
use crate::report::hidden;

/// What takes less time than this is not worth a line.
const PATIENCE: Duration = Duration::from_secs(1);

/// The line is redrawn this often, for the seconds that it shows.
const TICK: Duration = Duration::from_millis(250);

/// The progress of the command: on a terminal a line that is redrawn in place, elsewhere a line for every change.
#[derive(Clone)]
pub struct Progress(Arc<Mutex<State>>);

struct State {
    manner: Manner,
    stderr: Arc<Mutex<dyn Write + Send>>,
    /// When the work began that is under way; none is.
    began: Option<Instant>,
    stage: String,
    doing: String,
    /// What was printed last, where every change is a line.
    printed: String,
    bar: Option<ProgressBar>,
    /// Shows the line once patience has run out.
    waiting: Option<AbortHandle>,
}

impl Progress {
    pub(super) fn new(manner: Manner, stderr: Arc<Mutex<dyn Write + Send>>) -> Self {
        Self(Arc::new(Mutex::new(State {
            manner,
            stderr,
            began: None,
            stage: String::new(),
            doing: String::new(),
            printed: String::new(),
            bar: None,
            waiting: None,
        })))
    }

    /// Says what is being done, as a stage (`deploying`) and what it waits for, credentials masked. The first call
    /// starts the clock.
    pub fn set(&self, stage: &str, doing: &str) {
        let mut held = self.lock();
        if held.manner == Manner::Hidden {
            return;
        }
        stage.clone_into(&mut held.stage);
        held.doing = hidden(doing);
        match held.began {
            Some(began) if began.elapsed() >= PATIENCE => held.show(),
            Some(_) => {}
            None => {
                held.began = Some(Instant::now());
                held.waiting = self.show_later();
            }
        }
    }

    /// The same where the line is redrawn. Elsewhere nothing is said: it changes too often for lines.
    pub fn redraw(&self, stage: &str, doing: &str) {
        if self.lock().manner == Manner::Redrawn {
            self.set(stage, doing);
        }
    }

    /// The work is done: the line goes, and the next call of `set` starts anew.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Writes something else without leaving pieces of the line behind.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        let bar = self.lock().bar.clone();
        match bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Without a runtime nothing can happen later.
    fn show_later(&self) -> Option<AbortHandle> {
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        let state = Arc::downgrade(&self.0);
        let task = runtime.spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            if let Some(state) = state.upgrade() {
                state.lock().unwrap_or_else(PoisonError::into_inner).show();
            }
        });
        Some(task.abort_handle())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn show(&mut self) {
        let Some(began) = self.began else { return };
        match self.manner {
            Manner::Hidden => {}
            Manner::Lines => {
                let line = format!("{}  {}", self.stage, self.doing);
                if line != self.printed {
                    let _ = write(&self.stderr, &format!("{}\n", line.trim_end()));
                    self.printed = line;
                }
            }
            Manner::Redrawn => {
                let bar = self.bar.get_or_insert_with(|| bar(&self.stage, &self.doing, began.elapsed()));
                bar.set_prefix(self.stage.clone());
                bar.set_message(self.doing.clone());
            }
        }
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        if let Some(waiting) = self.waiting.take() {
            waiting.abort();
        }
        self.began = None;
        self.printed.clear();
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.clear();
    }
}

/// `deploying  waiting for prometheus-server  12s`
fn bar(stage: &str, doing: &str, elapsed: Duration) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix}  {msg}  {elapsed}");
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        .with_prefix(stage.to_owned())
        .with_message(doing.to_owned())
        .with_elapsed(elapsed);
    // Drawn from here on: the first thing to be seen is a whole line.
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar.enable_steady_tick(TICK);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(manner: Manner) -> (Progress, Arc<Mutex<Vec<u8>>>) {
        let stderr = Arc::new(Mutex::new(Vec::new()));
        (Progress::new(manner, stderr.clone()), stderr)
    }

    fn text(bytes: &Mutex<Vec<u8>>) -> String {
        String::from_utf8(bytes.lock().unwrap().clone()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_quick_says_nothing() {
        let (progress, stderr) = progress(Manner::Lines);
        progress.set("reading", "the hub");
        tokio::time::sleep(PATIENCE / 2).await;
        progress.clear();
        tokio::time::sleep(PATIENCE * 2).await;
        assert_eq!(text(&stderr), "");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_terminal_every_change_is_one_line() {
        let (progress, stderr) = progress(Manner::Lines);
        progress.set("deploying", "1 of 31 objects");
        tokio::time::sleep(PATIENCE * 2).await;
        progress.set("deploying", "1 of 31 objects");
        progress.set("deploying", "31 of 31 objects");
        assert_eq!(text(&stderr), "deploying  1 of 31 objects\ndeploying  31 of 31 objects\n");
    }

    #[tokio::test(start_paused = true)]
    async fn hidden_is_hidden() {
        let (progress, stderr) = progress(Manner::Hidden);
        progress.set("deploying", "");
        tokio::time::sleep(PATIENCE * 2).await;
        progress.set("deploying", "more");
        assert_eq!(text(&stderr), "");
    }

    #[tokio::test(start_paused = true)]
    async fn the_line_goes_with_its_owner() {
        let (progress, stderr) = progress(Manner::Lines);
        progress.set("deploying", "");
        drop(progress);
        tokio::time::sleep(PATIENCE * 2).await;
        assert_eq!(text(&stderr), "");
    }
}
