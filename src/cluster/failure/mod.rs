//! What can go wrong with one request, kept as data until somebody tells a person.
//!
//! `transport` reads the chain of errors of a request that got no answer, `status` reads the answer of a server that
//! refused, `scrub` keeps what was in a Secret out of both, `words` turns all of it into sentences and hints.

mod scrub;
mod status;
mod transport;
mod words;

use std::time::Duration;

pub(super) use status::{api_status, of_status};
pub(super) use transport::{of_login, of_transport};

/// What was asked, in kubectl's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `get`, `list`, `create`, …
    pub verb: &'static str,
    /// The resource with its group, or a path of the API server.
    pub resource: String,
    pub namespace: Option<String>,
    pub name: Option<String>,
}

/// One request that did not do what it was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub asked: Asked,
    /// The context that it was asked of. Empty where no context leads to the server: an endpoint at a URL.
    pub context: String,
    /// The URL of its API server, or of the endpoint.
    pub server: String,
    pub cause: Cause,
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No connection, or it broke: the innermost cause, in words.
    Unreachable(String),
    /// The server's certificate is not to be trusted: signed by somebody unknown, for another name, or expired.
    Untrusted(String),
    /// No answer within this request timeout.
    TimedOut(Duration),
    /// The login plugin, the token or the client certificate of the kubeconfig cannot be used.
    Credentials(String),
    /// The server does not know who asks (401): its own words.
    Unauthorized(String),
    /// The server knows who asks, and says no (403).
    Forbidden(Denied),
    /// The server does not serve this group, version or resource.
    NotServed(String),
    /// The object, or the namespace that it should be in, is not there (404): the server's words.
    NotFound(String),
    /// There is one already.
    AlreadyExists(String),
    /// Somebody else changed the object, or owns what was to be written (409).
    Conflict {
        message: String,
        /// Who owns which field; empty where only the version of the object differs.
        owners: Vec<FieldOwner>,
    },
    /// The object is not valid (422).
    Invalid { message: String, problems: Vec<FieldProblem> },
    /// A Service was asked through the API server, which found nobody behind it.
    Upstream(Upstream),
    /// Any other answer that is not a success.
    Status { code: u16, reason: String, message: String },
    /// The answer is not what a Kubernetes API server says.
    Malformed(String),
    /// The request cannot be put on the wire.
    NotSent(String),
}

/// Who may not do what, as far as server and request tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denied {
    pub user: Option<String>,
    pub verb: String,
    pub resource: String,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub message: String,
}

/// A field that somebody else manages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOwner {
    pub manager: String,
    pub field: String,
}

/// A field that the server does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    pub field: String,
    pub message: String,
}

/// Why nobody behind a Service answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// No pod is ready.
    NoEndpoints,
    /// A pod is there and does not take the connection: the API server's words.
    CannotConnect(String),
}

impl Denied {
    /// Whether it is roles that do not suffice: others may refuse, too, and no role helps then.
    pub fn is_by_role(&self) -> bool {
        self.user.is_some() || self.message.contains("is attempting to grant RBAC permissions")
    }
}

impl Failure {
    /// Whether it was no API server that was asked.
    fn is_of_endpoint(&self) -> bool {
        self.context.is_empty()
    }

    pub fn is_forbidden(&self) -> bool {
        matches!(self.cause, Cause::Forbidden(_))
    }

    pub fn is_unauthorized(&self) -> bool {
        matches!(self.cause, Cause::Unauthorized(_) | Cause::Credentials(_))
    }

    pub fn is_conflict(&self) -> bool {
        matches!(self.cause, Cause::Conflict { .. })
    }

    pub fn is_already_exists(&self) -> bool {
        matches!(self.cause, Cause::AlreadyExists(_))
    }

    pub fn is_not_found(&self) -> bool {
        matches!(self.cause, Cause::NotFound(_))
    }

    /// Whether the server has no such group, version or resource at all.
    pub fn is_not_served(&self) -> bool {
        matches!(self.cause, Cause::NotServed(_))
    }

    /// Whether the API server did not answer at all, or not in time.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.cause, Cause::Unreachable(_) | Cause::Untrusted(_) | Cause::TimedOut(_))
    }

    /// Whether somebody answered whose certificate is not to be trusted.
    pub fn is_untrusted(&self) -> bool {
        matches!(self.cause, Cause::Untrusted(_))
    }

    /// Whether this was a write of which nobody here knows whether it happened.
    pub fn may_have_been_carried_out(&self) -> bool {
        let is_write = ["create", "apply", "patch", "delete"].contains(&self.asked.verb)
            && !self.asked.resource.contains("reviews");
        let is_open = match &self.cause {
            Cause::Unreachable(words) => !words.contains("connection refused"),
            Cause::TimedOut(_) | Cause::Malformed(_) => true,
            Cause::Status { code, .. } => *code >= 500,
            _ => false,
        };
        is_write && is_open
    }

    /// Whether the same request may succeed a little later, with nobody doing anything about it.
    pub fn is_transient(&self) -> bool {
        match &self.cause {
            Cause::Unreachable(_) | Cause::Untrusted(_) | Cause::TimedOut(_) | Cause::Upstream(_) => true,
            Cause::Status { code, .. } => *code == 429 || *code >= 500,
            _ => false,
        }
    }
}

impl Cause {
    /// An answer that is not the JSON that was expected. Its text is not quoted: it may be the content of a Secret.
    pub(super) fn unreadable(body: &[u8], error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        Self::Malformed(match error.classify() {
            _ if status::is_html(body) => {
                "an HTML page came in place of an answer of the Kubernetes API".into()
            }
            Category::Eof if body.is_empty() => "the answer is empty".into(),
            Category::Eof => format!("the answer ends in the middle, after {} bytes", body.len()),
            Category::Data => {
                format!(
                    "the object does not have the expected form (line {}, column {})",
                    error.line(),
                    error.column()
                )
            }
            Category::Syntax | Category::Io => {
                format!("the answer is not JSON (line {}, column {})", error.line(), error.column())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreadable(body: &str) -> Cause {
        let error = serde_json::from_str::<Vec<u8>>(body).unwrap_err();
        Cause::unreadable(body.as_bytes(), &error)
    }

    #[test]
    fn a_truncated_answer_says_so() {
        assert_eq!(
            unreadable("[1, 2"),
            Cause::Malformed("the answer ends in the middle, after 5 bytes".into())
        );
    }

    #[test]
    fn an_html_page_says_so() {
        assert_eq!(
            unreadable("\n<!DOCTYPE html><html>"),
            Cause::Malformed("an HTML page came in place of an answer of the Kubernetes API".into())
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_is_not_quoted() {
        assert_eq!(
            unreadable(r#"["hunter2"]"#),
            Cause::Malformed("the object does not have the expected form (line 1, column 10)".into())
        );
    }
}
