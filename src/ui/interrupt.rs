//! Ctrl-C.

use super::streams::{Ui, write};

/// The exit code of a command that was interrupted, as a shell counts it: 128 and the number of the signal.
pub const INTERRUPTED: u8 = 130;

impl Ui {
    /// Ends when the person interrupts the command; the progress line is gone then, and the command can say what it has
    /// done. From the first call on the interruption no longer ends the process by itself.
    pub async fn interrupted(&self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // No handler could be set, so that the signal ends the process as it always did.
            std::future::pending::<()>().await;
        }
        self.progress.clear();
        // The terminal has written ^C.
        if self.surroundings.terminals.stdin && self.surroundings.terminals.stderr {
            drop(write(&self.stderr, "\n"));
        }
    }
}
