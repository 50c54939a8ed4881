//! A request that was let in and understood: what the verbs work on.

use std::sync::{Arc, Mutex, PoisonError};

use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use super::Api;
use super::kinds::Kind;
use super::negotiate::Form;
use super::request::{Params, Resource};
use super::status::Failure;
use crate::access::{Attributes, Subject, User};
use crate::store::Key;

/// A request for a resource that exists.
pub(super) struct Call {
    pub(super) api: Arc<Api>,
    pub(super) user: User,
    pub(super) kind: &'static Kind,
    pub(super) resource: Resource,
    pub(super) method: Method,
    pub(super) params: Params,
    pub(super) headers: HeaderMap,
    pub(super) form: Form,
    /// What the client should know although the request went through.
    pub(super) warnings: Mutex<Vec<String>>,
}

/// Whether a write is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    Yes,
    /// Everything is done but the write itself.
    DryRun,
}

impl Call {
    /// The object that the path names.
    pub(super) fn key(&self) -> Key {
        self.key_of(self.name())
    }

    /// An object of the same kind in the same namespace.
    pub(super) fn key_of(&self, name: &str) -> Key {
        Key {
            group: self.kind.group.to_owned(),
            resource: self.kind.plural.to_owned(),
            namespace: self.namespace().map(str::to_owned),
            name: name.to_owned(),
        }
    }

    /// The name in the path; empty without one.
    pub(super) fn name(&self) -> &str {
        self.resource.name.as_deref().unwrap_or_default()
    }

    /// The namespace that the objects are in.
    pub(super) fn namespace(&self) -> Option<&str> {
        if self.kind.namespaced() { self.resource.namespace.as_deref() } else { None }
    }

    pub(super) fn subresource(&self) -> Option<&str> {
        self.resource.subresource.as_deref()
    }

    /// How much of each object goes into the rows of a table.
    pub(super) fn include(&self) -> &str {
        self.params.get("includeObject").unwrap_or("Metadata")
    }

    /// Who manages the fields that this request writes: what it says, or else the name of the program.
    pub(super) fn manager(&self) -> String {
        if let Some(manager) = self.params.get("fieldManager") {
            return manager.to_owned();
        }
        let agent = self.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let program = agent.unwrap_or_default().split('/').next().unwrap_or_default();
        if program.is_empty() { "unknown".to_owned() } else { program.chars().take(128).collect() }
    }

    /// Whether the write is to be kept.
    pub(super) fn keep(&self) -> Keep {
        if self.params.get("dryRun").is_some() { Keep::DryRun } else { Keep::Yes }
    }

    /// The object, or 404.
    pub(super) fn read(&self) -> Result<Value, Failure> {
        self.api.store.get(&self.key()).ok_or_else(|| Failure::not_found(self.kind, self.name()))
    }

    /// Whether the caller may do something else that this request involves.
    pub(super) fn may(&self, verb: &str) -> Result<(), Failure> {
        self.may_to(verb, None)
    }

    /// The same, to the part of the object that the request is about.
    pub(super) fn may_part(&self, verb: &str) -> Result<(), Failure> {
        self.may_to(verb, self.subresource())
    }

    fn may_to(&self, verb: &str, subresource: Option<&str>) -> Result<(), Failure> {
        let subject = Subject::Resource {
            group: self.kind.group,
            resource: self.kind.plural,
            subresource,
            namespace: self.resource.namespace.as_deref(),
            name: self.resource.name.as_deref(),
        };
        let attributes = Attributes { verb, subject };
        if self.api.access.allowed(&self.user, &attributes) {
            return Ok(());
        }
        Err(super::entry::forbidden(&self.user, &attributes))
    }

    /// Lets the client know something.
    pub(super) fn warn(&self, text: &str) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if !warnings.iter().any(|warning| warning == text) {
            warnings.push(text.to_owned());
        }
    }

    /// An answer with one object.
    pub(super) fn answer(&self, code: StatusCode, object: Value) -> Response {
        let mut response = self.form.answer(code, &self.form.object(self.kind, object, self.include()));
        for warning in &*self.warnings.lock().unwrap_or_else(PoisonError::into_inner) {
            if let Ok(value) = HeaderValue::try_from(format!("299 - {warning:?}")) {
                response.headers_mut().append(header::WARNING, value);
            }
        }
        response
    }
}
