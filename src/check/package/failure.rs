//! What kapp-controller's useful error message means.
//!
//! The texts are those of kapp-controller, vendir, ytt and kapp; each is told by a part that has not changed between
//! their versions.

use crate::check::facts::Reading;
use crate::check::view::View;
use crate::package::State;

/// Why a package does not reconcile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No version fits: how many were left after each step, by the step's name.
    NoVersion(Vec<(String, u32)>),
    /// ytt does not take the values.
    Values,
    Downgrade {
        wanted: String,
        last: String,
    },
    /// Objects that belong to another app: each with the app.
    Owned(Vec<(String, String)>),
    /// The package's files cannot be had: the end of the words.
    Fetching(String),
    /// The account of the install is not there, or may not do it.
    Rights(String),
    /// The cluster does not know a kind that the package brings.
    NoKind(String),
    /// A claim cannot be changed as it was asked.
    Claim(String),
    /// An object did not become ready: which, and in whose words.
    Waiting {
        object: String,
        words: String,
    },
    /// kapp-controller stumbled itself, and tries again.
    Hiccup(String),
    Other(String),
}

impl Failure {
    /// The failure of the context's install, if it failed.
    pub(super) fn of(view: &View<'_>) -> Reading<Option<Self>> {
        let state = view.install()?.state();
        let is_hiccup = state.is_a_hiccup();
        Ok(match state {
            State::Failed(message) if is_hiccup => Some(Self::Hiccup(last_line(&message))),
            State::Failed(message) => Some(Self::read(&message)),
            _ => None,
        })
    }

    fn read(message: &str) -> Self {
        let has = |part: &str| message.contains(part);
        if has("Expected to find at least one version") {
            Self::NoVersion(steps(message))
        } else if is_about_a_missing_package(message) {
            Self::NoVersion(vec![("all".to_owned(), 0)])
        } else if has("last attempted version") && has("is higher") {
            let mut quoted = message.split('\'').skip(1).step_by(2).map(str::to_owned);
            Self::Downgrade {
                wanted: quoted.next().unwrap_or_default(),
                last: quoted.next().unwrap_or_default(),
            }
        } else if has("ytt: Error") && (has("data value") || has("Expected number of matched nodes")) {
            Self::Values
        } else if has("is already associated with a different") {
            Self::Owned(message.lines().filter_map(owned).collect())
        } else if let Some(kind) = between(message, "Expected to find kind '", "'") {
            Self::NoKind(kind.to_owned())
        } else if has("persistentvolumeclaim") && (has("Forbidden") || has("forbidden") || has("is invalid"))
        {
            Self::Claim(last_line(message))
        } else if has("vendir: Error") || has("Fetching image") || has("Fetching resources") {
            Self::Fetching(last_line(message))
        } else if has("is forbidden: User") || (has("serviceaccounts \"") && has("not found")) {
            Self::Rights(last_line(message))
        } else if let Some(waiting) = waiting(message) {
            waiting
        } else {
            Self::Other(last_line(message))
        }
    }
}

fn is_about_a_missing_package(message: &str) -> bool {
    (message.starts_with("Package ") && message.trim_end().ends_with(" not found"))
        || message.contains("Could not find package with name")
}

/// `(details: all=2 -> after-prereleases-filter=2 -> after-constraints-filter=0)`
fn steps(message: &str) -> Vec<(String, u32)> {
    let details = between(message, "details: ", ")").unwrap_or_default();
    let step = |text: &str| {
        let (name, left) = text.trim().split_once('=')?;
        Some((name.to_owned(), left.parse().ok()?))
    };
    details.split("->").filter_map(step).collect()
}

/// `- Resource 'clusterrole/x (…) cluster' is already associated with a different app 'y.app' namespace: z (label …)`
fn owned(line: &str) -> Option<(String, String)> {
    let resource = between(line, "Resource '", "'")?.split(" (").next()?.to_owned();
    let owner = line.split("is already associated with a different ").nth(1)?;
    Some((resource, owner.split(" (label").next().unwrap_or(owner).to_owned()))
}

/// `waiting on reconcile deployment/x (apps/v1) namespace: y: Finished unsuccessfully (why)`, or a time that is over.
fn waiting(message: &str) -> Option<Failure> {
    if let Some(rest) = message.split("waiting on reconcile ").nth(1) {
        // Each part of kapp's words may have a line of its own.
        let rest = rest.lines().take(2).map(str::trim).collect::<Vec<_>>().join(" ");
        let (object, words) = rest.split_once(": Finished").unwrap_or((&rest, ""));
        let object = object.split(" (").next().unwrap_or(object).trim().to_owned();
        let words =
            words.split_once('(').map_or(words, |(_, words)| words.strip_suffix(')').unwrap_or(words));
        return Some(Failure::Waiting { object, words: words.to_owned() });
    }
    let rest = message.split("Timed out waiting after ").nth(1)?;
    let object = between(rest, "resources: [", "]").unwrap_or_default();
    let object = object.split(" (").next().unwrap_or_default().to_owned();
    let time = rest.split([' ', ':', '\n']).next().unwrap_or_default();
    Some(Failure::Waiting { object, words: format!("not ready after {time}") })
}

fn between<'m>(text: &'m str, before: &str, after: &str) -> Option<&'m str> {
    text.split_once(before)?.1.split_once(after).map(|(inner, _)| inner)
}

/// The innermost words: tools put each cause below what it spoiled.
fn last_line(message: &str) -> String {
    let words = message.lines().map(str::trim).rfind(|line| !line.is_empty());
    words.unwrap_or("kapp-controller says nothing of the reason").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_of_a_choice_are_counted() {
        let message = "Expected to find at least one version, but did not (details: all=2 -> after-prereleases-filter=2 -> after-kapp-controller-version-check=2 -> after-constraints-filter=0)";
        let Failure::NoVersion(steps) = Failure::read(message) else { panic!("a choice") };
        assert_eq!(steps[0], ("all".to_owned(), 2));
        assert_eq!(steps[3], ("after-constraints-filter".to_owned(), 0));
        let none = Failure::read("Package prometheus.tanzu.vmware.com not found");
        assert_eq!(none, Failure::NoVersion(vec![("all".into(), 0)]));
    }

    #[test]
    fn owners_are_named() {
        let message = "kapp: Error: Ownership errors:\n- Resource 'clusterrole/prometheus-server (rbac.authorization.k8s.io/v1) cluster' is already associated with a different app 'prom.app' namespace: default (label 'kapp.k14s.io/app=1')";
        assert_eq!(
            Failure::read(message),
            Failure::Owned(vec![(
                "clusterrole/prometheus-server".into(),
                "app 'prom.app' namespace: default".into()
            )])
        );
    }

    #[test]
    fn what_is_waited_for_is_named() {
        let message = "kapp: Error: waiting on reconcile deployment/prometheus-server (apps/v1) namespace: x:\n  Finished unsuccessfully (Deployment is not progressing: ProgressDeadlineExceeded (message: too late))";
        let Failure::Waiting { object, .. } = Failure::read(message) else { panic!("waiting") };
        assert_eq!(object, "deployment/prometheus-server");
        let message = "kapp: Error: Timed out waiting after 15m0s for resources: [deployment/alertmanager (apps/v1) namespace: x]";
        assert_eq!(
            Failure::read(message),
            Failure::Waiting {
                object: "deployment/alertmanager".into(),
                words: "not ready after 15m0s".into()
            }
        );
    }

    #[test]
    fn other_known_texts_are_told_apart() {
        let kinds = [
            (
                "Stopped installing matched version '2.43.0' since last attempted version '2.45.0' is higher.\nhint: …",
                Failure::Downgrade { wanted: "2.43.0".into(), last: "2.45.0".into() },
            ),
            (
                "ytt: Error:\n  Overlaying data values (in following order: additional data values):\nx",
                Failure::Values,
            ),
            (
                "kapp: Error: Expected to find kind 'projectcontour.io/v1/HTTPProxy', but did not:\n- x",
                Failure::NoKind("projectcontour.io/v1/HTTPProxy".into()),
            ),
            (
                "vendir: Error: Syncing directory '0':\n  Fetching image:\n    GET https://r: UNAUTHORIZED",
                Failure::Fetching("GET https://r: UNAUTHORIZED".into()),
            ),
            ("kapp: Error: something new", Failure::Other("kapp: Error: something new".into())),
        ];
        for (message, kind) in kinds {
            assert_eq!(Failure::read(message), kind);
        }
    }
}
