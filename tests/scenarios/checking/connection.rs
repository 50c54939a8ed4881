//! A cluster that cannot be asked, by its network, its kapp-controller or the rights of the user, is told as such.

use promfed_sandbox::{Component, Offer};

use super::breaking::{V3, finds, finds_by};
use super::federation;
use crate::support::Rig;

#[test]
fn an_api_server_that_is_away_and_a_kapp_controller_that_is_down() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5"), ("west", "3.5")]) else { return };
    rig.unplug("edge");
    rig.stop_kapp_controller("west");
    let expected =
        [("admin@edge PF101", "connection refused"), ("admin@west PF102", "kapp-controller does not serve")];
    finds(&rig, &["hub", "edge", "west"], &[], &expected).ends_with(3);
}

#[test]
fn a_cluster_without_kapp_controller_is_told_and_not_its_missing_package() {
    let rig = Rig::with(&[("hub", "3.5")], |spec| spec.without(Component::KappController));
    let words = "kapp-controller is not installed";
    finds(&rig, &["hub"], &[], &[("admin@hub PF102", words)]).ends_with(1);
    finds(&rig, &["hub"], &["--pre"], &[("admin@hub PF106", words)]).ends_with(1);
}

#[test]
fn rights_that_are_missing_are_named() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let token = rig.nobody("hub");
    let look = ["check", "--context", "admin@hub", "--token", token, "-o", "short"];
    finds_by(|| rig.promfed(&look), &[("admin@hub PF103", "not allowed")]).ends_with(0);
    let before = [&look[..], &["--pre"]].concat();
    finds_by(|| rig.promfed(&before), &[("admin@hub PF104", "the user may not create")]).ends_with(1);
}

#[test]
fn who_cannot_be_asked_and_what_is_there_already_are_told_before_an_install() {
    let rig = Rig::without_prometheus(&[("hub", "3.5"), ("edge", "3.5")]);
    rig.install_by_hand("edge", V3.0, V3.1, "prometheus: {deployment: {replicas: 0}}\n");
    rig.unplug("hub");
    let expected = [
        ("admin@hub PF105", "connection refused"),
        ("admin@edge PF215", "tkg-system/prometheus is installed already"),
    ];
    finds(&rig, &["hub", "edge"], &["--pre"], &expected).ends_with(3);
}

#[test]
fn what_an_install_lacks_is_told_before_it() {
    let rig = Rig::with(&[("hub", "3.5"), ("edge", "3.5"), ("west", "3.5")], |spec| match spec.name() {
        "hub" => spec.without(Component::Contour),
        "edge" => spec.offer(Offer::Nothing),
        _ => spec,
    });
    let expected = [
        ("admin@hub PF107", "Contour is not installed"),
        ("admin@edge PF214", "no Prometheus package can be seen"),
    ];
    finds(&rig, &["hub", "edge", "west"], &["--pre"], &expected).ends_with(1);
}
