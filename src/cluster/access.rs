//! What the user may do, asked before it is tried.

use std::fmt;

use serde_json::{Value, json};

use super::connect::Cluster;
use super::failure::{Asked, Failure};
use super::resource::Resource;

/// What is done to an object, in the words of RBAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch,
    Delete,
    /// To write a role with rights that one does not have.
    Escalate,
    /// To give a role to somebody that has rights that one does not have.
    Bind,
}

impl Verb {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::Escalate => "escalate",
            Self::Bind => "bind",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Cluster {
    /// Whether the user may do this, by a `SelfSubjectAccessReview`. No namespace means all of them, no name any.
    pub async fn can(
        &self,
        verb: Verb,
        resource: &Resource,
        namespace: Option<&str>,
        name: Option<&str>,
    ) -> Result<bool, Failure> {
        self.can_subresource(verb, resource, None, namespace, name).await
    }

    /// The same, of a part of an object: `proxy` of a Service, `log` of a Pod.
    pub async fn can_subresource(
        &self,
        verb: Verb,
        resource: &Resource,
        subresource: Option<&str>,
        namespace: Option<&str>,
        name: Option<&str>,
    ) -> Result<bool, Failure> {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {
                "verb": verb.as_str(),
                "group": resource.group,
                "resource": resource.plural,
                "subresource": subresource.unwrap_or_default(),
                "namespace": namespace.unwrap_or_default(),
                "name": name.unwrap_or_default(),
            }},
        });
        let asked = Asked {
            verb: "create",
            resource: "selfsubjectaccessreviews.authorization.k8s.io".into(),
            namespace: None,
            name: None,
        };
        let url = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews".to_owned();
        let answer = self.review(asked, url, &review).await?;
        Ok(answer.pointer("/status/allowed").and_then(Value::as_bool).unwrap_or_default())
    }

    /// The user's name as the server knows it; `None` where the server is too old to tell (before 1.28).
    pub async fn who_am_i(&self) -> Result<Option<String>, Failure> {
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let asked = Asked {
            verb: "create",
            resource: "selfsubjectreviews.authentication.k8s.io".into(),
            namespace: None,
            name: None,
        };
        let url = "/apis/authentication.k8s.io/v1/selfsubjectreviews".to_owned();
        match self.review(asked, url, &review).await {
            Ok(answer) => Ok(answer["status"]["userInfo"]["username"].as_str().map(str::to_owned)),
            Err(failure) if failure.is_not_served() || failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}
