//! Who may do what: users and their tokens, and RBAC evaluated from the roles and bindings in the store.
//!
//! Members of `system:masters` pass. Everybody else may do what a Role or `ClusterRole` allows that is bound to them.

mod escalation;
mod questions;
mod rules;
mod users;

pub use questions::Question;
pub use rules::{Attributes, Rule, Subject};
pub use users::{ANONYMOUS, User};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::{Key, Store};

/// The group that may do everything.
pub const MASTERS: &str = "system:masters";

#[derive(Clone)]
struct Credential {
    user: User,
    /// The `ServiceAccount` that has to exist for the token to be good.
    account: Option<(Key, String)>,
}

#[derive(Default)]
struct Inner {
    tokens: BTreeMap<String, Credential>,
    issued: u64,
    questions: Vec<Question>,
}

/// The users of one cluster and what they may do. Cheap to clone: all clones are the same.
#[derive(Clone)]
pub struct Access {
    store: Store,
    inner: Arc<Mutex<Inner>>,
    admin: String,
}

impl Access {
    /// Access to a store, with one user that may do everything.
    pub fn new(store: Store) -> Self {
        let access = Self { store, inner: Arc::default(), admin: users::token("admin", 0) };
        access.register(User::new("kubernetes-admin", &[MASTERS]), &access.admin);
        access
    }

    /// The token of the user that may do everything.
    pub fn admin_token(&self) -> &str {
        &self.admin
    }

    /// Lets a token stand for a user.
    pub fn register(&self, user: User, token: &str) {
        self.lock().tokens.insert(token.to_owned(), Credential { user, account: None });
    }

    /// Makes a token worthless.
    pub fn revoke(&self, token: &str) {
        self.lock().tokens.remove(token);
    }

    /// A new token for a `ServiceAccount`, good as long as this very account exists. None without such an account.
    pub fn service_account_token(&self, namespace: &str, name: &str) -> Option<String> {
        let key = Key::namespaced("", "serviceaccounts", namespace, name);
        let uid = self.store.get(&key)?["metadata"]["uid"].as_str()?.to_owned();
        let mut user = User::service_account(namespace, name);
        user.uid = Some(uid.clone());
        let mut inner = self.lock();
        inner.issued += 1;
        let token = users::token(&user.name, inner.issued);
        inner.tokens.insert(token.clone(), Credential { user, account: Some((key, uid)) });
        Some(token)
    }

    /// Whose token this is; `None` when it is nobody's.
    pub fn authenticate(&self, token: &str) -> Option<User> {
        let credential = self.lock().tokens.get(token).cloned()?;
        if let Some((key, uid)) = &credential.account
            && self.store.get(key)?["metadata"]["uid"] != uid.as_str()
        {
            return None;
        }
        Some(credential.user)
    }

    /// Whether the user may do this, who wants to do it now.
    pub fn allowed(&self, user: &User, attributes: &Attributes<'_>) -> bool {
        let allowed = self.ground(user, attributes).is_some();
        // What runs in the cluster asks all the time, and no test asks for that.
        if user.account().is_none() {
            self.lock().questions.push(Question::of(user, attributes, allowed));
        }
        allowed
    }

    /// What was asked for by people so far, and whether they were allowed to do it.
    pub fn questions(&self) -> Vec<Question> {
        self.lock().questions.clone()
    }

    /// Why the user may do this: the binding that lets them, or nothing for those who may everything. None: they may not.
    pub fn ground(&self, user: &User, attributes: &Attributes<'_>) -> Option<String> {
        if user.groups.iter().any(|group| group == MASTERS) {
            return Some(String::new());
        }
        let rules = rules::of(&self.store, user, attributes.namespace());
        rules.into_iter().find(|(rule, _)| rule.allows(attributes)).map(|(_, ground)| ground)
    }

    /// All rules that hold for the user in a namespace.
    pub fn rules(&self, user: &User, namespace: Option<&str>) -> Vec<Rule> {
        if user.groups.iter().any(|group| group == MASTERS) {
            return vec![Rule::everything(), Rule::every_path()];
        }
        rules::of(&self.store, user, namespace).into_iter().map(|(rule, _)| rule).collect()
    }

    /// The rules that the user would hand out without having them: empty when all is well.
    pub fn escalation(&self, user: &User, namespace: Option<&str>, granted: &[Rule]) -> Vec<Rule> {
        escalation::uncovered(&self.rules(user, namespace), granted)
    }

    /// The rules of the role that a binding refers to.
    pub fn role_rules(&self, binding: &serde_json::Value) -> Vec<Rule> {
        rules::role(&self.store, binding)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
