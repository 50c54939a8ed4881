//! `kubectl promfed hub init`

use tokio::time::Instant;

use super::undo::{undo, undo_plan};
use crate::cli::{AuthMode, HubInit};
use crate::cluster::{Cluster, Presence};
use crate::command::change::Planned;
use crate::command::conclude::{About, carry_through};
use crate::command::members;
use crate::command::observe::{names, observed};
use crate::command::shell::{End, Shell};
use crate::command::site::{Wanted, find_install, ingress_url};
use crate::command::verify::ClaimedRole;
use crate::command::write::{values_file, wish};
use crate::domain::ClusterName;
use crate::error::{Error, Result};
use crate::history::Verb;
use crate::identity::Identity;
use crate::package::{Door, Names, Public, WRITE_URL};
use crate::plan::{Auth, DoorWish, Guests, HubIntent, Ingress, Observed, Target, plan_hub};
use crate::report::{Next, Outcome};

/// Makes the context the hub, and prints what came of it.
pub(in crate::command) async fn init(shell: &Shell, args: &HubInit) -> Result<End> {
    match &args.cluster_name {
        Some(name) => shell.finish(Box::pin(made(shell, args, name)).await?),
        None => undo(shell, args).await,
    }
}

/// Makes the context the hub of this name. `None` where that was only to be shown.
pub(in crate::command) async fn made(
    shell: &Shell,
    args: &HubInit,
    name: &ClusterName,
) -> Result<Option<Outcome>> {
    let deadline = Instant::now() + args.write.timeout;
    let values = values_file(&args.package)?;
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let plan = async || plan(shell, &cluster, args, name, values.clone(), deadline).await;
    let about = |planned: &Planned| About {
        member: None,
        role: ClaimedRole::Hub { name: name.clone() },
        next: Some(next(&cluster, args, &planned.target)),
        also: None,
    };
    Box::pin(carry_through(shell, &cluster, Verb::HubInit, &args.write, deadline, plan, about)).await
}

/// What hub init would change.
pub(in crate::command) async fn init_plan(shell: &Shell, args: &HubInit) -> Result<(Cluster, Planned)> {
    let Some(name) = &args.cluster_name else { return undo_plan(shell, args).await };
    let values = values_file(&args.package)?;
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let planned = plan(shell, &cluster, args, name, values, Instant::now() + args.write.timeout).await?;
    Ok((cluster, planned))
}

async fn plan(
    shell: &Shell,
    cluster: &Cluster,
    args: &HubInit,
    name: &ClusterName,
    values: Option<String>,
    deadline: Instant,
) -> Result<Planned> {
    let wanted = Wanted { name: args.package.name.as_deref(), ref_name: args.package.package.as_deref() };
    let (install, parts) = futures::join!(find_install(cluster, wanted), ingress_parts(cluster, args));
    parts?;
    let install = install?;
    let Names { install: place, namespace } = names(cluster, install.as_ref(), args.package.name.as_deref());
    let (members, observed) = futures::join!(
        Box::pin(members::read(cluster, &namespace, &place)),
        Box::pin(observed(shell, cluster, install, &args.package, &args.write, deadline))
    );
    let joined: Vec<_> = match members {
        Ok((_, joined)) => joined.into_keys().filter(|joined| joined != name.as_str()).collect(),
        // Whoever may not read the list of a hub that is to be cannot need it yet.
        Err(failure) if failure.is_forbidden() && !args.with_rules => Vec::new(),
        Err(failure) => return Err(failure.into()),
    };
    let observed = observed?;
    let door = DoorWish {
        auth: match args.auth {
            None => Auth::Keep,
            Some(AuthMode::Mtls) => Auth::Certificates,
            Some(AuthMode::None) => Auth::None,
        },
        host: args.write_fqdn.clone(),
        nobody: nobody(&observed, &Names::new(&place, &namespace))?,
        members: joined.iter().cloned().collect(),
        guests: if args.shut_out { Guests::ShutOut } else { Guests::WaitedFor },
    };
    let rules = args.with_rules.then_some(joined);
    let intent = HubIntent { rules, door, ..intent(args, name, values, &namespace) };
    let hub = plan_hub(&intent, &observed)?;
    let overlay = hub.0.names.overlay_secret();
    if hub.1.steps.iter().any(|step| step.object.is_secret(&overlay)) {
        can_close(cluster, hub.0.door.as_ref()).await?;
    }
    let title =
        format!("Making context {:?} the hub {:?}: {}", cluster.context(), name.as_str(), hub.0.title());
    Ok(Planned::new(title, hub, observed))
}

/// A Contour that does not know how to refuse would drop the routes that do, and with them the whole host name.
async fn can_close(cluster: &Cluster, door: Option<&Door>) -> Result<()> {
    let Some(door) = door.filter(|door| door.public != Public::Open) else { return Ok(()) };
    match cluster.schemas("projectcontour.io/v1").await? {
        Some(schemas) if !Door::can_close(&schemas) => {
            Err(Error::failed("this Contour is too old to refuse writes at the hub's public name")
                .because(format!(
                    "HTTPProxy has no directResponsePolicy, which came with Contour 1.22: agents would write to {}, and everybody else could go on writing",
                    door.host
                ))
                .hint("update the Contour package, or use --auth none"))
        }
        _ => Ok(()),
    }
}

/// The certificate that a new door knows: where a run was killed that had kept one, the same.
fn nobody(observed: &Observed, names: &Names) -> Result<String> {
    let now = observed.overlay.as_ref().map_or("", |overlay| overlay.text.as_str());
    let begun = observed.history.unwritten(Verb::HubInit, &names.overlay_secret(), now);
    begun.and_then(|text| Some(Door::read(text)?.clients)).map_or_else(Identity::nobody, Ok)
}

fn intent(args: &HubInit, name: &ClusterName, values: Option<String>, namespace: &str) -> HubIntent {
    HubIntent {
        name: name.clone(),
        ingress: match &args.fqdn {
            Some(fqdn) => Ingress::Host(fqdn.clone()),
            None if args.no_ingress => Ingress::Off,
            None => Ingress::Keep,
        },
        write_url: args.write_url.clone(),
        retention: args.retention,
        storage: args.storage.clone(),
        rules: None,
        door: DoorWish::default(),
        package: wish(&args.package, namespace),
        values,
    }
}

/// The package's ingress is made of a Contour HTTPProxy and cert-manager's certificates.
async fn ingress_parts(cluster: &Cluster, args: &HubInit) -> Result<()> {
    if args.fqdn.is_none() {
        return Ok(());
    }
    let (contour, cert_manager) =
        futures::join!(cluster.api_group("projectcontour.io/v1"), cluster.api_group("cert-manager.io/v1"));
    for (what, presence) in [("Contour (HTTPProxy)", contour?), ("cert-manager", cert_manager?)] {
        if !matches!(presence, Presence::Present) {
            return Err(Error::failed(format!("{what} is not installed, and --fqdn needs it"))
                .because("the package's ingress is an HTTPProxy with a certificate of cert-manager's")
                .hint("install the cert-manager and contour packages first, or name another way in with --write-url URL"));
        }
    }
    Ok(())
}

/// The line that makes the next cluster an agent. Where nothing tells the hub's write URL, the user has to.
fn next(cluster: &Cluster, args: &HubInit, target: &Target) -> Next {
    let context = cluster.context();
    let mut command = format!("kubectl promfed agent join --context CONTEXT --hub-context {context}");
    let noted =
        target.install.as_ref().is_some_and(|install| install.ownership.annotations.contains_key(WRITE_URL));
    if args.write_url.is_none() && !noted && ingress_url(&target.values).is_none() {
        command.push_str(" --hub-url URL");
    }
    command.push_str(" --cluster-name NAME");
    Next { why: "The hub is ready. On every other cluster:".to_owned(), command }
}
