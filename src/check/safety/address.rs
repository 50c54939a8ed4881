//! URLs, taken apart: where they lead, and whether they carry a password.

/// `https://user:pass@host:443`, and the path with what follows it.
fn split(url: &str) -> (&str, &str) {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |at| begin + at);
    url.split_at(end)
}

/// Scheme, host and port.
pub(in crate::check) fn root(url: &str) -> String {
    without_user(split(url).0)
}

/// The path, empty where there is none.
pub(in crate::check) fn path(url: &str) -> &str {
    let rest = split(url).1;
    rest.split(['?', '#']).next().unwrap_or_default()
}

/// The host name or address, without port and brackets.
pub(in crate::check) fn host(url: &str) -> &str {
    let authority = split(url).0;
    let authority = authority.split_once("://").map_or(authority, |(_, rest)| rest);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
    if let Some(inside) = authority.strip_prefix('[') {
        return inside.split(']').next().unwrap_or_default();
    }
    authority.split(':').next().unwrap_or_default()
}

/// Whether it has a user name or a password in it.
pub(in crate::check) fn has_user(url: &str) -> bool {
    split(url).0.contains('@')
}

/// The URL without user name and password.
pub(in crate::check) fn without_user(url: &str) -> String {
    let (authority, rest) = split(url);
    match (authority.split_once("://"), authority.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}{rest}"),
        (None, Some((_, host))) => format!("{host}{rest}"),
        (_, None) => url.to_owned(),
    }
}

/// Whether a host can be reached from its own machine or cluster only.
pub(in crate::check) fn is_internal(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let is_service =
        [".svc", ".svc.cluster.local", ".cluster.local", ".localhost"].iter().any(|end| host.ends_with(end));
    let is_short = !host.contains('.') && !host.contains(':');
    is_service || is_short || host.starts_with("127.") || host == "::1"
}

/// Whether a host is that of a network which the internet does not lead to, by its address or by its name.
pub(in crate::check) fn is_private(host: &str) -> bool {
    let numbers: Vec<u8> = host.split('.').map_while(|part| part.parse().ok()).collect();
    let is_private_address = match numbers.as_slice() {
        [10, _, _, _] | [192, 168, _, _] | [169, 254, _, _] => true,
        [172, second, _, _] => (16..32).contains(second),
        _ => host.contains(':') && ["fc", "fd", "fe80"].iter().any(|begin| host.starts_with(begin)),
    };
    let is_private_name = [".internal", ".local", ".lan", ".home.arpa"].iter().any(|end| host.ends_with(end));
    is_internal(host) || is_private_address || is_private_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_its_parts() {
        let url = "https://user:p%40ss@hub.test:8443/prometheus/api/v1/write?x=1";
        assert_eq!((host(url), path(url)), ("hub.test", "/prometheus/api/v1/write"));
        assert_eq!(root(url), "https://hub.test:8443");
        assert_eq!(without_user(url), "https://hub.test:8443/prometheus/api/v1/write?x=1");
        assert_eq!((host("http://[::1]:9090/a"), path("http://a")), ("::1", ""));
        assert!(has_user(url) && !has_user("https://hub.test/a@b"));
    }

    #[test]
    fn what_is_internal_and_what_is_private() {
        for host in
            ["localhost", "127.0.0.1", "::1", "prometheus-server", "p.ns.svc", "p.ns.svc.cluster.local"]
        {
            assert!(is_internal(host), "{host}");
        }
        for host in ["10.0.0.1", "172.20.0.1", "192.168.1.1", "fd00::1", "hub.corp.internal"] {
            assert!(is_private(host) && !is_internal(host), "{host}");
        }
        for host in ["hub.example.com", "172.40.0.1", "8.8.8.8", "10.example.com", "2001:db8::1"] {
            assert!(!is_private(host), "{host}");
        }
    }
}
