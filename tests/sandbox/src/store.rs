//! The objects of one cluster: what etcd is to a real API server.
//!
//! Every write takes the next resource version, and every change is kept so that a watch can begin in the past.
//! Controllers and API handlers share one store; nobody else holds state about objects.
//!
//! A store can also be the mirror of a real API server (`mirror`): then reads are answered from what was watched, and
//! writes go there, so that the same controllers work on both.

mod mirror;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::watch;

pub use mirror::{Part, Upstream};

/// How many past changes a watch may begin behind; older ones are answered with 410.
const HISTORY: usize = 4096;

/// Which object: the plural resource name, as in a URL, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The API group; empty for the core group.
    pub group: String,
    /// The plural, lowercase resource name.
    pub resource: String,
    /// `None` for cluster-scoped objects.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
}

impl Key {
    /// An object in a namespace.
    pub fn namespaced(group: &str, resource: &str, namespace: &str, name: &str) -> Self {
        Self {
            group: group.into(),
            resource: resource.into(),
            namespace: Some(namespace.into()),
            name: name.into(),
        }
    }

    /// An object of the cluster.
    pub fn cluster(group: &str, resource: &str, name: &str) -> Self {
        Self { group: group.into(), resource: resource.into(), namespace: None, name: name.into() }
    }
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Added,
    Modified,
    Deleted,
}

/// One change, as a watch tells it.
#[derive(Clone, Debug)]
pub struct Change {
    pub kind: Kind,
    pub key: Key,
    pub object: Value,
    /// The object before; `None` when there was none.
    pub before: Option<Value>,
    pub version: u64,
}

/// Why a write was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("not found")]
    NotFound,
    #[error("already exists")]
    AlreadyExists,
    #[error("the object has been modified")]
    Conflict,
    #[error("the requested resource version is too old")]
    TooOld,
    #[error("{0}")]
    Upstream(String),
}

#[derive(Default)]
struct Inner {
    objects: BTreeMap<Key, Value>,
    history: VecDeque<Change>,
    version: u64,
    uids: u64,
}

impl Inner {
    /// The version before which nothing is known.
    fn oldest(&self) -> u64 {
        self.history.front().map_or(self.version, |change| change.version - 1)
    }
}

/// The objects of one cluster. Cheap to clone: all clones are the same store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Mutex<Inner>>,
    version: Arc<watch::Sender<u64>>,
    /// Where writes go instead.
    upstream: Option<Arc<dyn Upstream>>,
}

impl Default for Store {
    fn default() -> Self {
        Self { inner: Arc::default(), version: Arc::new(watch::Sender::new(0)), upstream: None }
    }
}

impl Store {
    /// The object, or nothing.
    pub fn get(&self, key: &Key) -> Option<Value> {
        self.lock().objects.get(key).cloned()
    }

    /// All objects of all resources.
    pub fn all(&self) -> BTreeMap<Key, Value> {
        self.lock().objects.clone()
    }

    /// All objects of a resource, in one namespace or in all, with the version of the list.
    pub fn list(&self, group: &str, resource: &str, namespace: Option<&str>) -> (Vec<Value>, u64) {
        let inner = self.lock();
        let objects = inner
            .objects
            .iter()
            .filter(|(key, _)| key.group == group && key.resource == resource)
            .filter(|(key, _)| namespace.is_none() || key.namespace.as_deref() == namespace)
            .map(|(_, object)| object.clone())
            .collect();
        (objects, inner.version)
    }

    /// The same as it was at a version.
    pub fn list_at(
        &self,
        group: &str,
        resource: &str,
        namespace: Option<&str>,
        version: u64,
    ) -> Result<Vec<Value>, Refused> {
        let inner = self.lock();
        if version < inner.oldest() {
            return Err(Refused::TooOld);
        }
        let wanted = |key: &Key| {
            key.group == group
                && key.resource == resource
                && (namespace.is_none() || key.namespace.as_deref() == namespace)
        };
        let mut then: BTreeMap<&Key, &Value> = inner.objects.iter().filter(|(key, _)| wanted(key)).collect();
        let later = inner.history.iter().rev().take_while(|change| change.version > version);
        for change in later.filter(|change| wanted(&change.key)) {
            match &change.before {
                Some(before) => then.insert(&change.key, before),
                None => then.remove(&change.key),
            };
        }
        Ok(then.into_values().cloned().collect())
    }

    /// Creates the object; gives it a UID, a creation time, a generation and a version.
    pub fn create(&self, key: &Key, mut object: Value) -> Result<Value, Refused> {
        if let Some(upstream) = &self.upstream {
            return self.created_upstream(&**upstream, key, &object);
        }
        let mut inner = self.lock();
        if inner.objects.contains_key(key) {
            return Err(Refused::AlreadyExists);
        }
        inner.uids += 1;
        object["metadata"]["uid"] = json!(uid(inner.uids));
        object["metadata"]["creationTimestamp"] = json!(now());
        object["metadata"]["generation"] = json!(1);
        Ok(self.record(&mut inner, Kind::Added, key, object))
    }

    /// Changes the object under the lock. The generation grows when anything but metadata and status did;
    /// nothing is recorded when nothing changed. With `expected`, another version of the object is a conflict.
    /// An object whose deletion was asked for is removed when its last finalizer goes.
    pub fn modify(
        &self,
        key: &Key,
        expected: Option<&str>,
        change: impl FnOnce(&mut Value),
    ) -> Result<Value, Refused> {
        if let Some(upstream) = &self.upstream {
            return self.modified_upstream(&**upstream, key, change);
        }
        let mut inner = self.lock();
        let before = inner.objects.get(key).cloned().ok_or(Refused::NotFound)?;
        if expected.is_some_and(|version| before["metadata"]["resourceVersion"] != json!(version)) {
            return Err(Refused::Conflict);
        }
        let mut after = before.clone();
        change(&mut after);
        for kept in ["uid", "creationTimestamp", "generation", "resourceVersion", "name", "namespace"] {
            if before["metadata"].get(kept).is_some() {
                after["metadata"][kept] = before["metadata"][kept].clone();
            }
        }
        if after == before {
            return Ok(after);
        }
        if substance(&after) != substance(&before) {
            let generation = before["metadata"]["generation"].as_u64().unwrap_or(1);
            after["metadata"]["generation"] = json!(generation + 1);
        }
        if !after["metadata"]["deletionTimestamp"].is_null() && finalizers(&after) == 0 {
            return Ok(self.record(&mut inner, Kind::Deleted, key, after));
        }
        Ok(self.record(&mut inner, Kind::Modified, key, after))
    }

    /// Deletes the object, or only marks it while it has finalizers.
    pub fn delete(&self, key: &Key) -> Result<Value, Refused> {
        if let Some(upstream) = &self.upstream {
            return upstream.delete(key);
        }
        self.delete_after(key, None)
    }

    /// The same, with one finalizer more: what has to be done before it goes.
    pub fn delete_after(&self, key: &Key, finalizer: Option<&str>) -> Result<Value, Refused> {
        let mut inner = self.lock();
        let mut object = inner.objects.get(key).cloned().ok_or(Refused::NotFound)?;
        if let Some(finalizer) = finalizer
            && object["metadata"]["deletionTimestamp"].is_null()
        {
            let mut list = object["metadata"]["finalizers"].as_array().cloned().unwrap_or_default();
            list.push(json!(finalizer));
            object["metadata"]["finalizers"] = json!(list);
        }
        if object["kind"] == "Namespace" && object["metadata"]["deletionTimestamp"].is_null() {
            // It is emptied first, whoever made it.
            object["spec"]["finalizers"] = json!(["kubernetes"]);
        }
        if finalizers(&object) > 0 {
            if object["metadata"]["deletionTimestamp"].is_null() {
                leave(&mut object);
                return Ok(self.record(&mut inner, Kind::Modified, key, object));
            }
            return Ok(object);
        }
        Ok(self.record(&mut inner, Kind::Deleted, key, object))
    }

    /// The changes after a version, and the version they lead up to.
    pub fn since(&self, version: u64) -> Result<(Vec<Change>, u64), Refused> {
        let inner = self.lock();
        if version < inner.oldest() {
            return Err(Refused::TooOld);
        }
        let changes = inner.history.iter().filter(|change| change.version > version).cloned().collect();
        Ok((changes, inner.version))
    }

    /// Forgets what led up to now: a watch can begin no earlier.
    pub fn forget(&self) {
        self.lock().history.clear();
    }

    /// Tells of every new version: what controllers and watches wait on.
    pub fn versions(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    fn record(&self, inner: &mut Inner, kind: Kind, key: &Key, mut object: Value) -> Value {
        object["metadata"]["resourceVersion"] = json!((inner.version + 1).to_string());
        self.note(inner, kind, key, object)
    }

    /// Keeps a change, and tells of it.
    fn note(&self, inner: &mut Inner, kind: Kind, key: &Key, object: Value) -> Value {
        inner.version += 1;
        let before = if kind == Kind::Deleted {
            inner.objects.remove(key)
        } else {
            inner.objects.insert(key.clone(), object.clone())
        };
        inner.history.push_back(Change {
            kind,
            key: key.clone(),
            object: object.clone(),
            before,
            version: inner.version,
        });
        if inner.history.len() > HISTORY {
            inner.history.pop_front();
        }
        self.version.send_replace(inner.version);
        object
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The object without what a change of which is no change of the desired state.
fn substance(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("metadata");
        fields.remove("status");
    }
    object
}

/// How much has to be done before the object may go. A namespace has a list of its own for that.
fn finalizers(object: &Value) -> usize {
    let count = |list: &Value| list.as_array().map_or(0, Vec::len);
    let own = if object["kind"] == "Namespace" { count(&object["spec"]["finalizers"]) } else { 0 };
    own + count(&object["metadata"]["finalizers"])
}

/// Marks an object whose deletion was asked for.
fn leave(object: &mut Value) {
    object["metadata"]["deletionTimestamp"] = json!(now());
    if object["kind"] == "Namespace" {
        object["status"]["phase"] = json!("Terminating");
    } else {
        let grace = object["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap_or(0);
        object["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
    }
}

/// The time as Kubernetes writes it: seconds, UTC.
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A UID that no other object of this process has.
fn uid(number: u64) -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(number);
    let high = hasher.finish();
    hasher.write_u64(high);
    let low = hasher.finish();
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}
