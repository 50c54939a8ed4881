//! Why a fact could not be had, in words that fit behind "skipped:". Never what was in a Secret.

use crate::check::Unread;
use crate::cluster::{Asked, Failure};
use crate::command::prometheus::NoAnswer;
use crate::error::Error;

impl From<Failure> for Unread {
    fn from(failure: Failure) -> Self {
        if failure.is_forbidden() {
            Self::Forbidden(right(&failure.asked))
        } else {
            Self::Failed(failure.cause.to_string())
        }
    }
}

impl From<NoAnswer> for Unread {
    fn from(no_answer: NoAnswer) -> Self {
        match no_answer {
            NoAnswer::Route(failure) => Self::from(*failure),
            NoAnswer::Unusable(_) | NoAnswer::NoUrl(_) => Self::Failed(no_answer.to_string()),
        }
    }
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        let root = root(&error);
        Self::Failed(if root == error.what { error.what } else { format!("{}: {root}", error.what) })
    }
}

/// The innermost cause.
pub(super) fn root(error: &Error) -> &str {
    error.causes.last().unwrap_or(&error.what)
}

/// What is not there, and should be.
pub(super) fn missing(kind: &str, name: &str, namespace: &str) -> Unread {
    Unread::Failed(format!("there is no {kind} {name} in {namespace}"))
}

/// The right that is missing, whatever the object was called: `get secrets in tkg-system`.
fn right(asked: &Asked) -> String {
    words(asked.verb, &asked.resource, asked.namespace.as_deref())
}

/// A right in words: `list pods in tanzu-system-monitoring`, `create clusterroles.rbac.authorization.k8s.io`.
pub(super) fn words(verb: &str, resource: &str, namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) => format!("{verb} {resource} in {namespace}"),
        None => format!("{verb} {resource}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Cause, Denied};

    fn failure(cause: Cause) -> Failure {
        let asked = Asked {
            verb: "get",
            resource: "secrets".into(),
            namespace: Some("tkg-system".into()),
            name: Some("prometheus-tkg-system-values".into()),
        };
        Failure { asked, context: "c".into(), server: "https://10.0.0.9:6443".into(), cause }
    }

    #[test]
    fn a_right_that_is_missing_is_named_as_one_asks_for_it() {
        let denied = failure(Cause::Forbidden(Denied::default()));
        assert_eq!(Unread::from(denied.clone()), Unread::Forbidden("get secrets in tkg-system".into()));
        assert_eq!(
            Unread::from(NoAnswer::from(denied)),
            Unread::Forbidden("get secrets in tkg-system".into())
        );
    }

    #[test]
    fn what_fails_is_told_by_its_root() {
        let away = failure(Cause::Unreachable("connection refused".into()));
        assert_eq!(Unread::from(away.clone()), Unread::Failed("connection refused".into()));
        assert_eq!(root(&Error::from(away)), "connection refused");
        let error = Error::usage("the values are not YAML").because("line 3");
        assert_eq!(Unread::from(error), Unread::Failed("the values are not YAML: line 3".into()));
    }
}
