//! The conditions of Carvel's kinds. There is only ever one, and it says the whole state.

use serde_json::{Value, json};

/// How a reconcile went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Reconciling,
    Succeeded,
    /// With the message of the condition.
    Failed(String),
    Deleting,
}

/// Writes the state into a status, as of the object's present generation.
pub(super) fn set(object: &mut Value, state: &State) {
    let (kind, message, description) = match state {
        State::Reconciling => ("Reconciling", "", "Reconciling".to_owned()),
        State::Succeeded => ("ReconcileSucceeded", "", "Reconcile succeeded".to_owned()),
        State::Failed(message) => {
            ("ReconcileFailed", message.as_str(), format!("Reconcile failed: {message}"))
        }
        State::Deleting => ("Deleting", "", "Deleting".to_owned()),
    };
    let mut condition = json!({"type": kind, "status": "True"});
    if !message.is_empty() {
        condition["message"] = json!(message);
    }
    let generation = object["metadata"]["generation"].clone();
    let status = &mut object["status"];
    status["conditions"] = json!([condition]);
    status["observedGeneration"] = generation;
    status["friendlyDescription"] = json!(shortened(&description));
}

/// Sets the text that helps, or takes it away.
pub(super) fn explain(object: &mut Value, message: Option<&str>) {
    match message {
        Some(message) => object["status"]["usefulErrorMessage"] = json!(message),
        None => {
            if let Some(status) = object["status"].as_object_mut() {
                status.remove("usefulErrorMessage");
            }
        }
    }
}

/// That nothing is done at present.
pub(super) fn pause(object: &mut Value) {
    object["status"]["observedGeneration"] = object["metadata"]["generation"].clone();
    object["status"]["friendlyDescription"] = json!("Canceled/paused");
}

/// Whether its owner does not want it to be reconciled.
pub(super) fn is_paused(object: &Value) -> bool {
    object["spec"]["paused"] == true || object["spec"]["canceled"] == true
}

/// The first line, cut at 80 characters.
fn shortened(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    if first.chars().count() > 80 {
        return format!("{}...", first.chars().take(80).collect::<String>());
    }
    if lines.next().is_some() { format!("{first}...") } else { first.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_cut() {
        let mut object = json!({"metadata": {"generation": 3}});
        set(&mut object, &State::Failed("x".repeat(100)));
        let description = object["status"]["friendlyDescription"].as_str().unwrap();
        assert_eq!(description.len(), 83);
        assert!(description.starts_with("Reconcile failed: xxx") && description.ends_with("..."));
        assert_eq!(object["status"]["observedGeneration"], 3);
        assert_eq!(shortened("one\ntwo"), "one...");
    }
}
