//! `--repository`: a package where none is offered.

use tokio::time::Instant;

use crate::cli::{DryRunMode, PackageArgs, Write};
use crate::cluster::{Cluster, PACKAGE_REPOSITORY, Waited};
use crate::command::shell::Shell;
use crate::command::site::packages;
use crate::command::write::{Written, write};
use crate::error::{Error, Result};
use crate::package::{Available, PackageRepository, REPOSITORY, State, package_repository};
use crate::plan::{Action, Plan, Step};

/// Who changed it meanwhile, where nobody looks.
const NOBODY: &str = "somebody else changed it";

/// The packages of a namespace; where there are none and a repository was named, those that it brings.
pub(in crate::command) async fn offered(
    shell: &Shell,
    cluster: &Cluster,
    namespace: &str,
    package: &PackageArgs,
    how: &Write,
    deadline: Instant,
) -> Result<Vec<Available>> {
    let found = packages(cluster, namespace, package.package.as_deref()).await?;
    let Some(image) = package.repository.as_deref().filter(|_| found.is_empty()) else {
        return Ok(found);
    };
    let (object, manifest) = package_repository(namespace, REPOSITORY, image);
    let step = Step::new(object, Action::Create { manifest }, Vec::new());
    let plan = Plan { steps: vec![step], ..Plan::default() };
    let title = format!("Adding a repository of packages to context {:?}: {image}", cluster.context());
    if how.dry_run != DryRunMode::None {
        write(shell, cluster, None, &title, &plan, how, deadline)
            .await
            .map_err(|stopped| stopped.error(NOBODY))?;
        return Err(Error::failed("the rest cannot be planned before the repository is there")
            .because("its packages, with their defaults, are not known yet"));
    }
    match write(shell, cluster, None, &title, &plan, how, deadline)
        .await
        .map_err(|stopped| stopped.error(NOBODY))?
    {
        Written::Shown => return Ok(found),
        Written::Done => {}
    }
    fetched(shell, cluster, namespace, deadline).await?;
    Ok(packages(cluster, namespace, package.package.as_deref()).await?)
}

/// Waits until kapp-controller has fetched the repository.
async fn fetched(shell: &Shell, cluster: &Cluster, namespace: &str, deadline: Instant) -> Result<()> {
    use std::ops::ControlFlow;
    shell.ui.progress().set(
        &format!("fetching on {}", cluster.context()),
        &format!("waiting for PackageRepository {REPOSITORY}"),
    );
    let waited = cluster
        .wait_for(&PACKAGE_REPOSITORY, Some(namespace), REPOSITORY, deadline, |object| {
            let repository =
                object.and_then(|object| serde_json::from_value::<PackageRepository>(object).ok());
            match repository.map(|repository| repository.state()) {
                Some(State::Succeeded) => ControlFlow::Break(Ok(())),
                Some(state) if state.is_a_hiccup() => ControlFlow::Continue(()),
                Some(State::Failed(message)) => ControlFlow::Break(Err(message)),
                _ => ControlFlow::Continue(()),
            }
        })
        .await?;
    shell.ui.progress().clear();
    let hint = format!(
        "kubectl get packagerepository --context {} -n {namespace} {REPOSITORY} -o yaml",
        cluster.context()
    );
    match waited {
        Waited::Done(Ok(())) => Ok(()),
        Waited::Done(Err(message)) => {
            Err(Error::failed("the repository cannot be fetched").because(message).hint(hint))
        }
        Waited::TimedOut { .. } => {
            Err(Error::unreachable("the repository was not fetched in time").hint(hint))
        }
    }
}
