//! The events of a watch, one after the other.

use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::Held;
use super::answer::{Extent, differences};
use super::server::{PATIENCE, words};

/// A watch that is open.
pub(super) struct Events<'r> {
    runtime: &'r Runtime,
    /// The request.
    what: String,
    body: Body,
    read: Vec<u8>,
}

impl<'r> Events<'r> {
    pub(super) fn new(runtime: &'r Runtime, what: String, body: Body) -> Self {
        Self { runtime, what, body, read: Vec::new() }
    }

    /// The next event; none when the server has ended the watch.
    pub(super) fn next(&mut self) -> Result<Option<Value>, String> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return serde_json::from_slice(&line).map(Some).map_err(words);
            }
            let frame = async { tokio::time::timeout(PATIENCE, self.body.frame()).await };
            match self.runtime.block_on(frame).map_err(|_| format!("{}: no event comes", self.what))? {
                Some(frame) => {
                    let frame = frame.map_err(words)?.into_data();
                    self.read.extend(frame.map_err(|_| "there are trailers")?);
                }
                None if self.read.is_empty() => return Ok(None),
                None => return Err(format!("{}: it ends in the middle of an event", self.what)),
            }
        }
    }

    /// The next event has all this.
    pub(super) fn has(&mut self, expected: &Value) -> Result<Value, String> {
        let event = self.next()?.ok_or_else(|| format!("{}: it ended before {expected}", self.what))?;
        let differs = differences(expected, &event, Extent::AtLeast);
        if differs.is_empty() {
            Ok(event)
        } else {
            Err(format!("{}: {}\n{event}", self.what, differs.join("\n")))
        }
    }

    /// Nothing more comes.
    pub(super) fn ends(&mut self) -> Held {
        match self.next()? {
            None => Ok(()),
            Some(event) => Err(format!("{}: one event more: {event}", self.what)),
        }
    }
}
