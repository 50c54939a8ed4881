//! What an agent gets as files: authorities that its version cannot read from the configuration, and who it is.

use std::sync::Arc;

use super::agent::AgentIntent;
use super::draft::Draft;
use super::step::Sign;
use serde_json::Value;

use crate::domain::bundle;
use crate::error::{Error, Result};
use crate::package::{Maker, Mounted, MountedFile};
use crate::prometheus::Capabilities;
use crate::prometheus::config::{HubBefore, Login, RemoteWrite, Trust, inline_authority, other_hubs};

/// Whether the certificate that the hub shows was seen to be one of its authority's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    Verified,
    /// It could not be asked from here. Authorities that were trusted so far may still be needed.
    Unseen,
}

/// Plans the files, and says how the configuration names them.
pub(super) fn mount(
    draft: &mut Draft,
    intent: &AgentIntent,
    capabilities: Capabilities,
) -> Result<RemoteWrite> {
    let ours = draft.target.overlay.as_ref().filter(|found| found.maker == Maker::Us);
    let before = ours.map(|found| Mounted::read(&found.text)).unwrap_or_default();
    let config = Arc::clone(draft.target.values.config()?);
    let config = config.value();
    let others: Vec<_> = match intent.remote_write.before {
        HubBefore::Stays => other_hubs(config, &intent.remote_write.url).cloned().collect(),
        HubBefore::Ends => Vec::new(),
    };
    let mut after = match intent.remote_write.login {
        Login::Kept => before.clone(),
        _ if others.is_empty() => intent.mounted.clone(),
        _ => beside(&intent.mounted, &before, &others)?,
    };
    let authority = before.get(MountedFile::Authority);
    let trust = match &intent.remote_write.trust {
        Trust::Authority(new) => {
            let inline = inline_authority(config, &intent.remote_write);
            let old = authority.or(inline).unwrap_or_default();
            let trusted = match intent.served {
                Served::Verified if others.is_empty() => new.clone(),
                // Two hubs, one file.
                Served::Verified | Served::Unseen => bundle::merged(new, old),
            };
            // What is mounted can be changed without losing what is queued. So only one that stands in the configuration
            // already stays there, as long as it stays the same.
            let stays = inline == Some(trusted.as_str()) && authority.is_none() && after.is_empty();
            if capabilities.inline_tls() && stays {
                Trust::Authority(trusted)
            } else {
                after.set(MountedFile::Authority, trusted);
                Trust::File(MountedFile::Authority.path())
            }
        }
        Trust::Anything if others.is_empty() => {
            after.remove(MountedFile::Authority);
            Trust::Anything
        }
        other => {
            if let Some(pem) = authority {
                after.set(MountedFile::Authority, pem);
            }
            other.clone()
        }
    };
    if after != before {
        let sign = if before.is_empty() { Sign::Added } else { Sign::Changed };
        let names: Vec<_> = after.names().collect();
        if names.is_empty() {
            draft.say(Sign::Removed, "mounts", "what was mounted to reach the hub");
        } else {
            draft.say(sign, "mounts", format!("{} for Prometheus, by an overlay", names.join(", ")));
        }
    }
    if !after.is_empty() {
        draft.overlay(after.overlay());
    } else if ours_is_there(draft) {
        draft.no_overlay();
    }
    Ok(RemoteWrite { trust, ..intent.remote_write.clone() })
}

/// The files for one hub beside those for others, which go on needing theirs.
fn beside(new: &Mounted, before: &Mounted, others: &[Value]) -> Result<Mounted> {
    let is_needed = |file: &MountedFile| others.iter().any(|entry| entry.to_string().contains(&file.path()));
    match new.differing(before).find(is_needed) {
        Some(file) => Err(Error::usage(format!(
            "both hubs want the agent's {}, and it can hold one",
            file.name()
        ))
        .hint("let one of the hubs ask in another way, or leave --beside out: the hub before gets nothing more then")),
        None => Ok(new.over(before)),
    }
}

fn ours_is_there(draft: &Draft) -> bool {
    draft.target.overlay.as_ref().is_some_and(|found| found.maker == Maker::Us)
}
