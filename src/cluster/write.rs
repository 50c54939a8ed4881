//! Writing objects: each write is sent once, and a conflict is the caller's to solve.

use http::Method;
use serde_json::{Value, json};

use super::address;
use super::connect::Cluster;
use super::failure::{Asked, Cause, Failure, FieldProblem};
use super::read::asked;
use super::request::Call;
use super::resource::Resource;

/// The name under which promfed owns what it applies.
pub const FIELD_MANAGER: &str = "kubectl-promfed";

/// Whether the server only pretends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DryRun {
    /// The write happens.
    #[default]
    Off,
    /// The server checks and answers as if, and stores nothing.
    Server,
}

/// Whose object it is that is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// promfed's: fields that others have taken over are taken back.
    Ours,
    /// Shared: a field that somebody else manages is a conflict.
    Shared,
}

impl DryRun {
    fn query(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Off => &[],
            Self::Server => &[("dryRun", "All")],
        }
    }
}

impl Cluster {
    /// Creates the object or makes it as given, by server-side apply. Fields that are not given and that promfed did not
    /// set before stay. Gives back the object as the server has it now.
    pub async fn apply(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        object: &Value,
        ownership: Ownership,
        dry_run: DryRun,
    ) -> Result<Value, Failure> {
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let force = match ownership {
            Ownership::Ours => "true",
            Ownership::Shared => "false",
        };
        let query = [&managed()[..], &[("force", force)], dry_run.query()].concat();
        let url = address::with_query(&address::object(resource, namespace, name), &query);
        let asked = asked("apply", resource, namespace, Some(name));
        let mut object = object.clone();
        complete(&mut object, resource);
        self.write(Call::write(asked, Method::PATCH, url, "application/apply-patch+yaml", &object)).await
    }

    /// Creates the object; that there is one already is a failure.
    pub async fn create(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        object: &Value,
        dry_run: DryRun,
    ) -> Result<Value, Failure> {
        let name = object.pointer("/metadata/name").and_then(Value::as_str);
        let query = [&managed()[..], dry_run.query()].concat();
        let url = address::with_query(&address::collection(resource, namespace), &query);
        let asked = asked("create", resource, namespace, name);
        let mut object = object.clone();
        complete(&mut object, resource);
        self.write(Call::write(asked, Method::POST, url, "application/json", &object)).await
    }

    /// Changes an object by a JSON merge patch. The patch must carry the `metadata.resourceVersion` that it was made
    /// for: where the object is another one by now, nothing is written and the failure is a conflict.
    pub async fn patch(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        name: &str,
        patch: &Value,
        dry_run: DryRun,
    ) -> Result<Value, Failure> {
        let asked = asked("patch", resource, namespace, Some(name));
        if patch.pointer("/metadata/resourceVersion").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(self.failure(&asked, unconditional()));
        }
        let query = [&managed()[..], dry_run.query()].concat();
        let url = address::with_query(&address::object(resource, namespace, name), &query);
        self.write(Call::write(asked, Method::PATCH, url, "application/merge-patch+json", patch)).await
    }

    /// Deletes an object and, in the background, what it owns. That it is gone already is success.
    pub async fn delete(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        name: &str,
        dry_run: DryRun,
    ) -> Result<(), Failure> {
        let asked = asked("delete", resource, namespace, Some(name));
        let url = address::object(resource, namespace, name);
        let mut options =
            json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
        if dry_run == DryRun::Server {
            // Beside a body the query does not count: what asks there for a dry run deletes.
            options["dryRun"] = json!(["All"]);
        }
        match self.ask(&Call::write(asked, Method::DELETE, url, "application/json", &options)).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.is_not_found() => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    async fn write(&self, call: Call) -> Result<Value, Failure> {
        self.ask(&call).await?.json().map_err(|cause| self.failure(&call.asked, cause))
    }

    /// Asks the server something by creating an object that is never stored.
    pub(super) async fn review(&self, asked: Asked, url: String, object: &Value) -> Result<Value, Failure> {
        self.write(Call::write(asked, Method::POST, url, "application/json", object)).await
    }
}

/// A field that the server does not know is an error, not something to drop in silence.
fn managed() -> [(&'static str, &'static str); 2] {
    [("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict")]
}

/// Says what the object is, where it does not say so itself.
fn complete(object: &mut Value, resource: &Resource) {
    if let Some(fields) = object.as_object_mut() {
        fields.entry("apiVersion").or_insert_with(|| resource.api_version().into());
        fields.entry("kind").or_insert_with(|| resource.kind.into());
    }
}

fn unconditional() -> Cause {
    let message = "a patch must say which version of the object it changes".to_owned();
    let problem = FieldProblem { field: "metadata.resourceVersion".into(), message: message.clone() };
    Cause::Invalid { message, problems: vec![problem] }
}
