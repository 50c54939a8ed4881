//! Who may write to a hub: the door that it has, and who is let in.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::draft::Draft;
use super::step::{Action, Line, Sign, Step, TextChange};
use crate::domain::{ClusterName, Fqdn, bundle, certificates};
use crate::error::{Error, Result};
use crate::package::{
    Door, FoundOverlay, Maker, Names, OVERLAY_KEY, ObjectKind, ObjectRef, Public, Shown, WRITE_URL,
};

/// How a hub knows who writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// As it does; a hub that gets its ingress now gets a door with it.
    #[default]
    Keep,
    /// Not at all: whoever reaches it may write as any cluster.
    None,
    /// By the certificates that agents show at a host name of the hub's own for writing.
    Certificates,
}

/// What is wanted of the door.
#[derive(Clone, Debug, Default)]
pub struct DoorWish {
    pub auth: Auth,
    /// The host name that agents write to, if not the one beside the hub's.
    pub host: Option<Fqdn>,
    /// A certificate that nobody has the key of: a door without any would be no valid one.
    pub nobody: String,
    /// The clusters that write.
    pub members: BTreeSet<String>,
    pub guests: Guests,
}

/// What becomes of those who write without a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guests {
    /// The hub's public name takes their writes until all have one.
    #[default]
    WaitedFor,
    ShutOut,
}

/// Plans the door of a hub whose values are as they will be. `begins` says that the ingress is new with this plan.
pub(super) fn door(draft: &mut Draft, wish: &DoorWish, begins: bool) -> Result<()> {
    let ours = draft.target.overlay.as_ref().filter(|found| found.maker == Maker::Us);
    let found = ours.and_then(|found| Door::read(&found.text));
    match wish.auth {
        Auth::None => {
            if let Some(found) = found {
                draft.say(Sign::Removed, "door", format!("anybody who reaches {} may write", found.host));
                draft.no_overlay();
                draft.unnote(WRITE_URL);
            }
            return Ok(());
        }
        Auth::Keep if found.is_none() && !begins => return Ok(()),
        Auth::Keep | Auth::Certificates => {}
    }
    let text = |path: &[&str]| {
        draft.target.values.get(path).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    if draft.target.values.get(&["ingress", "enabled"]) != Some(Value::Bool(true)) {
        return Err(Error::usage("the hub has no ingress that could ask agents for certificates")
            .because("--auth mtls is done by Contour, at a host name of its own")
            .hint("add --fqdn HOST, or --auth none where something else asks who writes"));
    }
    let own: Fqdn = text(&["ingress", "virtual_host_fqdn"]).parse().map_err(|invalid| {
        Error::usage("the values have no host name for the ingress").because(format!("{invalid}"))
    })?;
    let host = wish.host.clone().or_else(|| found.as_ref().map(|found| found.host.clone()));
    let host = host.or_else(|| Door::host_beside(&own)).ok_or_else(|| {
        Error::usage(format!("there is no host name beside {own}")).hint("name one with --write-fqdn HOST")
    })?;
    if host == own {
        return Err(Error::usage(format!("agents cannot write to {own} itself"))
            .because("Contour asks for a certificate whoever comes to a host name, people with browsers too")
            .hint("name another one with --write-fqdn HOST"));
    }
    let shown = shown(&text(&["ingress", "tlsCertificate", "tls.crt"]), &host)?;
    let port = draft.target.values.get(&["ingress", "prometheusServicePort"]).and_then(|port| port.as_u64());
    let clients = found.as_ref().map_or(&wish.nobody, |found| &found.clients).clone();
    let known = names(&clients);
    let lacking: Vec<_> = wish.members.iter().filter(|name| !known.contains(*name)).cloned().collect();
    let prefix = text(&["ingress", "prometheus_prefix"]);
    let public = if lacking.is_empty() || wish.guests == Guests::ShutOut {
        Public::Closed { prefix: if prefix.is_empty() { "/".to_owned() } else { prefix } }
    } else {
        draft.warn(format!(
            "{} without a certificate: {own} goes on taking writes from anybody until they have joined again, and this is run again",
            match &lacking[..] {
                [one] => format!("{one} writes"),
                all => format!("{} write", all.join(", ")),
            }
        ));
        Public::Open
    };
    let door = Door {
        path: format!("{}/api/v1/write", prefix_of_receiver(draft)?),
        host,
        clients,
        port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(80),
        shown,
        public,
    };
    told(draft, found.as_ref(), &door, &own);
    draft.overlay(door.overlay());
    draft.annotate(WRITE_URL, door.url());
    draft.target.door = Some(door);
    Ok(())
}

fn told(draft: &mut Draft, before: Option<&Door>, door: &Door, own: &Fqdn) {
    if before == Some(door) {
        return;
    }
    let sign = if before.is_none() { Sign::Added } else { Sign::Changed };
    draft.say(sign, "door", format!("agents write to {} and show a certificate", door.host));
    let was_closed = before.is_some_and(|before| before.public != Public::Open);
    if door.public != Public::Open && !was_closed {
        draft.say(Sign::Removed, "door", format!("{own} takes no writes"));
    }
}

/// Whose certificate the door shows. One that the values bring has to have the name.
fn shown(given: &str, host: &Fqdn) -> Result<Shown> {
    if given.trim().is_empty() {
        return Ok(Shown::Issued);
    }
    if certificates(given.as_bytes()).first().is_some_and(|certificate| certificate.is_for(host.as_str())) {
        return Ok(Shown::Given);
    }
    Err(Error::usage(format!("the certificate in the values is not for {host}"))
        .because("ingress.tlsCertificate has to have the host name that agents write to as well")
        .hint("name one that it has with --write-fqdn HOST, or give the values a certificate for both"))
}

/// What the receiver's path begins with, as the arguments say.
fn prefix_of_receiver(draft: &Draft) -> Result<String> {
    let args = draft.target.values.args()?;
    let external = || args.value("web.external-url").and_then(|url| url.split_once("://")?.1.split_once('/'));
    let prefix = args.value("web.route-prefix").or_else(|| external().map(|(_, path)| path));
    Ok(match prefix.unwrap_or_default().trim_matches('/') {
        "" => String::new(),
        prefix => format!("/{prefix}"),
    })
}

/// The clusters that a bundle lets in.
fn names(clients: &str) -> BTreeSet<String> {
    certificates(clients.as_bytes()).into_iter().map(|certificate| certificate.common_name).collect()
}

/// A certificate that is to be let in at a hub.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Of the hub's install.
    pub names: Names,
    /// The hub's overlay as it is.
    pub overlay: FoundOverlay,
    pub door: Door,
    pub cluster: ClusterName,
    /// In PEM.
    pub certificate: String,
    /// The one that the cluster shows so far: it stays, so that nothing is lost meanwhile.
    pub current: Option<String>,
}

/// The step at the hub after which the certificate is let in; `None` where it is already.
pub fn admission(wanted: &Admission) -> Option<Step> {
    let is_known = |pem: &str| bundle::blocks(&wanted.door.clients).any(|block| same(block, pem));
    if is_known(&wanted.certificate) {
        return None;
    }
    let stays = |block: &&str| {
        let certificate = certificates(block.as_bytes());
        let is_of_cluster = certificate.first().is_some_and(|one| one.common_name == wanted.cluster.as_str());
        !is_of_cluster || wanted.current.as_deref().is_some_and(|current| same(block, current))
    };
    let kept: Vec<&str> = bundle::blocks(&wanted.door.clients).filter(stays).collect();
    let clients = bundle::merged(&joined(&kept), &wanted.certificate);
    let fingerprint = certificates(wanted.certificate.as_bytes()).pop().unwrap_or_default().short();
    let line =
        Line::new(Sign::Added, "lets in", format!("{}, by the certificate {fingerprint}", wanted.cluster));
    Some(rewritten(&wanted.names, &wanted.overlay, &wanted.door, clients, line).at_hub())
}

/// Which certificates of a cluster end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    All,
    /// All but the newest one.
    Older,
}

/// The step after which certificates of a cluster are let in no more; `None` where there are none.
pub fn expulsion(
    names: &Names,
    overlay: &FoundOverlay,
    door: &Door,
    cluster: &str,
    ended: Ended,
) -> Option<Step> {
    let blocks: Vec<&str> = bundle::blocks(&door.clients).collect();
    let is_of_cluster = |block: &&str| {
        certificates(block.as_bytes()).first().is_some_and(|certificate| certificate.common_name == cluster)
    };
    // The newest stands last: it was let in last.
    let newest = blocks.iter().rposition(is_of_cluster).filter(|_| ended == Ended::Older);
    let (gone, kept): (Vec<_>, Vec<_>) =
        blocks.iter().enumerate().partition(|(at, block)| is_of_cluster(block) && Some(*at) != newest);
    if gone.is_empty() {
        return None;
    }
    let kept: Vec<&str> = kept.into_iter().map(|(_, block)| *block).collect();
    let line = match ended {
        Ended::All => Line::new(Sign::Removed, "lets in", cluster),
        Ended::Older => {
            Line::new(Sign::Removed, "lets in", format!("{cluster} by all but its newest certificate"))
        }
    };
    Some(rewritten(names, overlay, door, joined(&kept), line))
}

fn joined(blocks: &[&str]) -> String {
    blocks.iter().flat_map(|block| [block, "\n"]).collect()
}

/// The step that gives the hub's overlay other certificates.
fn rewritten(names: &Names, overlay: &FoundOverlay, door: &Door, clients: String, line: Line) -> Step {
    let (before, after) = (overlay.text.clone(), Door { clients, ..door.clone() }.overlay());
    let patch = json!({
        "metadata": {"resourceVersion": overlay.resource_version},
        "stringData": {OVERLAY_KEY: after},
    });
    let texts = vec![TextChange { title: OVERLAY_KEY.to_owned(), before, after }];
    let object = ObjectRef {
        kind: ObjectKind::Secret,
        namespace: Some(names.namespace.clone()),
        name: names.overlay_secret(),
    };
    Step::new(object, Action::Update { patch, texts }, vec![line])
}

fn same(one: &str, other: &str) -> bool {
    let bare = |pem: &str| {
        bundle::blocks(pem).flat_map(str::chars).filter(|c| !c.is_whitespace()).collect::<String>()
    };
    bare(one) == bare(other)
}
