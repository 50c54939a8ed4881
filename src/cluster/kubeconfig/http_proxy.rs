//! Whether a proxy stands between here and the API server, by the rules of kubectl.

use http::Uri;

use crate::cluster::environment::Environment;
use crate::error::Error;

/// The proxy to use for a server. What the kubeconfig names holds always; the environment's proxy is for the servers that
/// `NO_PROXY` does not list, and never for this machine.
pub(in crate::cluster) fn proxy(
    server: &Uri,
    kubeconfig: Option<&str>,
    environment: &Environment,
) -> Result<Option<Uri>, Error> {
    if let Some(url) = kubeconfig.filter(|url| !url.is_empty()) {
        return parse(url).map(Some);
    }
    let variable = match server.scheme_str() {
        Some("http") => &environment.http_proxy,
        _ => &environment.https_proxy,
    };
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    let listed = environment.no_proxy.as_deref().unwrap_or_default();
    match variable {
        Some(url) if !is_here(&host) && !is_listed(&host, server.port_u16(), listed) => parse(url).map(Some),
        _ => Ok(None),
    }
}

/// The URL may hold a password, so that an error does not repeat it.
fn parse(url: &str) -> Result<Uri, Error> {
    let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    url.parse().map_err(|_| Error::usage("the URL of the HTTP proxy cannot be read"))
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_listed(host: &str, port: Option<u16>, list: &str) -> bool {
    list.split(',').map(|entry| entry.trim().to_ascii_lowercase()).any(|entry| {
        let (name, only) = match entry.rsplit_once(':') {
            Some((name, digits)) if !name.contains(':') => match digits.parse::<u16>() {
                Ok(digits) => (name.to_owned(), Some(digits)),
                Err(_) => return false,
            },
            _ => (entry.clone(), None),
        };
        only.is_none_or(|only| port == Some(only)) && covers(&name, host)
    })
}

/// `example.com` is itself and all below it, `.example.com` only what is below, and `10.0.0.0/8` a network.
fn covers(entry: &str, host: &str) -> bool {
    if entry.is_empty() {
        return false;
    }
    if entry == "*" || entry == host {
        return true;
    }
    if let Some((network, bits)) = entry.split_once('/') {
        return in_network(host, network, bits).unwrap_or_default();
    }
    let domain = entry.trim_start_matches('*');
    let below = if domain.starts_with('.') { domain.to_owned() } else { format!(".{domain}") };
    host.parse::<std::net::IpAddr>().is_err() && host.ends_with(&below)
}

fn in_network(host: &str, network: &str, bits: &str) -> Option<bool> {
    use std::net::IpAddr::{V4, V6};
    let bits: u32 = bits.parse().ok()?;
    match (host.parse().ok()?, network.parse().ok()?) {
        (V4(host), V4(network)) => {
            let shift = 32_u32.checked_sub(bits)?;
            let difference = u32::from(host) ^ u32::from(network);
            Some(difference.checked_shr(shift).unwrap_or_default() == 0)
        }
        (V6(host), V6(network)) => {
            let shift = 128_u32.checked_sub(bits)?;
            let difference = u128::from(host) ^ u128::from(network);
            Some(difference.checked_shr(shift).unwrap_or_default() == 0)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(server: &'static str, no_proxy: &str) -> bool {
        let environment = Environment {
            https_proxy: Some("http://proxy:3128".into()),
            no_proxy: Some(no_proxy.into()),
            ..Environment::default()
        };
        proxy(&Uri::from_static(server), None, &environment).unwrap().is_some()
    }

    #[test]
    fn the_environment_s_proxy_is_used() {
        assert!(through("https://api.example.com:6443", ""));
    }

    #[test]
    fn a_listed_server_is_reached_directly() {
        for list in [
            "api.example.com",
            "example.com",
            ".example.com",
            "*.example.com",
            "other, example.com:6443",
            "*",
        ] {
            assert!(!through("https://api.example.com:6443", list), "{list}");
        }
    }

    #[test]
    fn what_is_like_a_listed_server_goes_through_the_proxy() {
        for list in
            ["notexample.com", "ample.com", "example.com:443", "example.org", ",", "api.example.com.evil"]
        {
            assert!(through("https://api.example.com:6443", list), "{list}");
        }
    }

    #[test]
    fn a_network_covers_its_addresses() {
        assert!(!through("https://10.1.2.3:6443", "192.168.0.0/16,10.0.0.0/8"));
        assert!(through("https://11.1.2.3:6443", "10.0.0.0/8"));
        assert!(!through("https://[fd00::1]:6443", "fd00::/8"));
    }

    #[test]
    fn this_machine_is_never_reached_through_a_proxy() {
        assert!(!through("https://127.0.0.1:6443", ""));
        assert!(!through("https://localhost:6443", ""));
    }

    #[test]
    fn an_http_server_does_not_use_the_https_proxy() {
        assert!(!through("http://api.example.com", ""));
    }

    #[test]
    fn the_kubeconfig_s_proxy_holds_whatever_the_environment_says() {
        let environment = Environment { no_proxy: Some("*".into()), ..Environment::default() };
        let server = Uri::from_static("https://api.example.com");
        let found = proxy(&server, Some("socks5://gate:1080"), &environment).unwrap();
        assert_eq!(found.unwrap().to_string(), "socks5://gate:1080/");
    }
}
