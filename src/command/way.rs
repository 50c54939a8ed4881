//! The plans that lead back: to the values from before a write, or to before the package.

use super::change::Planned;
use super::observe::{around, names, of_install};
use super::site::{Wanted, find_install, no_install};
use crate::cli::Rollback;
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::history::{History, Verb};
use crate::package::{Names, ServiceAccountChoice};
use crate::plan::{Moves, NoWayBack, Observed, Others, PackageWish, Plan, plan_back, plan_removal};

/// Where going back leads: found out once, so that beginning anew leads to the same place.
pub(super) struct Way {
    pub(super) install: String,
    pub(super) revision: u32,
}

impl Way {
    pub(super) async fn of_rollback(cluster: &Cluster, args: &Rollback) -> Result<Self> {
        let context = cluster.context();
        let (names, observed) = seen(cluster, args.name.as_deref()).await?;
        let history = observed.history.known()?;
        let newest = observed.happened()?.last().map(|record| record.revision);
        let revision = args.revision.or(newest).ok_or_else(|| {
            Error::failed(format!("promfed keeps no values of context {context:?} to go back to"))
                .because("it has written none, or they are gone")
        })?;
        let record = history.find(revision).ok_or_else(|| {
            Error::usage(format!("there is no revision {revision}"))
                .hint(format!("kubectl promfed history --context {context}"))
        })?;
        if record.installed() {
            let error = Error::usage(format!("before revision {revision} there was no package"))
                .because("going back to that is to delete what promfed installed");
            return Err(match record.verb {
                Verb::AgentJoin => error.hint(format!("kubectl promfed agent leave --context {context}")),
                _ => error.hint(format!("kubectl promfed hub init --undo --context {context}")),
            });
        }
        Ok(Self { install: names.install, revision })
    }

    /// The plan that leads there from what is there now.
    pub(super) async fn plan(&self, cluster: &Cluster, others: Others) -> Result<Planned, NoWayBack> {
        let (names, mut observed) = seen(cluster, Some(&self.install)).await?;
        observed.around = around(cluster, &names).await.map_err(Error::from)?;
        let back = plan_back(&as_it_is(&observed), &observed, self.revision, others)?;
        let context = cluster.context();
        let title = format!(
            "Taking context {context:?} back to before revision {}: {}",
            self.revision,
            back.0.title()
        );
        Ok(Planned::new(title, back, observed))
    }
}

/// The install with its history.
async fn seen(cluster: &Cluster, name: Option<&str>) -> Result<(Names, Observed)> {
    let install = find_install(cluster, Wanted { name, ref_name: None }).await?;
    let install = install.ok_or_else(|| no_install(cluster))?;
    let names = names(cluster, Some(&install), None);
    let observed = of_install(cluster, &names, install).await?;
    Ok((names, observed))
}

/// No other package and no other version than what is there.
fn as_it_is(observed: &Observed) -> PackageWish {
    let install = observed.installed.as_ref().map(|installed| &installed.install.metadata);
    PackageWish {
        ref_name: None,
        version: None,
        install: install.map_or("prometheus", |install| &install.name).to_owned(),
        namespace: install.map(|install| install.namespace.clone()).unwrap_or_default(),
        account: ServiceAccountChoice::ClusterAdmin,
        moves: Moves::Anyway,
    }
}

/// What deleting would take away.
pub(super) async fn removal(cluster: &Cluster, names: &Names, history: &History) -> Result<Plan> {
    Ok(plan_removal(names, &around(cluster, names).await?, history))
}
