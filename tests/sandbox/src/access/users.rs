//! Users, as authentication finds them.

use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher, RandomState};

/// Who somebody without credentials is.
pub const ANONYMOUS: &str = "system:anonymous";

/// A user with groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name, as in a `RoleBinding`.
    pub name: String,
    /// The groups, as in a `RoleBinding`.
    pub groups: Vec<String>,
    /// The UID, where there is one.
    pub uid: Option<String>,
}

impl User {
    /// A user that proved who it is.
    pub fn new(name: &str, groups: &[&str]) -> Self {
        let mut groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
        groups.push("system:authenticated".to_owned());
        Self { name: name.to_owned(), groups, uid: None }
    }

    /// Somebody without credentials.
    pub fn anonymous() -> Self {
        Self { name: ANONYMOUS.to_owned(), groups: vec!["system:unauthenticated".to_owned()], uid: None }
    }

    /// A `ServiceAccount` as a user.
    pub fn service_account(namespace: &str, name: &str) -> Self {
        let own = format!("system:serviceaccounts:{namespace}");
        Self::new(&format!("system:serviceaccount:{namespace}:{name}"), &["system:serviceaccounts", &own])
    }

    /// The namespace and the name of the `ServiceAccount` that this user is, if it is one.
    pub fn account(&self) -> Option<(&str, &str)> {
        self.name.strip_prefix("system:serviceaccount:")?.split_once(':')
    }
}

/// A bearer token that cannot be guessed and does not tell whose it is.
pub(super) fn token(name: &str, number: u64) -> String {
    let mut token = String::from("sandbox-");
    for _ in 0..2 {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write(name.as_bytes());
        hasher.write_u64(number);
        write!(token, "{:016x}", hasher.finish()).ok();
    }
    token
}
