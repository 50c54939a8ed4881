//! `--buffer`: what has to be set together so that an agent outlives its hub's absence.

use std::sync::Arc;

use serde_json::{Value, json};

use super::draft::Draft;
use super::step::{Line, Sign};
use crate::domain::{Quantity, gibibytes};
use crate::error::Result;
use crate::prometheus::buffer::{FREQUENCY, frequency_for, rate_of, volume_for};
use crate::prometheus::config::{age_limit_edit, age_limit_of};
use crate::prometheus::flags::{ArgEdit, buffer_args};
use crate::prometheus::{OutOfOrderWindow, PromDuration};

/// What a hub takes of samples that come late where it has no window for them.
const HEAD: &str = "1h";

/// The absence of the hub that is to be outlived, and what is known of the agent and of the hub.
#[derive(Clone, Debug)]
pub struct Buffer {
    pub outage: PromDuration,
    /// Samples that the agent scrapes a second, where it runs.
    pub rate: Option<f64>,
    /// On what the agent's WAL lies, where that was seen to be no claim.
    pub no_claim: Option<String>,
    /// What the hub takes of samples that come late.
    pub hub: Lateness,
}

/// How late a sample may come to a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lateness {
    /// The hub could not be asked.
    Unknown,
    /// Its out-of-order window, and what its version makes of one.
    Window(Option<PromDuration>, OutOfOrderWindow),
}

/// Sets what the arguments and the volume need.
pub(super) fn outlive(draft: &mut Draft, buffer: &Buffer, wanted: Option<&Quantity>) -> Result<()> {
    let outage = buffer.outage;
    let args = draft.target.values.args()?;
    let edits = buffer_args(&args, outage);
    draft.target.values.edit_args(&edits)?;
    for edit in edits {
        let (ArgEdit::Append { arg } | ArgEdit::Replace { with: arg, .. }) = edit else { continue };
        let why = if arg.contains(FREQUENCY) {
            format!("whenever that has passed, what is older than {outage} may go unsent")
        } else {
            "less would be raised to that, and still be shown".to_owned()
        };
        draft.say(Sign::Changed, "buffer", format!("{arg} ({why})"));
    }
    volume(draft, buffer, wanted)?;
    late(draft, buffer);
    if let Some(other) = &buffer.no_claim {
        draft.warn(format!(
            "the agent's WAL lies on {other}: with its pod goes all that waits there, however long the buffer is"
        ));
    }
    Ok(())
}

/// Asks for a larger volume where the one that there is would be full before the outage ends.
fn volume(draft: &mut Draft, buffer: &Buffer, wanted: Option<&Quantity>) -> Result<()> {
    let path = ["prometheus", "pvc", "storage"];
    let outage = buffer.outage;
    let now = draft.target.values.get(&path).and_then(|size| size.as_str()?.parse::<Quantity>().ok());
    let Some(now) = now else { return Ok(()) };
    let Some(rate) = buffer.rate else {
        let enough = rate_of(now.bytes(), outage);
        draft.say(
            Sign::Kept,
            "volume",
            format!("{now} is enough for {outage} of up to {enough:.0} samples/s; how many there will be is not known yet"),
        );
        return Ok(());
    };
    let needed = gibibytes(volume_for(outage, rate));
    let what = format!("{rate:.0} samples/s for {outage} take {needed}");
    if now.bytes() >= needed.bytes() {
        draft.say(Sign::Kept, "volume", format!("{now}: {what}"));
    } else if wanted.is_some() {
        draft.warn(format!("the volume of {now} is too small: {what}"));
    } else {
        draft.set(
            &path,
            json!(needed.as_str()),
            Line::new(Sign::Changed, "volume", format!("{now} becomes {needed}: {what}")),
        )?;
        if !draft.target.is_new() {
            draft.warn("a volume grows only where its storage class lets it (allowVolumeExpansion)");
        }
    }
    Ok(())
}

/// A buffer that is longer than what the hub still takes is for nothing.
fn late(draft: &mut Draft, buffer: &Buffer) {
    let outage = buffer.outage;
    let head: Option<PromDuration> = HEAD.parse().ok();
    if head.is_none_or(|head| outage <= head) {
        return;
    }
    let set = "storage.tsdb.out_of_order_time_window in the hub's prometheus_yml";
    match buffer.hub {
        Lateness::Window(_, OutOfOrderWindow::None) => draft.warn(format!(
            "the hub's Prometheus takes what is up to {HEAD} late, and the rest of {outage} is lost: {set} came with 2.39"
        )),
        Lateness::Window(_, OutOfOrderWindow::BlocksSenders) => draft.warn(format!(
            "the hub's Prometheus takes what is up to {HEAD} late, and the rest of {outage} is lost: move it to 2.50 or later, and set {set} to {outage}"
        )),
        Lateness::Window(window, OutOfOrderWindow::Safe) if window.is_none_or(|window| window < outage) => {
            let takes = window.map_or_else(|| HEAD.to_owned(), |window| window.max(head.unwrap_or(window)).to_string());
            draft.warn(format!(
                "the hub takes what is up to {takes} late, and the rest of {outage} is lost: set {set} to {outage}"
            ));
        }
        Lateness::Window(..) => {}
        Lateness::Unknown => draft.warn(format!(
            "the hub cannot be asked how late samples may come: by default up to {HEAD}, and the rest of {outage} is lost ({set})"
        )),
    }
}

/// Samples are not dropped for their age before the outage ends.
pub(super) fn patient(draft: &mut Draft, buffer: &Buffer) -> Result<()> {
    let config = Arc::clone(draft.target.values.config()?);
    let config = config.value();
    let frequency = frequency_for(buffer.outage);
    let short = |config: &Value| age_limit_of(config).filter(|limit| *limit < buffer.outage);
    let Some(limit) = short(config) else { return Ok(()) };
    draft.say(
        Sign::Changed,
        "buffer",
        format!(
            "queue_config.sample_age_limit {limit} becomes {frequency} (what waited longer would be dropped)"
        ),
    );
    draft.target.values.edit_config(&age_limit_edit(config, frequency))
}
