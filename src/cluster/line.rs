//! The first connection of a login. Requests that begin together wait for the one that opens it: where the server speaks
//! HTTP/2 it carries them all, and where there is no server one failure tells all of them.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::future::{Either, select};
use hyper_util::client::legacy::connect::CaptureConnection;
use tokio::sync::Mutex;

use super::failure::Cause;

/// Whether there is a connection.
#[derive(Default)]
pub(super) struct Line {
    is_open: AtomicBool,
    failures: AtomicUsize,
    /// Held by the request that opens it; why the last one could not.
    opening: Mutex<Option<Cause>>,
}

impl Line {
    /// One that need not be opened.
    pub(super) fn open() -> Self {
        Self { is_open: AtomicBool::new(true), ..Self::default() }
    }

    /// Waits for an answer, which begins to be asked for once there is a connection, or nobody else is opening one.
    pub(super) async fn carry<T>(
        &self,
        mut connected: CaptureConnection,
        answer: impl Future<Output = Result<T, Cause>>,
    ) -> Result<T, Cause> {
        if self.is_open() {
            return answer.await;
        }
        let failures = self.failures.load(Ordering::Relaxed);
        let mut opening = self.opening.lock().await;
        if self.is_open() {
            drop(opening);
            return answer.await;
        }
        if self.failures.load(Ordering::Relaxed) != failures
            && let Some(cause) = &*opening
        {
            return Err(cause.clone());
        }
        let mut answer = pin!(answer);
        let connected = async { connected.wait_for_connection_metadata().await.is_some() };
        let answered = match select(answer.as_mut(), pin!(connected)).await {
            Either::Left((answered, _)) => answered,
            Either::Right((true, _)) => {
                self.is_open.store(true, Ordering::Relaxed);
                drop(opening);
                return answer.await;
            }
            Either::Right((false, _)) => answer.await,
        };
        match &answered {
            Ok(_) => self.is_open.store(true, Ordering::Relaxed),
            Err(cause) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                *opening = Some(cause.clone());
            }
        }
        answered
    }

    fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }
}
