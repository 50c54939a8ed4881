use super::*;
use crate::prometheus::Version;
use crate::yaml::{edit, read};

fn wanted(trust: Trust) -> RemoteWrite {
    let url = "https://hub.example.com/api/v1/write".parse().expect("a URL");
    RemoteWrite::new(url, trust)
}

fn written(config: &str, wanted: &RemoteWrite, version: (u32, u32)) -> String {
    let capabilities = Capabilities::of(Version::new(version.0, version.1, 0));
    let edits = remote_write_edits(&read(config).expect("YAML"), wanted, capabilities);
    edit(config, &edits).expect("possible edits")
}

#[test]
fn a_new_entry_spells_out_what_the_version_lacks() {
    insta::assert_snapshot!(written("global: {}\n", &wanted(Trust::Anything), (2, 43)), @r"
    global: {}
    remote_write:
    - name: promfed
      url: https://hub.example.com/api/v1/write
      send_exemplars: true
      tls_config:
        insecure_skip_verify: true
      queue_config:
        capacity: 10000
        max_shards: 50
        max_samples_per_send: 2000
        retry_on_http_429: true
    ");
    insta::assert_snapshot!(written("global: {}\n", &wanted(Trust::Authority("A\nB\n".into())), (3, 5)), @r"
    global: {}
    remote_write:
    - name: promfed
      url: https://hub.example.com/api/v1/write
      send_exemplars: true
      tls_config:
        ca: |
          A
          B
      queue_config:
        retry_on_http_429: true
    ");
}

#[test]
fn an_entry_of_the_same_url_is_adopted_and_others_stay() {
    let config = "remote_write:\n- url: https://other/api/v1/write\n- url: https://hub.example.com/api/v1/write\n  send_exemplars: true\n  tls_config:\n    insecure_skip_verify: true # self-signed\n  queue_config: {max_shards: 5}\n";
    insta::assert_snapshot!(written(config, &wanted(Trust::Anything), (2, 43)), @r"
    remote_write:
    - url: https://other/api/v1/write
    - url: https://hub.example.com/api/v1/write
      send_exemplars: true
      tls_config:
        insecure_skip_verify: true # self-signed
      queue_config: {max_shards: 5, capacity: 10000, max_samples_per_send: 2000, retry_on_http_429: true}
      name: promfed
    ");
}

#[test]
fn a_hub_beside_another_gets_an_entry_of_its_own_and_keeps_it_alone() {
    let old = written("global: {}\n", &wanted(Trust::System), (3, 5));
    let new = RemoteWrite { exemplars: Exemplars::Leave, ..wanted(Trust::System) };
    let new = RemoteWrite { url: "http://vm:8428/api/v1/write".parse().expect("a URL"), ..new };
    let beside = RemoteWrite { before: HubBefore::Stays, ..new.clone() };
    let both = written(&old, &beside, (3, 5));
    insta::assert_snapshot!(both, @r"
    global: {}
    remote_write:
    - name: promfed
      url: https://hub.example.com/api/v1/write
      send_exemplars: true
      queue_config:
        retry_on_http_429: true
    - name: promfed-2
      url: http://vm:8428/api/v1/write
      queue_config:
        retry_on_http_429: true
    ");
    assert_eq!(written(&both, &beside, (3, 5)), both);
    let alone = written(&both, &new, (3, 5));
    insta::assert_snapshot!(alone, @r"
    global: {}
    remote_write:
    - name: promfed-2
      url: http://vm:8428/api/v1/write
      queue_config:
        retry_on_http_429: true
    ");
    assert_eq!(written(&alone, &new, (3, 5)), alone);
    // And back the same way.
    let back = RemoteWrite { before: HubBefore::Stays, ..wanted(Trust::System) };
    assert!(written(&alone, &back, (3, 5)).contains("- name: promfed\n"));
}

#[test]
fn writing_twice_changes_nothing() {
    for trust in [Trust::System, Trust::Anything, Trust::Authority("A\n".into())] {
        let once = written("", &wanted(trust.clone()), (2, 43));
        assert_eq!(written(&once, &wanted(trust), (2, 43)), once);
    }
}

#[test]
fn one_login_replaces_another() {
    let password = Login::Password { username: "edge".into(), password_file: "/p".into() };
    let token = Login::Token { credentials_file: "/t".into() };
    let with = |login: &Login| RemoteWrite { login: login.clone(), ..wanted(Trust::File("/ca".into())) };
    let first = written("", &with(&password), (3, 5));
    assert_eq!(
        read(&first).expect("YAML")["remote_write"][0]["basic_auth"],
        json!({"username": "edge", "password_file": "/p"})
    );
    let second = written(&first, &with(&token), (3, 5));
    let entry = read(&second).expect("YAML")["remote_write"][0].clone();
    assert_eq!(entry["authorization"], json!({"credentials_file": "/t"}));
    assert_eq!((entry.get("basic_auth"), &entry["tls_config"]), (None, &json!({"ca_file": "/ca"})));
    assert_eq!(written(&second, &with(&Login::Kept), (3, 5)), second);
}

#[test]
fn verification_replaces_trusting_anything() {
    let before = written("", &wanted(Trust::Anything), (3, 5));
    let after = written(&before, &wanted(Trust::Authority("A\n".into())), (3, 5));
    assert!(!after.contains("insecure_skip_verify"), "{after}");
}

#[test]
fn a_tenant_is_a_header_of_the_entry_and_found_again() {
    for (url, header, hub_type) in [
        ("https://mimir.test/api/v1/push", "X-Scope-OrgID", HubType::Mimir),
        ("https://thanos.test/api/v1/receive", "THANOS-TENANT", HubType::Thanos),
    ] {
        let headers = BTreeMap::from([(header.to_owned(), "a".to_owned())]);
        let url = url.parse().expect("a URL");
        let wanted = RemoteWrite { url, headers, ..wanted(Trust::System) };
        let entry = written("", &wanted, (3, 5));
        assert_eq!(
            entry,
            format!(
                "remote_write:\n- name: promfed\n  url: {}\n  headers:\n    {header}: a\n  send_exemplars: true\n  queue_config:\n    retry_on_http_429: true\n",
                wanted.url
            )
        );
        assert_eq!(tenant(&read(&entry).expect("YAML")), Some((hub_type, "a")));
    }
}
