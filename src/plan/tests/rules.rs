//! Plans with promfed's alert rules.

use super::*;

fn with_rules(joined: &[&str]) -> HubIntent {
    HubIntent { rules: Some(joined.iter().map(|name| (*name).to_owned()).collect()), ..hub() }
}

/// Values of somebody who has rules already, with a comment at every place where one could get lost.
const OWN: &str = "prometheus:\n  config:\n    alerting_rules_yml: |\n      # ours\n      groups:\n      - name: mine # first\n        rules:\n        - {alert: Down, expr: 'up == 0'} # all\n      # the end\n";

fn planned(intent: &HubIntent, values: &str) -> (String, String) {
    let (_, plan) = plan_hub(intent, &observed("2.43.0", Some(values))).expect("a plan");
    (words(&plan), after(&plan))
}

#[test]
fn rules_are_one_line_and_are_loaded() {
    let (words, values) = planned(&with_rules(&["edge"]), "");
    insta::assert_snapshot!(words, @r"
    update Secret
      + flag --web.enable-remote-write-receiver
      + label cluster=hub on jobs own, pods
      + rules 10 alerts of promfed
      + config rule_files /etc/config/alerting_rules.yml
    ");
    let (again, _) = planned(&with_rules(&["edge"]), &values);
    assert_eq!(again, "unchanged Secret");
    let (left_alone, _) = planned(&hub(), &values);
    assert_eq!(left_alone, "unchanged Secret");
}

#[test]
fn groups_of_others_stay_byte_for_byte() {
    let (_, values) = planned(&with_rules(&["edge"]), OWN);
    let (before, end) = OWN.split_at(OWN.find("      # the end").expect("the end"));
    assert!(values.contains(before), "{values}");
    assert!(values.contains(end), "{values}");
    let (words, more) = planned(&with_rules(&["edge", "far"]), &values);
    insta::assert_snapshot!(words, @r"
    update Secret
      ~ rules 10 alerts of promfed
    ");
    assert!(more.contains(before) && more.contains(end), "{more}");
    let (_, less) = planned(&with_rules(&["edge"]), &more);
    assert_eq!(less, values);
}

#[test]
fn default_groups_are_kept() {
    let mut seen = observed("2.43.0", Some(""));
    let config = "/openAPIv3/properties/prometheus/properties/config/properties/alerting_rules_yml/default";
    let mut schema = json!({"openAPIv3": seen.packages[0].spec.values_schema.open_api()});
    *schema.pointer_mut(config).expect("a default") = json!("groups:\n- name: shipped\n  rules: []\n");
    seen.packages[0].spec.values_schema = serde_json::from_value(schema).expect("a schema");
    let (_, plan) = plan_hub(&with_rules(&[]), &seen).expect("a plan");
    assert!(after(&plan).contains("- name: shipped"), "{}", after(&plan));
    assert!(words(&plan).contains("+ rules 9 alerts of promfed"), "{}", words(&plan));
    assert!(plan.warnings.iter().any(|warning| warning.contains("no cluster has joined yet")));
}

#[test]
fn a_package_that_takes_no_rules_is_told() {
    let observed = Observed { packages: Vec::new(), ..observed("2.43.0", Some("prometheus: {}\n")) };
    assert!(plan_hub(&with_rules(&[]), &observed).is_err());
}
