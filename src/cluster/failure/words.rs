//! A failure as sentences and hints.

use std::fmt;

use super::{Asked, Cause, Denied, Failure, Upstream};
use crate::error::Error;

/// `get packageinstalls.packaging.carvel.dev "prometheus" in namespace "tkg-system"`
impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if let Some(name) = &self.name {
            write!(f, " \"{name}\"")?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " in namespace \"{namespace}\""),
            None => Ok(()),
        }
    }
}

/// The cause alone, short enough for a cell of a table.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(words)
            | Self::Untrusted(words)
            | Self::Credentials(words)
            | Self::Malformed(words)
            | Self::NotSent(words) => f.write_str(words),
            Self::TimedOut(limit) => write!(f, "no answer within {limit:?}"),
            Self::Unauthorized(message) => write!(f, "unauthorized{}", after(message)),
            Self::Forbidden(denied) => write!(f, "{denied}"),
            Self::NotServed(_) => f.write_str("the server has no such resource"),
            Self::NotFound(message) | Self::AlreadyExists(message) => f.write_str(message),
            Self::Conflict { message, owners } if owners.is_empty() => f.write_str(message),
            Self::Conflict { owners, .. } => {
                let owned =
                    owners.iter().map(|owner| format!("{} is managed by \"{}\"", owner.field, owner.manager));
                f.write_str(&owned.collect::<Vec<_>>().join("; "))
            }
            Self::Invalid { message, problems } if problems.is_empty() => f.write_str(message),
            Self::Invalid { problems, .. } => {
                let each = problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message));
                f.write_str(&each.collect::<Vec<_>>().join("; "))
            }
            Self::Upstream(Upstream::NoEndpoints) => f.write_str("no pod behind the Service is ready"),
            Self::Upstream(Upstream::CannotConnect(words)) => write!(f, "the pod cannot be reached: {words}"),
            Self::Status { code, reason, message } => write!(f, "{code} {reason}{}", after(message)),
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.user {
            Some(user) => write!(f, "user \"{user}\" may not {} {}", self.verb, self.resource)?,
            None => write!(f, "not allowed to {} {}", self.verb, self.resource)?,
        }
        if let Some(name) = &self.name {
            write!(f, " \"{name}\"")?;
        }
        if let Some(namespace) = &self.namespace {
            write!(f, " in namespace \"{namespace}\"")?;
        }
        // An admission plugin's own words say more than who asked for what.
        if self.user.is_none() && !self.message.is_empty() { write!(f, ": {}", self.message) } else { Ok(()) }
    }
}

/// One line: what was asked, and why it failed.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.asked, self.cause)
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let Failure { context, cause, .. } = &failure;
        let what = if failure.is_of_endpoint() { of_endpoint(&failure) } else { of_context(&failure) };
        let error = if failure.is_unreachable() { Self::unreachable(what) } else { Self::failed(what) };
        let mut error = error.because(cause.to_string());
        if let Cause::Forbidden(denied) = cause
            && denied.is_by_role()
        {
            let user = denied.user.clone();
            error = error.denied(crate::error::Denied { context: context.clone(), user });
        }
        if failure.may_have_been_carried_out() {
            error = error
                .because(format!("whether the server did it is not known: {}", failure.asked))
                .hint("run the same command again: it begins from what is there");
        }
        let hint = if failure.is_of_endpoint() { hint_at_url(&failure.cause) } else { hint(&failure) };
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

fn of_context(failure: &Failure) -> String {
    let Failure { asked, context, server, cause } = failure;
    match cause {
        Cause::Unreachable(_) | Cause::Untrusted(_) => {
            format!("context \"{context}\" cannot be reached at {server}")
        }
        Cause::TimedOut(_) => format!("context \"{context}\" does not answer at {server}"),
        Cause::Credentials(_) | Cause::Unauthorized(_) => format!("cannot log in to context \"{context}\""),
        _ => format!("cannot {asked} of context \"{context}\""),
    }
}

/// Nothing of the kubeconfig is sent to a URL, so nothing is said of it.
fn of_endpoint(failure: &Failure) -> String {
    let server = failure.server.trim_end_matches('/');
    match &failure.cause {
        Cause::Unreachable(_) | Cause::Untrusted(_) => format!("{server} cannot be reached"),
        Cause::TimedOut(_) => format!("{server} does not answer"),
        Cause::Credentials(_) => format!("{server} does not let in who asks"),
        _ => format!("cannot {} of {server}", failure.asked),
    }
}

fn hint_at_url(cause: &Cause) -> Option<String> {
    match cause {
        Cause::Untrusted(words) if words.contains("unknown authority") => {
            Some("name the authority that signed its certificate with --ca-file".into())
        }
        // What is wrong with a login before there is an answer is the certificate.
        Cause::Credentials(_) => Some("name a certificate that it lets in with --client-cert".into()),
        _ => None,
    }
}

fn hint(failure: &Failure) -> Option<String> {
    let context = quoted(&failure.context);
    match &failure.cause {
        Cause::Untrusted(words) if words.contains("unknown authority") => {
            Some("name the CA of the API server with --certificate-authority".into())
        }
        Cause::TimedOut(_) => Some("give it more time with --request-timeout".into()),
        Cause::Credentials(_) | Cause::Unauthorized(_) => {
            Some("log in again, or name other credentials with --user or --token".into())
        }
        Cause::Forbidden(denied) => {
            let place =
                denied.namespace.as_ref().map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
            // Server-side apply is a patch to whoever asks for rights.
            let verb = if denied.verb == "apply" { "patch" } else { &denied.verb };
            Some(format!("kubectl auth can-i {verb} {}{place} --context {context}", denied.resource))
        }
        Cause::NotServed(_) if is_carvel(&failure.asked.resource) => {
            Some("kapp-controller is not installed on this cluster: Carvel packages need it".into())
        }
        Cause::Status { code: 503, .. } if failure.asked.resource.contains("data.packaging.carvel.dev") => {
            Some("kapp-controller serves this API itself: see whether its pods run".into())
        }
        Cause::Malformed(_) => Some(format!("is {} really a Kubernetes API server?", failure.server)),
        _ => None,
    }
}

fn is_carvel(resource: &str) -> bool {
    resource.contains("carvel.dev") || resource.contains("kappctrl.k14s.io")
}

/// As a shell takes it.
fn quoted(word: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "@%+=:,./-_".contains(letter);
    if !word.is_empty() && word.chars().all(bare) {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn after(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}
