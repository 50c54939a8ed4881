//! What the version of the target makes of the values as they will be.

use std::sync::Arc;

use super::draft::Draft;
use super::step::Sign;
use crate::error::{Error, Result};
use crate::prometheus::config::config_edits_for_version;
use crate::prometheus::{Capabilities, Effect, Version, changes_in_meaning, misfits};
use crate::yaml::Edit;

/// Takes along what has another name in this version, refuses what would keep it from starting, and warns of the rest.
pub(super) fn fit(draft: &mut Draft, capabilities: Capabilities) -> Result<()> {
    let config = draft.target.values.config()?;
    let config = config.value();
    let edits = config_edits_for_version(config, capabilities);
    for edit in &edits {
        let (sign, path) = match edit {
            Edit::Set { path, .. } | Edit::Append { path, .. } => (Sign::Added, path),
            Edit::Remove { path } => (Sign::Removed, path),
        };
        draft.say(sign, "config", path.to_string());
    }
    draft.target.values.edit_config(&edits)?;
    let config = Arc::clone(draft.target.values.config()?);
    let config = config.value();
    let version = draft.target.version;
    for misfit in misfits(&draft.target.values.args()?, config, capabilities) {
        match misfit.effect {
            Effect::KeepsFromStarting => {
                return Err(Error::failed(format!(
                    "Prometheus {version} would not start with {}",
                    misfit.what
                ))
                .because(misfit.why)
                .hint("take it out of the values, or choose another version with --package-version"));
            }
            Effect::NotAsMeant => {
                draft.warn(format!("Prometheus {version}: {}: {}", misfit.what, misfit.why));
            }
        }
    }
    moved(draft, config);
    Ok(())
}

/// What goes on working after a move, and not as before.
fn moved(draft: &mut Draft, config: &serde_json::Value) {
    let to = draft.target.version;
    let Some(from) = draft.target.moves.as_ref().and_then(|moves| Version::parse(&moves.before)) else {
        return;
    };
    for misfit in changes_in_meaning(config, from, to) {
        draft.warn(format!("from {from} to {to}: {}: {}", misfit.what, misfit.why));
    }
}
