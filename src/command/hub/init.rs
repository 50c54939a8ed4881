//! `kubectl promfed hub init`

use tokio::time::Instant;

use crate::cli::HubInit;
use crate::cluster::{Cluster, Presence};
use crate::command::conclude::{Change, conclude};
use crate::command::hub::offered;
use crate::command::shell::{End, Shell};
use crate::command::site::{DEFAULT_NAMESPACE, Wanted, find_install, ingress_url, leftover, sources};
use crate::command::verify::ClaimedRole;
use crate::command::write::{Written, values_file, wish, write};
use crate::error::{Error, Result};
use crate::package::{Names, WRITE_URL};
use crate::plan::{HubIntent, Ingress, Installed, Observed, Target, plan_hub};
use crate::report::Next;

/// Makes the context the hub.
pub(in crate::command) async fn init(shell: &Shell, args: &HubInit) -> Result<End> {
    let deadline = Instant::now() + args.write.timeout;
    let values = values_file(&args.package)?;
    let cluster = Cluster::connect(&shell.connection.options()).await?;

    let observed = observe(shell, &cluster, args, deadline).await?;
    let namespace = match &observed.installed {
        Some(installed) => installed.install.metadata.namespace.clone(),
        None => new_namespace(&cluster),
    };
    let intent = intent(args, values, &namespace);
    let (target, plan) = plan_hub(&intent, &observed)?;

    let title = title(&cluster, args, &target);
    if let Written::Shown = write(shell, &cluster, &title, &plan, &args.write).await? {
        return Ok(End::Done);
    }
    let change = Change { cluster: &cluster, name: &args.cluster_name, target: &target, plan: &plan };
    let next = next(&cluster, args, &target);
    conclude(shell, &change, ClaimedRole::Hub, next, &args.write, deadline).await
}

fn intent(args: &HubInit, values: Option<String>, namespace: &str) -> HubIntent {
    HubIntent {
        name: args.cluster_name.clone(),
        ingress: match &args.fqdn {
            Some(fqdn) => Ingress::Host(fqdn.clone()),
            None if args.no_ingress => Ingress::Off,
            None => Ingress::Keep,
        },
        write_url: args.write_url.clone(),
        retention: args.retention,
        storage: args.storage.clone(),
        package: wish(&args.package, namespace),
        values,
    }
}

/// Where a new install goes.
pub(in crate::command) fn new_namespace(cluster: &Cluster) -> String {
    cluster.namespace().unwrap_or(DEFAULT_NAMESPACE).to_owned()
}

async fn observe(shell: &Shell, cluster: &Cluster, args: &HubInit, deadline: Instant) -> Result<Observed> {
    let wanted = Wanted { name: args.package.name.as_deref(), ref_name: args.package.package.as_deref() };
    let (install, ingress) = futures::join!(find_install(cluster, wanted), ingress_parts(cluster, args));
    ingress?;
    observed(shell, cluster, install?, &args.package, &args.write, deadline).await
}

/// What a plan needs to know around an install that was looked for.
pub(in crate::command) async fn observed(
    shell: &Shell,
    cluster: &Cluster,
    install: Option<crate::package::PackageInstall>,
    package: &crate::cli::PackageArgs,
    how: &crate::cli::Write,
    deadline: Instant,
) -> Result<Observed> {
    let Some(install) = install else {
        let namespace = new_namespace(cluster);
        let names = Names::new(package.name.as_deref().unwrap_or("prometheus"), &namespace);
        let secret = names.values_secret();
        let (packages, leftover) = futures::join!(
            offered(shell, cluster, &namespace, package, how, deadline),
            leftover(cluster, &namespace, &secret)
        );
        return Ok(Observed { installed: None, packages: packages?, leftover: leftover? });
    };
    let ref_name = install.spec.package_ref.ref_name.clone();
    let namespace = install.metadata.namespace.clone();
    let (sources, packages) = futures::join!(
        sources(cluster, &install),
        crate::command::site::packages(cluster, &namespace, Some(&ref_name))
    );
    Ok(Observed {
        installed: Some(Installed { install, sources: sources? }),
        packages: packages?,
        leftover: Vec::new(),
    })
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

fn title(cluster: &Cluster, args: &HubInit, target: &Target) -> String {
    format!(
        "Making context {:?} the hub {:?}: {}",
        cluster.context(),
        args.cluster_name.as_str(),
        target.title()
    )
}

/// The line that makes the next cluster an agent. Where nothing tells the hub's write URL, the user has to.
fn next(cluster: &Cluster, args: &HubInit, target: &Target) -> Next {
    let context = cluster.context();
    let mut command = format!("kubectl promfed agent join --context CONTEXT --hub-context {context}");
    let noted = target.install.as_ref().is_some_and(|install| install.annotations.contains_key(WRITE_URL));
    if args.write_url.is_none() && !noted && ingress_url(&target.values).is_none() {
        command.push_str(" --hub-url URL");
    }
    command.push_str(" --cluster-name NAME");
    Next { why: "The hub is ready. On every other cluster:".to_owned(), command }
}
