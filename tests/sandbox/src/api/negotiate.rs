//! The form in which a client wants its answer: JSON, YAML, a table, or metadata only.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::kinds::{Kind, Origin};
use super::status::Failure;
use super::table;

/// How an object is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The object itself.
    Whole(Encoding),
    /// Rows with the cells that kubectl prints.
    Table,
    /// Only type and metadata.
    Metadata,
}

/// How a whole object is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Json,
    Yaml,
}

/// One media type of an Accept header with its parameters.
struct Media<'a> {
    name: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl Media<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

fn accepted(headers: &HeaderMap) -> Vec<Media<'_>> {
    let text = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    text.split(',')
        .map(|media| {
            let mut parts = media.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let parameters = parts.filter_map(|parameter| parameter.split_once('=')).collect();
            Media { name, parameters }
        })
        .collect()
}

impl Form {
    /// The first form of the Accept header that is known here.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        for media in accepted(headers) {
            let json = match media.name {
                "application/json" | "*/*" | "application/*" => true,
                "application/yaml" => false,
                _ => continue,
            };
            match media.parameter("as") {
                Some("Table") => return Ok(Self::Table),
                Some("PartialObjectMetadata" | "PartialObjectMetadataList") => return Ok(Self::Metadata),
                Some(_) => {}
                None if json => return Ok(Self::Whole(Encoding::Json)),
                None => return Ok(Self::Whole(Encoding::Yaml)),
            }
        }
        let message = "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, \
                       application/vnd.kubernetes.protobuf";
        Err(Failure::new(406, "NotAcceptable", message).with_details(json!({})))
    }

    /// An object in this form.
    pub(super) fn object(self, kind: &Kind, object: Value, include: &str) -> Value {
        match self {
            Self::Whole(_) => typed(kind, object),
            Self::Metadata => table::metadata(kind, &object),
            Self::Table => {
                let meta = json!({"resourceVersion": object["metadata"]["resourceVersion"]});
                table::of(kind, std::slice::from_ref(&object), meta, include)
            }
        }
    }

    /// A list of objects in this form.
    pub(super) fn list(self, kind: &Kind, items: Vec<Value>, meta: Value, include: &str) -> Value {
        match self {
            Self::Table => table::of(kind, &items, meta, include),
            Self::Metadata => {
                let items: Vec<Value> = items.iter().map(|item| table::metadata(kind, item)).collect();
                json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "items": items})
            }
            Self::Whole(_) => {
                let items: Vec<Value> = items.into_iter().map(|item| listed(kind, item)).collect();
                json!({"kind": format!("{}List", kind.name), "apiVersion": kind.api_version(), "metadata": meta, "items": items})
            }
        }
    }

    /// An answer with this value.
    pub(super) fn answer(self, code: StatusCode, value: &Value) -> Response {
        if self == Self::Whole(Encoding::Yaml) {
            let text = serde_yaml::to_string(value).unwrap_or_default();
            return (code, [(header::CONTENT_TYPE, "application/yaml")], text).into_response();
        }
        json_answer(code, value)
    }
}

/// An answer in JSON.
pub(super) fn json_answer(code: StatusCode, value: &Value) -> Response {
    (code, [(header::CONTENT_TYPE, "application/json")], Body::from(format!("{value}\n"))).into_response()
}

/// Whether the client wants discovery in one piece; the version that it names first.
pub(super) fn aggregated_discovery(headers: &HeaderMap) -> Option<&'static str> {
    accepted(headers).iter().find_map(|media| {
        if media.name != "application/json" {
            return None;
        }
        match (media.parameter("as"), media.parameter("v")) {
            (Some("APIGroupDiscoveryList"), Some("v2")) => Some(Some("v2")),
            (Some("APIGroupDiscoveryList"), Some("v2beta1")) => Some(Some("v2beta1")),
            (Some(_), _) => None,
            (None, _) => Some(None),
        }
    })?
}

/// The object with its type first, whether it was stored with it or not.
pub(super) fn typed(kind: &Kind, object: Value) -> Value {
    let mut typed = json!({"kind": kind.name, "apiVersion": kind.api_version()});
    let mut object = object;
    if !kind.has_generation()
        && let Some(meta) = object["metadata"].as_object_mut()
    {
        meta.shift_remove("generation");
    }
    if let (Value::Object(fields), Some(all)) = (object, typed.as_object_mut()) {
        for (name, value) in fields {
            if name != "kind" && name != "apiVersion" {
                all.insert(name, value);
            }
        }
    }
    typed
}

/// An object inside a list: those of built-in kinds do not repeat their type.
fn listed(kind: &Kind, object: Value) -> Value {
    let mut object = typed(kind, object);
    if kind.origin == Origin::BuiltIn
        && let Some(fields) = object.as_object_mut()
    {
        fields.shift_remove("kind");
        fields.shift_remove("apiVersion");
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(accept: &str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Form::of(&headers).ok()
    }

    #[test]
    fn the_first_known_form_wins() {
        assert_eq!(form("application/json;as=Table;v=v1;g=meta.k8s.io,application/json"), Some(Form::Table));
        let protobuf_first = "application/vnd.kubernetes.protobuf, application/json";
        assert_eq!(form(protobuf_first), Some(Form::Whole(Encoding::Json)));
        assert_eq!(form("application/yaml"), Some(Form::Whole(Encoding::Yaml)));
        assert_eq!(form("application/vnd.kubernetes.protobuf"), None);
    }
}
