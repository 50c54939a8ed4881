//! Turns at the hub: many agents that one process changes write there one after the other, so that only what others
//! write is in their way.

use tokio::sync::{Mutex, MutexGuard};

static TURN: Mutex<()> = Mutex::const_new(());

/// Whether somebody else of this process has written meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    No,
    ForAnother,
}

/// Waits for the turn, which lasts as long as what is given back.
pub(super) async fn turn() -> (MutexGuard<'static, ()>, Waited) {
    match TURN.try_lock() {
        Ok(turn) => (turn, Waited::No),
        Err(_) => (TURN.lock().await, Waited::ForAnother),
    }
}
