//! The logs of containers.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::call::Call;
use super::status::{Cause, Failure};
use super::{Api, Instance};
use crate::store::Key;

/// Answers with what a container printed.
pub(super) fn log(call: &Call) -> Result<Response, Failure> {
    if call.method != Method::GET {
        return Err(Failure::method_not_allowed());
    }
    let lines = lines(call)?;
    let pod = call.read()?;
    let container = container(call, &pod)?;
    if pod["spec"]["nodeName"].as_str().is_none_or(str::is_empty) {
        // There is no node yet to ask.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let node = pod["spec"]["nodeName"].as_str().unwrap_or_default();
    if call.api.store.get(&Key::cluster("", "nodes", node)).is_none() {
        // It is a pod that the words miss, by the name of the node.
        return Err(Failure::not_found(call.kind, node));
    }
    let (namespace, name) = (call.namespace().unwrap_or_default(), call.name());
    let previous = call.params.flag("previous");
    let instance = if previous { Instance::Previous } else { Instance::Current };
    let Some(log) = call.api.backend.log(namespace, name, &container, instance) else {
        return Err(Failure::bad_request(if previous {
            format!("previous terminated container {container:?} in pod {name:?} not found")
        } else {
            let reason = waiting(&pod, &container);
            format!("container {container:?} in pod {name:?} is waiting to start: {reason}")
        }));
    };
    let limit = call.params.number("limitBytes").and_then(|limit| usize::try_from(limit).ok());
    let start = cut(&log, lines, limit).to_owned();
    let body = if call.params.flag("follow") && !previous {
        follow(Following { api: call.api.clone(), key: call.key(), container, seen: log.len() }, start)
    } else {
        Body::from(start)
    };
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "text/plain")], body).into_response())
}

/// How many lines are wanted.
fn lines(call: &Call) -> Result<Option<usize>, Failure> {
    let Some(text) = call.params.get("tailLines") else { return Ok(None) };
    let Ok(lines) = text.parse::<i64>() else {
        return Err(Failure::bad_request(format!("strconv.ParseInt: parsing {text:?}: invalid syntax")));
    };
    if let Ok(lines) = usize::try_from(lines) {
        return Ok(Some(lines));
    }
    let cause = Cause::invalid("tailLines", &json!(lines), "must be greater than or equal to 0");
    Err(Failure::invalid_of("", "PodLogOptions", call.name(), &[cause]))
}

/// A log that is read on as it grows.
struct Following {
    api: Arc<Api>,
    key: Key,
    container: String,
    seen: usize,
}

/// How often a log is looked at: a node tells what was printed, but not when.
const LOOK: Duration = Duration::from_millis(200);

/// Sends a log, and what is added to it, until its pod is gone or its container was started again.
fn follow(following: Following, start: String) -> Body {
    Body::from_stream(stream::unfold((following, Some(start)), |(mut following, start)| async move {
        if let Some(start) = start {
            return Some((Ok::<_, Infallible>(start), (following, None)));
        }
        loop {
            tokio::time::sleep(LOOK).await;
            let Following { api, key, container, seen } = &mut following;
            api.store.get(key)?;
            let namespace = key.namespace.as_deref().unwrap_or_default();
            let log = api.backend.log(namespace, &key.name, container, Instance::Current)?;
            let added = log.get(*seen..)?.to_owned();
            if !added.is_empty() {
                *seen = log.len();
                return Some((Ok(added), (following, None)));
            }
        }
    }))
}

/// The container that is asked for: the one that is named, the one that the pod calls its default, or the only one.
fn container(call: &Call, pod: &Value) -> Result<String, Failure> {
    let of = |list: &str| {
        let names = pod["spec"][list].as_array().into_iter().flatten();
        names.filter_map(|container| container["name"].as_str()).collect::<Vec<_>>()
    };
    let containers = of("containers");
    if let Some(wanted) = call.params.get("container") {
        if containers.contains(&wanted) || of("initContainers").contains(&wanted) {
            return Ok(wanted.to_owned());
        }
        return Err(Failure::bad_request(format!("container {wanted} is not valid for pod {}", call.name())));
    }
    match containers.as_slice() {
        [only] => Ok((*only).to_owned()),
        _ => Err(Failure::bad_request(format!(
            "a container name must be specified for pod {}, choose one of: [{}]",
            call.name(),
            containers.join(" ")
        ))),
    }
}

fn waiting(pod: &Value, container: &str) -> String {
    let statuses = pod["status"]["containerStatuses"].as_array();
    let status = statuses.into_iter().flatten().find(|status| status["name"] == container);
    let reason = status.and_then(|status| status["state"]["waiting"]["reason"].as_str());
    reason.unwrap_or("ContainerCreating").to_owned()
}

/// The part of a log that is asked for: its last lines, and at most so many bytes of them.
pub fn cut(log: &str, lines: Option<usize>, bytes: Option<usize>) -> &str {
    let text = lines.map_or(log, |lines| tail(log, lines));
    let Some(limit) = bytes else { return text };
    let end = (0..=limit.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// The last lines of a text.
fn tail(text: &str, lines: usize) -> &str {
    let body = text.strip_suffix('\n').unwrap_or(text);
    if lines == 0 {
        return "";
    }
    match body.rmatch_indices('\n').nth(lines - 1) {
        Some((at, _)) => &text[at + 1..],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails() {
        assert_eq!(tail("a\nb\nc\n", 2), "b\nc\n");
        assert_eq!(tail("a\nb\nc", 1), "c");
        assert_eq!(tail("a\n", 5), "a\n");
        assert_eq!(tail("a\n", 0), "");
    }
}
