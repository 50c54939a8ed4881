//! Reading objects, and what the server serves.

use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::address;
use super::connect::Cluster;
use super::failure::{Asked, Cause, Failure};
use super::request::Call;
use super::resource::{Resource, Scope};

/// Objects that are fetched at a time.
const PAGE: &str = "500";

/// Which objects of a kind are wanted. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    labels: Option<String>,
    fields: Option<String>,
}

/// Whether a version of an API group can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    Present,
    /// The server does not know it.
    Absent,
    /// The server knows it and cannot serve it now, as an aggregated API whose server is down: the server's words.
    Broken(String),
}

impl Selector {
    /// Every object.
    pub fn all() -> Self {
        Self::default()
    }

    /// By labels, in kubectl's syntax: `app=prometheus,component!=server`.
    pub fn labels(labels: impl Into<String>) -> Self {
        Self { labels: Some(labels.into()), fields: None }
    }

    /// By fields, in kubectl's syntax: `metadata.name=prometheus`.
    pub fn fields(fields: impl Into<String>) -> Self {
        Self { labels: None, fields: Some(fields.into()) }
    }

    pub(super) fn query(&self) -> Vec<(&str, &str)> {
        let labels = self.labels.as_deref().map(|labels| ("labelSelector", labels));
        let fields = self.fields.as_deref().map(|fields| ("fieldSelector", fields));
        labels.into_iter().chain(fields).collect()
    }
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) metadata: PageMetadata,
    /// `null` when there are none.
    items: Option<Vec<Value>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PageMetadata {
    #[serde(rename = "continue")]
    more: String,
    pub(super) resource_version: String,
}

impl Page {
    /// The items, with the `kind` and `apiVersion` that lists leave out.
    pub(super) fn into_items(self, resource: &Resource) -> impl Iterator<Item = Value> {
        self.items.unwrap_or_default().into_iter().map(|mut item| {
            if let Some(fields) = item.as_object_mut() {
                fields.entry("apiVersion").or_insert_with(|| resource.api_version().into());
                fields.entry("kind").or_insert_with(|| resource.kind.into());
            }
            item
        })
    }
}

pub(super) fn asked(
    verb: &'static str,
    resource: &Resource,
    namespace: Option<&str>,
    name: Option<&str>,
) -> Asked {
    Asked {
        verb,
        resource: resource.to_string(),
        namespace: namespace.filter(|_| resource.scope == Scope::Namespaced).map(str::to_owned),
        name: name.map(str::to_owned),
    }
}

impl Cluster {
    /// One object, or `None` where there is none of that name.
    ///
    /// # Errors
    ///
    /// Anything but the object and its absence. That the server does not serve the kind at all is an error, not absence.
    pub async fn get<T: DeserializeOwned>(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<T>, Failure> {
        let url = address::object(resource, namespace, name);
        let call = Call::get(asked("get", resource, namespace, Some(name)), url);
        match self.ask(&call).await {
            Ok(answer) => answer.json().map(Some).map_err(|cause| self.failure(&call.asked, cause)),
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// All objects that the selector selects, in one namespace or, with `None`, in all.
    pub async fn list<T: DeserializeOwned>(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        selector: Selector,
    ) -> Result<Vec<T>, Failure> {
        let asked = asked("list", resource, namespace, None);
        let mut found = Vec::new();
        let mut more = String::new();
        loop {
            let page = match self
                .page(resource, namespace, &selector, &[("limit", PAGE), ("continue", &more)])
                .await
            {
                // The list has changed too much since its first page: take it again, in one go.
                Err(Failure { cause: Cause::Status { code: 410, .. }, .. }) if !more.is_empty() => {
                    found.clear();
                    self.page(resource, namespace, &selector, &[]).await?
                }
                other => other?,
            };
            more.clone_from(&page.metadata.more);
            for item in page.into_items(resource) {
                let item = serde_json::from_value(item).map_err(|_| {
                    let words = "an item of the list does not have the expected form";
                    self.failure(&asked, Cause::Malformed(words.into()))
                })?;
                found.push(item);
            }
            if more.is_empty() {
                return Ok(found);
            }
        }
    }

    pub(super) async fn page(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        selector: &Selector,
        paging: &[(&str, &str)],
    ) -> Result<Page, Failure> {
        let mut query = selector.query();
        query.extend(paging.iter().filter(|(_, value)| !value.is_empty()));
        let url = address::with_query(&address::collection(resource, namespace), &query);
        let call = Call::get(asked("list", resource, namespace, None), url);
        self.ask(&call).await?.json().map_err(|cause| self.failure(&call.asked, cause))
    }

    /// Whether a version of an API group is there: `v1` or `group/version`. One request, of no object.
    pub async fn api_group(&self, group_version: &str) -> Result<Presence, Failure> {
        let url = address::group(group_version);
        let asked = Asked { verb: "get", resource: url.clone(), namespace: None, name: None };
        let call = Call::get(asked, url);
        let answer = self.send(&call).await?;
        match answer.status {
            status if status.is_success() => {
                let found: Result<Value, _> = answer.json();
                found.map(|_| Presence::Present).map_err(|cause| self.failure(&call.asked, cause))
            }
            StatusCode::NOT_FOUND => Ok(Presence::Absent),
            StatusCode::SERVICE_UNAVAILABLE => {
                Ok(Presence::Broken(self.refusal(&call, &answer).cause.to_string()))
            }
            _ => Err(self.refusal(&call, &answer)),
        }
    }

    /// How the objects of a version of an API group look, by the server's `OpenAPI` v3: whoever is known may read that.
    /// `None` where the server does not tell.
    pub async fn schemas(&self, group_version: &str) -> Result<Option<Value>, Failure> {
        let url = format!("/openapi/v3{}", address::group(group_version));
        let asked = Asked { verb: "get", resource: url.clone(), namespace: None, name: None };
        let call = Call::get(asked, url);
        let answer = self.send(&call).await?;
        match answer.status {
            status if status.is_success() => {
                answer.json().map(Some).map_err(|cause| self.failure(&call.asked, cause))
            }
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Ok(None),
            _ => Err(self.refusal(&call, &answer)),
        }
    }

    /// The server's version, as `v1.33.2+build`.
    pub async fn server_version(&self) -> Result<String, Failure> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Version {
            git_version: String,
        }
        let asked = Asked { verb: "get", resource: "/version".into(), namespace: None, name: None };
        let call = Call::get(asked, "/version".into());
        let version: Result<Version, _> = self.ask(&call).await?.json();
        version.map(|version| version.git_version).map_err(|cause| self.failure(&call.asked, cause))
    }
}
