//! What people asked for: by this a test knows which rights a command needs. One request may ask for several.

use super::{Attributes, Subject, User};

/// One question to RBAC, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// The user's name.
    pub user: String,
    pub verb: String,
    /// The API group, empty for the core group; `None` for a path outside of the groups.
    pub group: Option<String>,
    /// The resource, with its subresource as roles write it, or the path.
    pub resource: String,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub allowed: bool,
}

impl Question {
    pub(super) fn of(user: &User, attributes: &Attributes<'_>, allowed: bool) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let (group, resource, namespace, name) = match attributes.subject {
            Subject::Path(path) => (None, path.to_owned(), None, None),
            Subject::Resource { group, resource, subresource, namespace, name } => {
                let whole =
                    subresource.map_or_else(|| resource.to_owned(), |sub| format!("{resource}/{sub}"));
                (Some(group.to_owned()), whole, owned(namespace), owned(name))
            }
        };
        let (user, verb) = (user.name.clone(), attributes.verb.to_owned());
        Self { user, verb, group, resource, namespace, name, allowed }
    }
}
