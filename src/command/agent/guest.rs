//! An agent as its hub knows it: by the certificate that it shows.

use std::time::{SystemTime, UNIX_EPOCH};

use secrecy::SecretString;

use super::login::Credentials;
use crate::cluster::Cluster;
use crate::command::observe;
use crate::domain::{ClusterName, bundle, certificates};
use crate::error::Result;
use crate::history::Verb;
use crate::identity::Identity;
use crate::package::{Door, FoundOverlay, Mounted, MountedFile, Names};
use crate::plan::{Admission, Step, admission};

/// A certificate that ends sooner than in this many days is made anew by the next join.
const RENEWED_BEFORE: i64 = 30;

/// The door of a hub that can be written to.
pub(super) struct HubDoor {
    pub(super) hub: Cluster,
    /// Of the hub's install.
    pub(super) names: Names,
    pub(super) overlay: FoundOverlay,
    pub(super) door: Door,
}

/// What the agent will show.
pub(super) struct Guest {
    identity: Identity,
    /// The certificate that it shows so far.
    current: Option<String>,
}

impl HubDoor {
    /// Looks whether a hub has one.
    pub(super) async fn look(hub: &Cluster, names: &Names) -> Result<Option<Self>> {
        let Some(overlay) = observe::overlay(hub, names).await? else { return Ok(None) };
        let door = Door::read(&overlay.text);
        Ok(door.map(|door| Self { hub: hub.clone(), names: names.clone(), overlay, door }))
    }

    /// Looks again.
    async fn again(&self) -> Result<Option<Self>> {
        Self::look(&self.hub, &self.names).await
    }
}

/// An agent before a door that others go through at the same time.
pub(in crate::command) struct Admitting {
    pub(super) door: HubDoor,
    pub(super) guest: Guest,
    pub(super) name: ClusterName,
}

impl Admitting {
    pub(in crate::command) fn hub(&self) -> &Cluster {
        &self.door.hub
    }

    /// What has to be written at the hub, as it is now, before the agent is let in. `None` when it is already.
    pub(in crate::command) async fn step(&self) -> Result<Option<Step>> {
        let Some(HubDoor { names, overlay, door, .. }) = self.door.again().await? else { return Ok(None) };
        let certificate = self.guest.identity.certificate.clone();
        let (cluster, current) = (self.name.clone(), self.guest.current.clone());
        Ok(admission(&Admission { names, overlay, door, cluster, certificate, current }))
    }
}

impl Guest {
    /// Who the agent is by what it mounts already, or a new one where the hub does not know that, or it ends soon.
    pub(super) async fn of(
        agent: &Cluster,
        names: &Names,
        door: &HubDoor,
        name: &ClusterName,
    ) -> Result<Self> {
        let (overlay, history) =
            futures::join!(observe::overlay(agent, names), observe::history(agent, names));
        let (now, history) = (overlay?.map(|overlay| overlay.text).unwrap_or_default(), history?);
        let mounted = Mounted::read(&now);
        let current = mounted.get(MountedFile::Certificate);
        if let Some(begun) = history.unwritten(Verb::AgentJoin, &names.overlay_secret(), &now)
            && let Some(identity) = shown(&Mounted::read(begun))
            && is_of(&identity, name)
            && lasts(&identity.certificate)
        {
            return Ok(Self { identity, current: current.map(str::to_owned) });
        }
        if let Some(identity) = shown(&mounted)
            && is_known(&door.door, &identity.certificate)
            && lasts(&identity.certificate)
        {
            return Ok(Self { identity, current: None });
        }
        Ok(Self { identity: Identity::generate(name)?, current: current.map(str::to_owned) })
    }

    /// The same, for the agent's configuration.
    pub(super) fn credentials(&self) -> Credentials {
        let Identity { certificate, key } = self.identity.clone();
        Credentials::of_certificate(certificate, key)
    }
}

/// Who mounts these files.
fn shown(mounted: &Mounted) -> Option<Identity> {
    let (certificate, key) = (mounted.get(MountedFile::Certificate)?, mounted.get(MountedFile::Key)?);
    Some(Identity { certificate: certificate.to_owned(), key: SecretString::from(key.to_owned()) })
}

/// Whether it names this cluster: a run that was killed may have had another in mind.
fn is_of(identity: &Identity, name: &ClusterName) -> bool {
    certificates(identity.certificate.as_bytes()).iter().all(|one| one.common_name == name.as_str())
}

fn is_known(door: &Door, certificate: &str) -> bool {
    let own = certificates(certificate.as_bytes()).pop();
    own.is_some_and(|own| certificates(door.clients.as_bytes()).contains(&own))
}

fn lasts(certificate: &str) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let end = i64::try_from(now).unwrap_or(i64::MAX).saturating_add(RENEWED_BEFORE * 86_400);
    bundle::blocks(certificate).count() == 1
        && certificates(certificate.as_bytes()).iter().all(|one| one.not_after > end)
}
