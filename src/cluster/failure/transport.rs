//! Reading the chain of errors of a request that got no answer, down to the cause that a person can act on.

use std::error::Error as StdError;
use std::io;

use kube::client::AuthError;
use kube::config::{KubeconfigError, LoadDataError};
use rustls::{AlertDescription, CertificateError, InvalidMessage};

use super::Cause;

/// The cause in words, as kubectl would say it. `dial` is the host and port of the API server.
pub(in crate::cluster) fn of_transport(error: &kube::Error, dial: &str) -> Cause {
    let chain = chain(error);
    if let Some(error) = find::<AuthError>(&chain) {
        return Cause::Credentials(login(error));
    }
    let words = words(&chain, dial);
    match find::<rustls::Error>(&chain) {
        Some(rustls::Error::InvalidCertificate(_)) => Cause::Untrusted(words),
        Some(rustls::Error::AlertReceived(alert)) if is_about_the_client(*alert) => Cause::Credentials(words),
        _ => Cause::Unreachable(words),
    }
}

/// The cause that no client could be made: nothing was sent.
pub(in crate::cluster) fn of_login(error: &kube::Error) -> Cause {
    let chain = chain(error);
    let words = match error {
        // The URL of a proxy may hold a password.
        kube::Error::ProxyProtocolUnsupported { proxy_url } => {
            format!("a proxy of the scheme {} cannot be used", proxy_url.scheme_str().unwrap_or("<none>"))
        }
        _ => match (find::<AuthError>(&chain), find::<KubeconfigError>(&chain)) {
            (Some(error), _) => login(error),
            (None, Some(error)) => entry(error),
            (None, None) => plain(&chain.last().map(ToString::to_string).unwrap_or_default()),
        },
    };
    Cause::Credentials(words)
}

fn words(chain: &[&(dyn StdError + 'static)], dial: &str) -> String {
    if let Some(error) = find::<rustls::Error>(chain) {
        return format!("tls {dial}: {}", tls(error));
    }
    let innermost = chain.last().map(ToString::to_string).unwrap_or_default();
    let through = if chain.iter().any(|error| error.to_string().contains("tunnel error")) {
        "proxy for"
    } else {
        "dial tcp"
    };
    if chain.iter().any(|error| error.to_string() == "dns error") {
        let host = dial.rsplit_once(':').map_or(dial, |(host, _)| host);
        return format!("{through} lookup {host}: {}", lookup(&innermost));
    }
    let hyper = find::<hyper::Error>(chain);
    if hyper.is_some_and(|error| error.is_incomplete_message() || error.is_body_write_aborted()) {
        return closed(dial);
    }
    match chain.iter().rev().find_map(|error| error.downcast_ref::<io::Error>()) {
        Some(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused => format!("{through} {dial}: connection refused"),
            io::ErrorKind::TimedOut => format!("{through} {dial}: i/o timeout"),
            io::ErrorKind::HostUnreachable => format!("{through} {dial}: no route to host"),
            io::ErrorKind::NetworkUnreachable => format!("{through} {dial}: network is unreachable"),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                format!("read tcp {dial}: connection reset by peer")
            }
            io::ErrorKind::UnexpectedEof => closed(dial),
            _ => format!("{through} {dial}: {}", plain(&innermost)),
        },
        None => format!("{through} {dial}: {}", plain(&innermost)),
    }
}

fn closed(dial: &str) -> String {
    format!("read tcp {dial}: the connection was closed before the answer was complete")
}

fn lookup(text: &str) -> String {
    let unknown =
        ["Name or service not known", "nodename nor servname", "No such host", "Name does not resolve"];
    if unknown.iter().any(|part| text.contains(part)) {
        return "no such host".into();
    }
    plain(text.strip_prefix("failed to lookup address information: ").unwrap_or(text))
}

/// In the words of Go's `crypto/x509`, which people paste into search engines.
fn tls(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            // Every cluster's CA has the same name, so that another one's shows as a signature that does not fit.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "certificate signed by unknown authority".into()
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired".into()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet".into()
            }
            CertificateError::NotValidForName => "the server's certificate is for another name".into(),
            CertificateError::NotValidForNameContext { expected, presented } => {
                format!("certificate is valid for {}, not {}", names(presented), expected.to_str())
            }
            other => plain(&other.to_string()),
        },
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "server gave HTTP response to HTTPS client".into()
        }
        rustls::Error::AlertReceived(alert) if is_about_the_client(*alert) => {
            "the server does not accept the client certificate".into()
        }
        other => plain(&other.to_string()),
    }
}

/// Whether a server says by this that it does not take the client's certificate, or wants one.
fn is_about_the_client(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::CertificateRequired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
    )
}

/// `DnsName("a.example")` as `a.example`.
fn names(presented: &[String]) -> String {
    let bare = |name: &String| match name.split_once('(') {
        Some((_, inner)) => inner.trim_end_matches(')').trim_matches('"').to_owned(),
        None => name.clone(),
    };
    if presented.is_empty() {
        "no name".into()
    } else {
        presented.iter().map(bare).collect::<Vec<_>>().join(", ")
    }
}

/// What a login plugin printed on stdout is never repeated: it is where credentials come out.
fn login(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecStart(error) => {
            format!("the login plugin cannot be started: {}", plain(&error.to_string()))
        }
        AuthError::AuthExecRun { cmd, out } => {
            let program = program(cmd);
            let said = String::from_utf8_lossy(&out.stderr);
            match said.lines().map(str::trim).rfind(|line| !line.is_empty()) {
                Some(line) => format!("the login plugin {program} failed ({}): {line}", out.status),
                None => format!("the login plugin {program} failed ({})", out.status),
            }
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            "the login plugin did not print a credential".into()
        }
        AuthError::ReadTokenFile(error, path) => {
            format!("the token file {} cannot be read: {}", path.display(), plain(&error.to_string()))
        }
        other => plain(&other.to_string()),
    }
}

/// The program of a command as Rust's `Debug` writes it: `NAME="value"` for what it gets as environment, and then all
/// arguments in quotes.
fn program(cmd: &str) -> &str {
    let mut rest = cmd.trim_start();
    while let Some((before, quoted)) = rest.split_once('"') {
        let mut escaped = false;
        let end = quoted.find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        });
        let Some(end) = end else { break };
        if before.is_empty() {
            return &quoted[..end];
        }
        rest = quoted[end + 1..].trim_start();
    }
    cmd.split_whitespace().next().unwrap_or(cmd)
}

/// A client certificate or key of the kubeconfig that cannot be read.
fn entry(error: &KubeconfigError) -> String {
    let (what, error) = match error {
        KubeconfigError::LoadClientCertificate(error) => ("client certificate", error),
        KubeconfigError::LoadClientKey(error) => ("client key", error),
        other => return plain(&other.to_string()),
    };
    match error {
        LoadDataError::ReadFile(error, file) => {
            format!("the {what} {} cannot be read: {}", file.display(), plain(&error.to_string()))
        }
        LoadDataError::DecodeBase64(_) => format!("the {what} is not base64"),
        LoadDataError::NoBase64DataOrFile => format!("the {what} is missing"),
    }
}

/// A system's message without its number, not as the beginning of a sentence.
fn plain(text: &str) -> String {
    let text = text.rsplit_once(" (os error").map_or(text, |(text, _)| text);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if letters.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// The error and everything below it. What an `io::Error` wraps is part of it, which `source()` leaves out.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> Vec<&'a (dyn StdError + 'static)> {
    let mut links = vec![error];
    while let Some(&last) = links.last() {
        let wrapped = last.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let next = match wrapped {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => last.source(),
        };
        match next {
            Some(next) => links.push(next),
            None => break,
        }
    }
    links
}

fn find<'a, T: StdError + 'static>(chain: &[&'a (dyn StdError + 'static)]) -> Option<&'a T> {
    chain.iter().find_map(|error| error.downcast_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_stands_behind_its_environment() {
        assert_eq!(program("KUBERNETES_EXEC_INFO=\"{\\\"kind\\\":\\\"x\\\"}\" \"sh\" \"-c\""), "sh");
        assert_eq!(program("\"aws\" \"eks\""), "aws");
        assert_eq!(program("aws eks"), "aws");
    }
}
