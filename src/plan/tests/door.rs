//! Who may write to a hub.

use super::mounting::{author, written};
use super::*;
use crate::domain::{NOBODY, bundle, certificates};
use crate::identity::Identity;
use crate::package::{Door, Names, OVERLAY, Public, WRITE_URL};

fn certificate(name: &str) -> String {
    Identity::generate(&name.parse().expect("a name")).expect("an identity").certificate
}

fn hub_of(auth: Auth, members: &[&str]) -> HubIntent {
    let door = DoorWish {
        auth,
        nobody: Identity::nobody().expect("a certificate"),
        members: members.iter().map(|name| (*name).to_owned()).collect(),
        ..DoorWish::default()
    };
    HubIntent { ingress: Ingress::Host("prometheus.hub.test".parse().expect("a name")), door, ..hub() }
}

fn made(intent: &HubIntent, before: &Observed) -> (Plan, Observed) {
    let (target, plan) = plan_hub(intent, before).expect("a plan");
    let keep = Keep { history: &before.history, names: &target.names, verb: Verb::HubInit, author: author() };
    let plan = plan.kept(&keep);
    let seen = written(&plan, before);
    (plan, seen)
}

fn door(seen: &Observed) -> Option<Door> {
    Door::read(&seen.overlay.as_ref()?.text)
}

fn note<'s>(seen: &'s Observed, key: &str) -> Option<&'s str> {
    let annotations = &seen.installed.as_ref()?.install.metadata.ownership.annotations;
    annotations.get(key).map(String::as_str)
}

fn admitted(seen: &Observed, name: &str, pem: &str, current: Option<&str>) -> Observed {
    let admission = Admission {
        names: Names::new("prometheus", "tkg-system"),
        overlay: seen.overlay.clone().expect("an overlay"),
        door: door(seen).expect("a door"),
        cluster: name.parse().expect("a name"),
        certificate: pem.to_owned(),
        current: current.map(str::to_owned),
    };
    let step = super::admission(&admission).expect("a step");
    assert_eq!(step.place, Place::Hub);
    let mut plan = Plan { steps: vec![step], ..Plan::default() };
    plan.steps[0].place = Place::Own;
    written(&plan, seen)
}

fn known(seen: &Observed) -> Vec<String> {
    let clients = door(seen).expect("a door").clients;
    certificates(clients.as_bytes()).into_iter().map(|certificate| certificate.common_name).collect()
}

#[test]
fn an_ingress_that_is_made_gets_a_door_and_the_public_name_takes_no_writes() {
    let (plan, seen) = made(&hub_of(Auth::Keep, &[]), &observed("3.5.0", Some("")));
    let door = door(&seen).expect("a door");
    assert_eq!(door.host.as_str(), "prometheus-write.hub.test");
    assert_eq!(door.public, Public::Closed { prefix: "/".into() });
    assert_eq!(known(&seen), [NOBODY]);
    assert_eq!(note(&seen, WRITE_URL), Some("https://prometheus-write.hub.test/api/v1/write"));
    assert!(words(&plan).contains("- door prometheus.hub.test takes no writes"), "{}", words(&plan));
    let (again, _) = made(&hub_of(Auth::Keep, &[]), &seen);
    assert!(again.is_empty(), "{}", words(&again));
}

#[test]
fn a_hub_that_has_its_ingress_keeps_it_as_it_is() {
    let (_, open) = made(&hub_of(Auth::None, &[]), &observed("3.5.0", Some("")));
    assert_eq!(open.overlay, None);
    let (plan, _) = made(&hub_of(Auth::Keep, &["edge"]), &open);
    assert!(plan.is_empty(), "{}", words(&plan));
    let without = HubIntent { ingress: Ingress::Keep, ..hub_of(Auth::Certificates, &[]) };
    let refused = plan_hub(&without, &observed("3.5.0", Some("")));
    assert!(refused.is_err_and(|error| error.what.contains("no ingress")));
}

#[test]
fn an_overlay_that_nothing_names_any_more_goes() {
    let (_, mut killed) = made(&hub_of(Auth::Keep, &[]), &observed("3.5.0", Some("")));
    killed.installed.as_mut().expect("an install").install.metadata.ownership.annotations.clear();
    let (_, after) = made(&hub_of(Auth::None, &[]), &killed);
    assert_eq!(after.overlay, None);
}

#[test]
fn nobody_is_shut_out_who_writes_already() {
    let (_, open) = made(&hub_of(Auth::None, &[]), &observed("3.5.0", Some("")));
    let (plan, seen) = made(&hub_of(Auth::Certificates, &["edge"]), &open);
    assert_eq!(door(&seen).expect("a door").public, Public::Open);
    assert!(plan.warnings.iter().any(|warning| warning.contains("edge writes without a certificate")));
    let seen = admitted(&seen, "edge", &certificate("edge"), None);
    let (_, closed) = made(&hub_of(Auth::Keep, &["edge"]), &seen);
    assert_eq!(door(&closed).expect("a door").public, Public::Closed { prefix: "/".into() });
    assert_eq!(known(&closed), [NOBODY, "edge"]);
}

#[test]
fn a_new_certificate_replaces_what_the_cluster_does_not_show_any_more() {
    let (_, seen) = made(&hub_of(Auth::Keep, &[]), &observed("3.5.0", Some("")));
    let [first, second, third] = [certificate("edge"), certificate("edge"), certificate("edge")];
    let seen = admitted(&seen, "west", &certificate("west"), None);
    let seen = admitted(&seen, "edge", &first, None);
    let both = admitted(&seen, "edge", &second, Some(&first));
    assert_eq!(known(&both), [NOBODY, "west", "edge", "edge"]);
    let after = admitted(&both, "edge", &third, Some(&second));
    let clients = door(&after).expect("a door").clients;
    assert_eq!(bundle::blocks(&clients).count(), 4);
    assert!(!clients.contains(first.trim()) && clients.contains(third.trim()));
}

#[test]
fn a_hub_that_is_none_any_more_has_no_door_whoever_joined_since() {
    let before = observed("3.5.0", Some("# mine\n"));
    let (_, seen) = made(&hub_of(Auth::Keep, &[]), &before);
    let seen = admitted(&seen, "edge", &certificate("edge"), None);
    let (target, plan) = plan_back(&wish(), &seen, 1, Others::Keep).expect("a plan");
    let keep = Keep { history: &seen.history, names: &target.names, verb: Verb::HubUndo, author: author() };
    let after = written(&plan.kept(&keep), &seen);
    assert_eq!((after.overlay.as_ref(), note(&after, OVERLAY), note(&after, WRITE_URL)), (None, None, None));
    assert_eq!(after.installed.expect("an install").sources[0].text, "# mine\n");
}

#[test]
fn a_certificate_of_ones_own_has_to_have_the_name() {
    let own =
        rcgen::generate_simple_self_signed(["prometheus.hub.test".to_owned(), "in.hub.test".to_owned()])
            .expect("a certificate");
    let values = serde_json::json!({"ingress": {"tlsCertificate": {"tls.crt": own.cert.pem()}}});
    let before = observed("3.5.0", Some(&crate::yaml::write::to_yaml(&values)));
    let refused = plan_hub(&hub_of(Auth::Keep, &[]), &before);
    assert!(refused.is_err_and(|error| error.what.contains("is not for prometheus-write.hub.test")));
    let mut named = hub_of(Auth::Keep, &[]);
    named.door.host = Some("in.hub.test".parse().expect("a name"));
    assert!(plan_hub(&named, &before).is_ok());
    named.door.host = Some("prometheus.hub.test".parse().expect("a name"));
    assert!(plan_hub(&named, &before).is_err_and(|error| error.what.contains("itself")));
}
