//! Label and field selectors: which objects of a list are meant.

use serde_json::Value;

use super::kinds::Kind;
use super::labels::{self, Requirement};
use super::request::Params;
use super::status::Failure;

/// The objects that a request is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    labels: Vec<Requirement>,
    fields: Fields,
}

impl Selector {
    /// The selectors of a request.
    pub(super) fn of(kind: &Kind, params: &Params) -> Result<Self, Failure> {
        let labels = params.get("labelSelector").map(labels::parse).transpose()?.unwrap_or_default();
        let fields = params.get("fieldSelector").map(Fields::parse).transpose()?.unwrap_or_default();
        for (field, _, _) in &fields.0 {
            if !known(kind, field) {
                return Err(Failure::bad_request(format!("field label not supported: {field}")));
            }
        }
        Ok(Self { labels, fields })
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        self.labels.iter().all(|requirement| requirement.holds(labels)) && self.fields.hold(object)
    }
}

fn known(kind: &Kind, field: &str) -> bool {
    match field {
        "metadata.name" => true,
        "metadata.namespace" => kind.namespaced(),
        _ => match kind.name {
            "Pod" => [
                "spec.nodeName",
                "status.phase",
                "status.podIP",
                "spec.serviceAccountName",
                "spec.restartPolicy",
            ]
            .contains(&field),
            "Namespace" => field == "status.phase",
            "Node" => field == "spec.unschedulable",
            "Secret" | "Event" if field == "type" => true,
            "Event" => {
                field.starts_with("involvedObject.")
                    || ["reason", "source", "reportingComponent"].contains(&field)
            }
            "Package" => ["spec.refName", "spec.version"].contains(&field),
            _ => false,
        },
    }
}

/// Requirements on fields: path, whether it has to be equal, value.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, Wanted, String)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Equal,
    Different,
}

impl Fields {
    fn parse(text: &str) -> Result<Self, Failure> {
        let parts = text.split(',').filter(|part| !part.is_empty()).map(|part| {
            let found = [("!=", Wanted::Different), ("==", Wanted::Equal), ("=", Wanted::Equal)]
                .into_iter()
                .find_map(|(sign, wanted)| {
                    part.split_once(sign).map(|(field, value)| (field, wanted, value))
                });
            match found {
                Some((field, wanted, value)) => {
                    Ok((field.trim().to_owned(), wanted, value.replace('\\', "")))
                }
                None => Err(Failure::bad_request(format!(
                    "invalid selector: '{text}'; can't understand '{part}'"
                ))),
            }
        });
        parts.collect::<Result<_, _>>().map(Self)
    }

    /// The name that a field selector asks for, if it does.
    pub(super) fn name_of(text: &str) -> Option<String> {
        let fields = Self::parse(text).ok()?;
        fields.0.into_iter().find(|(f, w, _)| f == "metadata.name" && *w == Wanted::Equal).map(|(_, _, v)| v)
    }

    fn hold(&self, object: &Value) -> bool {
        self.0.iter().all(|(field, wanted, value)| {
            let found = object.pointer(&format!("/{}", field.replace('.', "/")));
            let text = match found {
                Some(Value::String(text)) => text.clone(),
                None | Some(Value::Null) => String::new(),
                Some(other) => other.to_string(),
            };
            (text == *value) == (*wanted == Wanted::Equal)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn field_selectors() {
        let object = json!({"metadata": {"name": "a"}, "status": {"phase": "Running"}});
        assert!(Fields::parse("metadata.name=a,status.phase!=Pending").unwrap().hold(&object));
        assert!(!Fields::parse("metadata.name=b").unwrap().hold(&object));
        assert_eq!(Fields::name_of("metadata.name=a").as_deref(), Some("a"));
    }
}
