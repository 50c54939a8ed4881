//! `kubectl promfed hub credentials …`: whom the hub lets in.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use tokio::time::Instant;

use super::invite::{Newcomer, invite};
use crate::cli::{Credentials, Invite, Revoke};
use crate::cluster::{Cluster, DryRun, SECRET};
use crate::command::apply::{Stopped, apply};
use crate::command::observe;
use crate::command::shell::{End, Shell};
use crate::command::site::{Site, Wanted};
use crate::domain::{ClusterName, certificates};
use crate::error::{Error, Result};
use crate::package::{CLIENTS, Door, FoundOverlay, Names, Public};
use crate::plan::{Ended, Plan, Step, expulsion};
use crate::report::{CredentialRow, CredentialsView};
use crate::ui::Answer;

/// How often a write is tried when others write at the same time: one of them has written each time.
const TRIES: usize = 100;
/// How often the hub is asked whether it lets somebody in.
const PAUSE: Duration = Duration::from_millis(500);

/// Runs one of the commands.
pub(in crate::command) async fn credentials(shell: &Shell, what: &Credentials) -> Result<End> {
    match what {
        Credentials::List => list(shell).await,
        Credentials::Create(args) => invite(shell, &args.name, &args.file, Newcomer::First).await,
        Credentials::Rotate(Invite { name, file }) => invite(shell, name, file, Newcomer::Again).await,
        Credentials::Revoke(args) => revoke(shell, args).await,
    }
}

/// The hub of the context.
pub(super) struct Hub {
    pub(super) cluster: Cluster,
    pub(super) site: Site,
    pub(super) names: Names,
}

impl Hub {
    pub(super) async fn of(shell: &Shell) -> Result<Self> {
        let cluster = Cluster::connect(&shell.connection.options()).await?;
        let site = Site::require(&cluster, Wanted::default()).await?;
        let own = &site.installed.install.metadata;
        let names = Names::new(&own.name, &own.namespace);
        Ok(Self { cluster, site, names })
    }

    /// Its door, as it is now.
    pub(super) async fn door(&self) -> Result<Option<(FoundOverlay, Door)>> {
        let overlay = observe::overlay(&self.cluster, &self.names).await?;
        Ok(overlay.and_then(|overlay| Some((overlay.clone(), Door::read(&overlay.text)?))))
    }

    pub(super) async fn require_door(&self) -> Result<(FoundOverlay, Door)> {
        self.door().await?.ok_or_else(|| {
            let context = self.cluster.context();
            let name = self.site.cluster_name().unwrap_or_else(|| "NAME".to_owned());
            Error::failed(format!("the hub on context {context:?} asks nobody for a certificate"))
                .because("whoever reaches it may write as any cluster")
                .hint(format!(
                    "kubectl promfed hub init --context {context} --cluster-name {name} --auth mtls"
                ))
        })
    }

    /// Writes a step that is made from what is there, again where somebody else wrote meanwhile; and gives the door as
    /// it is then. `None` when there was nothing to write.
    pub(super) async fn write(
        &self,
        shell: &Shell,
        step: impl Fn(&FoundOverlay, &Door) -> Result<Option<Step>>,
    ) -> Result<Option<Door>> {
        let made = async || {
            let (overlay, door) = self.require_door().await?;
            step(&overlay, &door)
        };
        if write_again(&self.cluster, shell, made).await? == Writing::NothingToDo {
            return Ok(None);
        }
        Ok(self.door().await?.map(|(_, door)| door))
    }

    /// Waits until Contour verifies a cluster by what was written of it. Others may have written since.
    pub(super) async fn until_deployed(
        &self,
        shell: &Shell,
        door: &Door,
        cluster: &str,
        timeout: Duration,
    ) -> Result<()> {
        let of_cluster = |pem: &[u8]| {
            let all = certificates(pem).into_iter();
            all.filter(|one| one.common_name == cluster).collect::<Vec<_>>()
        };
        let wanted = of_cluster(door.clients.as_bytes());
        let deadline = Instant::now() + timeout;
        let stage = format!("deploying on {}", self.cluster.context());
        loop {
            let secret: Option<Secret> =
                self.cluster.get(&SECRET, Some(&self.site.workloads), CLIENTS).await?;
            let deployed = secret.and_then(|secret| secret.data?.remove("ca.crt"));
            if deployed.is_some_and(|pem| of_cluster(&pem.0) == wanted) {
                shell.ui.progress().clear();
                return Ok(());
            }
            if Instant::now() >= deadline {
                shell.ui.progress().clear();
                return Err(Error::unreachable("the hub's package does not deploy the change in time")
                    .because("it is written, and counts from its next reconcile on")
                    .hint(format!("kubectl promfed check --context {}", self.cluster.context())));
            }
            shell.ui.progress().set(&stage, "waiting for the package to deploy it");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn list(shell: &Shell) -> Result<End> {
    let hub = Hub::of(shell).await?;
    let (_, door) = hub.require_door().await?;
    shell.print(&CredentialsView {
        context: hub.cluster.context().to_owned(),
        url: door.url(),
        public: if door.public == Public::Open { "open" } else { "closed" },
        items: CredentialRow::of(&certificates(door.clients.as_bytes())),
        now: Timestamp::now(),
    })?;
    Ok(End::Done)
}

async fn revoke(shell: &Shell, args: &Revoke) -> Result<End> {
    let hub = Hub::of(shell).await?;
    let name = args.name.as_str();
    let ended = if args.older { Ended::Older } else { Ended::All };
    let step = |overlay: &FoundOverlay, door: &Door| Ok(expulsion(&hub.names, overlay, door, name, ended));
    let (overlay, door) = hub.require_door().await?;
    if expulsion(&hub.names, &overlay, &door, name, ended).is_none() {
        return Err(Error::usage(format!("the hub has no certificate of {name:?} to revoke"))
            .hint(format!("kubectl promfed hub credentials list --context {}", hub.cluster.context())));
    }
    let question = match ended {
        Ended::All => {
            format!("Let {name} in no more? What it cannot send waits in its buffer, and is lost then.")
        }
        Ended::Older => format!("Let {name} in by its newest certificate only?"),
    };
    if !args.yes && shell.ui.confirm(&question).await? == Answer::No {
        return Err(Error::failed("nothing was changed").because("the answer was no"));
    }
    if let Some(door) = hub.write(shell, step).await? {
        hub.until_deployed(shell, &door, name, args.timeout).await?;
    }
    list(shell).await
}

/// Lets a cluster in no more that left. That it cannot be written is for the caller to tell.
pub(in crate::command) async fn forget(
    hub: &Cluster,
    names: &Names,
    name: &ClusterName,
    shell: &Shell,
) -> Result<()> {
    let made = async || {
        let Some(overlay) = observe::overlay(hub, names).await? else { return Ok(None) };
        let door = Door::read(&overlay.text);
        Ok(door.and_then(|door| expulsion(names, &overlay, &door, name.as_str(), Ended::All)))
    };
    write_again(hub, shell, made).await.map(drop)
}

/// What became of a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writing {
    Written,
    NothingToDo,
}

/// Writes the step that `made` makes from what is there; where somebody else wrote meanwhile, from what is there then.
async fn write_again(
    hub: &Cluster,
    shell: &Shell,
    made: impl AsyncFn() -> Result<Option<Step>>,
) -> Result<Writing> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut tries = 1;
    loop {
        let Some(step) = made().await? else { return Ok(Writing::NothingToDo) };
        let plan = Plan { steps: vec![step], ..Plan::default() };
        match apply(hub, None, &plan, DryRun::Off, &shell.ui, deadline).await {
            Ok(()) => return Ok(Writing::Written),
            Err(Stopped::Meanwhile(_) | Stopped::Crowded(_)) if tries < TRIES => tries += 1,
            Err(stopped) => return Err(stopped.error("somebody else changed it")),
        }
    }
}
