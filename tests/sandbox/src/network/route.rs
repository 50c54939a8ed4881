//! Which route of an HTTPProxy a request takes: what Contour tells Envoy.

use std::cmp::Reverse;

use serde_json::Value;

use crate::objects::items;

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// It goes to a port of a Service, with this path.
    To { service: String, port: u16, path: String },
    /// It is answered at once.
    Direct { status: u16, body: String },
}

/// A route as Envoy has it.
struct Entry<'v> {
    route: &'v Value,
    /// What the path begins with. It need not end where a segment does.
    prefix: String,
    /// What is put in the prefix's place.
    rewrite: Option<String>,
}

/// The route of an HTTPProxy for a path and its headers (`:path` is one): the one with the longest prefix, of those
/// with the same the one with the most conditions on headers, and of those the one with the most definite.
pub(super) fn route(proxy: &Value, path: &str, header: impl Fn(&str) -> Option<String>) -> Option<Route> {
    let entries = entries(&proxy["spec"]["routes"]);
    let matching = entries.into_iter().filter(|entry| {
        path.starts_with(&entry.prefix) && headers(entry.route).all(|condition| fits(condition, &header))
    });
    let Entry { route, prefix, rewrite } = matching.min_by_key(|entry| {
        let headers = order(entry.route);
        (Reverse(entry.prefix.len()), Reverse(headers.len()), headers)
    })?;
    if let Some(status) = route["directResponsePolicy"]["statusCode"].as_u64() {
        let body = route["directResponsePolicy"]["body"].as_str().unwrap_or_default().to_owned();
        return Some(Route::Direct { status: u16::try_from(status).ok()?, body });
    }
    let service = &route["services"][0];
    let path = rewrite.map_or_else(|| path.to_owned(), |rewrite| rewrite + &path[prefix.len()..]);
    Some(Route::To {
        service: service["name"].as_str()?.to_owned(),
        port: u16::try_from(service["port"].as_u64()?).ok()?,
        path,
    })
}

/// A route whose prefix is replaced becomes two, with and without a slash at the end, so that the slashes of what is put
/// in its place fit; unless there is another route for the same prefix.
fn entries(routes: &Value) -> Vec<Entry<'_>> {
    let bare = |route: &Value| bare(&prefix(route)).to_owned();
    let mut entries = Vec::new();
    for route in items(routes) {
        let (prefix, rewrite) = (prefix(route), rewrite(route));
        let others = items(routes).filter(|other| bare(other) == bare(route)).count() > 1;
        match rewrite {
            Some(rewrite) if prefix != "/" && !others => {
                let (prefix, rewrite) = (bare(route), rewrite.trim_end_matches('/'));
                let with_slash =
                    Entry { route, prefix: format!("{prefix}/"), rewrite: Some(format!("{rewrite}/")) };
                let rewrite = if rewrite.is_empty() { "/" } else { rewrite };
                entries.extend([Entry { route, prefix, rewrite: Some(rewrite.to_owned()) }, with_slash]);
            }
            rewrite => entries.push(Entry { route, prefix, rewrite }),
        }
    }
    entries
}

fn prefix(route: &Value) -> String {
    let prefix: String =
        items(&route["conditions"]).filter_map(|condition| condition["prefix"].as_str()).collect();
    if prefix.is_empty() { "/".to_owned() } else { prefix }
}

fn bare(prefix: &str) -> &str {
    if prefix == "/" { prefix } else { prefix.trim_end_matches('/') }
}

/// What replaces the route's prefix: what is said for this very prefix, else what is said for any.
fn rewrite(route: &Value) -> Option<String> {
    let own = prefix(route);
    let said = |of: Option<&str>| {
        items(&route["pathRewritePolicy"]["replacePrefix"]).find(move |one| one["prefix"].as_str() == of)
    };
    Some(said(Some(&own)).or_else(|| said(None))?["replacement"].as_str()?.to_owned())
}

fn headers(route: &Value) -> impl Iterator<Item = &Value> {
    items(&route["conditions"]).map(|condition| &condition["header"]).filter(|header| header.is_object())
}

/// Of routes with the same prefix and as many conditions, the one with the least of these comes first.
fn order(route: &Value) -> Vec<(&str, u8, &str)> {
    let mut all: Vec<_> = headers(route)
        .map(|header| {
            let name = header["name"].as_str().unwrap_or_default();
            match (header["exact"].as_str(), header["contains"].as_str()) {
                (Some(exact), _) => (name, 0, exact),
                (None, Some(part)) => (name, 1, part),
                (None, None) => (name, 2 + u8::from(header["notpresent"] == true), ""),
            }
        })
        .collect();
    all.sort_unstable();
    all
}

/// Whether a header is as a condition wants it.
fn fits(condition: &Value, header: impl Fn(&str) -> Option<String>) -> bool {
    let found = header(condition["name"].as_str().unwrap_or_default());
    let text = |field: &str| condition[field].as_str();
    let holds =
        |text: &str, test: fn(&str, &str) -> bool| found.as_ref().is_some_and(|found| test(found, text));
    match (text("exact"), text("contains")) {
        (Some(exact), _) => holds(exact, |found, text| found == text),
        (None, Some(part)) => holds(part, |found, text| found.contains(text)),
        (None, None) if condition["notpresent"] == true => found.is_none(),
        (None, None) => found.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_longest_prefix_wins() {
        let proxy = json!({"spec": {"routes": [
            {"conditions": [{"prefix": "/"}], "services": [{"name": "p", "port": 80}]},
            {"conditions": [{"prefix": "/alertmanager/"}], "services": [{"name": "a", "port": 81}],
             "pathRewritePolicy": {"replacePrefix": [{"prefix": "/alertmanager/", "replacement": "/"}]}},
        ]}});
        let to = |path: &str| match route(&proxy, path, |_| None) {
            Some(Route::To { service, path, .. }) => (service, path),
            other => panic!("{path} leads to {other:?}"),
        };
        assert_eq!(to("/api/v1/write"), ("p".into(), "/api/v1/write".into()));
        assert_eq!(to("/alertmanager/api/v2"), ("a".into(), "/api/v2".into()));
        assert_eq!(to("/alertmanager"), ("a".into(), "/".into()));
        assert_eq!(to("/alertmanagers"), ("a".into(), "/s".into()));
    }

    #[test]
    fn a_header_makes_a_route_of_its_own() {
        let proxy = json!({"spec": {"routes": [
            {"conditions": [{"prefix": "/"}], "directResponsePolicy": {"statusCode": 401}},
            {"conditions": [{"prefix": "/"}, {"header": {"name": "x", "exact": "y"}}], "services": [{"name": "p", "port": 80}]},
            {"conditions": [{"prefix": "/"}, {"header": {"name": ":path", "contains": "%2F"}}], "directResponsePolicy": {"statusCode": 403, "body": "no"}},
        ]}});
        let with = |name: &'static str, value: &'static str| {
            route(&proxy, "/a", move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(with("x", "z"), Some(Route::Direct { status: 401, body: String::new() }));
        assert_eq!(with("x", "y"), Some(Route::To { service: "p".into(), port: 80, path: "/a".into() }));
        assert_eq!(with(":path", "/a%2Fb"), Some(Route::Direct { status: 403, body: "no".into() }));
    }
}
