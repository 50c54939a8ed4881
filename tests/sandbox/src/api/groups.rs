//! Which API groups a cluster serves. There is no list of them: a group of custom resources is there when its
//! `CustomResourceDefinitions` are, and an aggregated one when its `APIService` is, exactly as in a real cluster.

use serde_json::{Value, json};

use super::definitions;
use super::kinds::{self, Kind, Origin};
use crate::store::{Key, Store, now};

/// Whether a group is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It works.
    Served,
    /// It was never installed: 404.
    Absent,
    /// Aggregated, but its server is down: 503, and discovery calls it stale.
    Broken,
}

/// The API groups of one cluster.
#[derive(Clone)]
pub struct Groups {
    store: Store,
}

impl Groups {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Installs or removes a group, or breaks one that is aggregated. Groups that are built in stay as they are.
    pub fn set(&self, group: &str, availability: Availability) {
        for kind in kinds::all().filter(|kind| kind.group == group && kind.origin != Origin::BuiltIn) {
            let service = definitions::service_key(kind);
            if availability == Availability::Absent {
                if kind.origin == Origin::Custom {
                    self.store.delete(&definitions::key(kind)).ok();
                }
                self.store.delete(&service).ok();
                continue;
            }
            if kind.origin == Origin::Custom {
                self.store.create(&definitions::key(kind), definitions::definition(kind)).ok();
            }
            self.store.create(&service, definitions::service(kind)).ok();
            if kind.origin == Origin::Aggregated {
                let conditions = json!([available(availability)]);
                self.store.modify(&service, None, |object| object["status"]["conditions"] = conditions).ok();
            }
        }
    }

    /// Whether a group is served.
    pub fn get(&self, group: &str) -> Availability {
        let mut kinds = kinds::all().filter(|kind| kind.group == group).map(|kind| self.kind(kind));
        kinds.find(|availability| *availability != Availability::Absent).unwrap_or(Availability::Absent)
    }

    /// Group and version of the APIs that somebody else is to serve, by an `APIService` that was written by hand. There
    /// is nobody in a sandbox who could.
    pub(super) fn foreign(&self) -> Vec<(String, String)> {
        let services = self.store.list("apiregistration.k8s.io", "apiservices", None).0;
        services
            .iter()
            .filter(|service| is_foreign(service))
            .map(|service| {
                let text = |field: &str| service["spec"][field].as_str().unwrap_or_default().to_owned();
                (text("group"), text("version"))
            })
            .collect()
    }

    /// Says of the APIs that somebody else is to serve why they are not.
    pub(super) fn look_after(&self) {
        for service in self.store.list("apiregistration.k8s.io", "apiservices", None).0 {
            let wanted = &service["spec"]["service"];
            let (Some(namespace), Some(name)) = (wanted["namespace"].as_str(), wanted["name"].as_str())
            else {
                continue;
            };
            if !is_foreign(&service) {
                continue;
            }
            let there = self.store.get(&Key::namespaced("", "services", namespace, name)).is_some();
            let (reason, message) = if there {
                (
                    "MissingEndpoints",
                    format!("endpoints for service/{name} in {namespace:?} have no addresses"),
                )
            } else {
                ("ServiceNotFound", format!("service/{name} in {namespace:?} is not present"))
            };
            let known = &service["status"]["conditions"][0];
            if known["reason"] == reason && known["message"] == message.as_str() {
                continue;
            }
            let conditions = json!([condition("False", reason, &message)]);
            let key = super::lifecycle::key_in("apiregistration.k8s.io", "apiservices", &service);
            self.store.modify(&key, None, |object| object["status"]["conditions"] = conditions).ok();
        }
    }

    /// Whether a kind is served.
    pub(super) fn kind(&self, kind: &Kind) -> Availability {
        let found = |key: &Key| self.store.get(key);
        match kind.origin {
            Origin::BuiltIn => Availability::Served,
            Origin::Custom => match found(&definitions::key(kind)) {
                Some(_) => Availability::Served,
                None => Availability::Absent,
            },
            Origin::Aggregated => match found(&definitions::service_key(kind)) {
                None => Availability::Absent,
                Some(service) if is_available(&service) => Availability::Served,
                Some(_) => Availability::Broken,
            },
        }
    }
}

/// Whether it is an API that the table does not know, behind a Service.
fn is_foreign(service: &Value) -> bool {
    service["spec"]["service"].is_object() && !kinds::all().any(|kind| service["spec"]["group"] == kind.group)
}

fn is_available(service: &Value) -> bool {
    let conditions = service["status"]["conditions"].as_array();
    !conditions.into_iter().flatten().any(|c| c["type"] == "Available" && c["status"] != "True")
}

/// The condition of an `APIService`.
pub(super) fn available(availability: Availability) -> Value {
    let (status, reason, message) = if availability == Availability::Broken {
        let message =
            "endpoints for service/packaging-api in \"tkg-system\" have no addresses with port name \"\"";
        ("False", "MissingEndpoints", message)
    } else {
        ("True", "Passed", "all checks passed")
    };
    condition(status, reason, message)
}

fn condition(status: &str, reason: &str, message: &str) -> Value {
    json!({"type": "Available", "status": status, "reason": reason, "message": message, "lastTransitionTime": now()})
}
