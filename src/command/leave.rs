//! Giving a role up: back to the values from before it was taken, or away with what was installed for it.

use tokio::time::Instant;

use super::back::{back, others, remove};
use super::change::Planned;
use super::observe::{history, names, of_install};
use super::shell::{End, Shell};
use super::site::{Wanted, desired_role, find_install, no_install};
use super::way::Way;
use crate::cli::Write;
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::history::{History, Record, Verb, origin};
use crate::package::{Names, Values};
use crate::prometheus::Role;

/// What there is to leave.
pub(super) enum Leaving {
    /// promfed installed the package, and takes it away. Without values, only what a killed run left is there.
    Installed { names: Names, history: History, values: Option<Values> },
    /// The package was there before.
    Patched(Way),
    /// There is no such role any more, or never was: what to tell.
    Nothing(Error),
}

/// What came of leaving.
pub(super) enum Left {
    Now(End),
    /// There was nothing to leave: somebody did before, maybe a run that was killed. What to tell.
    Before(Error),
}

/// Looks at what a role was taken from. `name` is that of the PackageInstall.
pub(super) async fn leaving(cluster: &Cluster, name: Option<&str>, role: Role) -> Result<Leaving> {
    let install = find_install(cluster, Wanted { name, ref_name: None }).await?;
    let names = names(cluster, install.as_ref(), name);
    let Some(install) = install else {
        // A run that was killed may have left what the package needed to go.
        let history = history(cluster, &names).await?;
        let is_ours = history.origin().is_some_and(|origin| origin.installed() && takes(origin, role));
        return Ok(if is_ours {
            Leaving::Installed { names, history, values: None }
        } else {
            Leaving::Nothing(no_install(cluster))
        });
    };
    let observed = of_install(cluster, &names, install).await?;
    let context = cluster.context();
    let origin = origin(observed.happened()?).filter(|origin| takes(origin, role));
    let sources = observed.installed.iter().flat_map(|installed| installed.sources.clone()).collect();
    let values = Values::new(serde_json::Value::Null, sources);
    if let Some(origin) = origin
        && origin.installed()
    {
        return Ok(Leaving::Installed { names, history: observed.history, values: values.ok() });
    }
    let values = values?;
    let last = observed.history.records.last().filter(|last| last.verb.leaves_a_role());
    let was_killed = last.is_some_and(|last| !observed.happened().is_ok_and(|all| all.contains(last)));
    if !was_killed && desired_role(&values) != Some(role) {
        return Ok(Leaving::Nothing(
            Error::usage(format!("context {context:?} is no {role}, so there is nothing to leave"))
                .hint(format!("kubectl promfed status --contexts {context}")),
        ));
    }
    let Some(origin) = origin else {
        return Err(Error::failed(format!(
            "promfed keeps no values from before context {context:?} became {role}"
        ))
        .because("it became one by other hands, or what was kept is gone")
        .hint(format!("kubectl promfed history --context {context}")));
    };
    Ok(Leaving::Patched(Way { install: names.install, revision: origin.revision }))
}

fn takes(record: &Record, role: Role) -> bool {
    match role {
        Role::Hub => record.verb == Verb::HubInit,
        Role::Agent => record.verb == Verb::AgentJoin,
    }
}

/// Leaves the role.
pub(super) async fn leave(
    shell: &Shell,
    cluster: &Cluster,
    name: Option<&str>,
    role: Role,
    how: &Write,
    deadline: Instant,
) -> Result<Left> {
    let verb = match role {
        Role::Hub => Verb::HubUndo,
        Role::Agent => Verb::AgentLeave,
    };
    match leaving(cluster, name, role).await? {
        Leaving::Installed { names, history, values } => {
            remove(shell, cluster, (&names, &history, values.as_ref()), how, deadline).await.map(Left::Now)
        }
        Leaving::Patched(way) => back(shell, cluster, verb, how, deadline, way).await.map(Left::Now),
        Leaving::Nothing(error) => Ok(Left::Before(error)),
    }
}

/// The plan that gives the role up.
pub(super) async fn way_back(
    cluster: &Cluster,
    name: Option<&str>,
    role: Role,
    how: &Write,
) -> Result<Planned> {
    match leaving(cluster, name, role).await? {
        Leaving::Patched(way) => Ok(way.plan(cluster, others(how)).await?),
        Leaving::Nothing(error) => Err(error),
        Leaving::Installed { .. } => Err(Error::usage(format!(
            "promfed installed the package of context {:?}: there are no values to go back to",
            cluster.context()
        ))
        .hint("add --dry-run=client to see what would be deleted")),
    }
}
