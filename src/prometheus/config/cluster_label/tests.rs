use super::*;

fn label(job: &str) -> JobLabel {
    label_of(&crate::yaml::read(job).expect("YAML"))
}

fn always(name: &str) -> JobLabel {
    JobLabel::Always(name.to_owned())
}

#[test]
fn a_label_of_all_static_targets_holds() {
    assert_eq!(label("static_configs: [{targets: [a], labels: {cluster: x}}]"), always("x"));
    assert_eq!(label("static_configs: [{targets: [a]}]"), JobLabel::Never);
    let some = "static_configs: [{targets: [a], labels: {cluster: x}}, {targets: [b]}]";
    assert_eq!(label(some), JobLabel::Depends);
    let with_discovery = "{static_configs: [{labels: {cluster: x}}], kubernetes_sd_configs: [{role: pod}]}";
    assert_eq!(label(with_discovery), JobLabel::Depends);
}

#[test]
fn the_last_rule_decides() {
    let rule = "{source_labels: [], target_label: cluster, replacement: x}";
    let map = "{action: labelmap, regex: __meta_kubernetes_pod_label_(.+)}";
    let discovery = "kubernetes_sd_configs: [{role: pod}]";
    assert_eq!(label(&format!("{{{discovery}, relabel_configs: [{map}, {rule}]}}")), always("x"));
    assert_eq!(label(&format!("{{{discovery}, relabel_configs: [{rule}, {map}]}}")), JobLabel::Depends);
    let fixed = "static_configs: [{targets: [a]}]";
    assert_eq!(label(&format!("{{{fixed}, relabel_configs: [{rule}, {map}]}}")), always("x"));
    assert_eq!(
        label(&format!("{{relabel_configs: [{rule}, {{action: labeldrop, regex: cluster}}]}}")),
        JobLabel::Never
    );
}

#[test]
fn a_value_from_another_label_depends_on_the_target() {
    let rule = "{source_labels: [zone], target_label: cluster}";
    let discovery = "kubernetes_sd_configs: [{role: pod}]";
    assert_eq!(label(&format!("{{{discovery}, relabel_configs: [{rule}]}}")), JobLabel::Depends);
    assert_eq!(
        label(&format!("{{static_configs: [{{labels: {{zone: z}}}}], relabel_configs: [{rule}]}}")),
        always("z")
    );
}

#[test]
fn a_rule_of_our_own_gets_the_new_name() {
    let config = "scrape_configs:\n- relabel_configs:\n  - {target_label: cluster, replacement: old}\n";
    let config = crate::yaml::read(config).expect("YAML");
    let edits = label_edits(&config, &"new".parse().expect("a name"), |_| true);
    let path = Path::of(["scrape_configs"]).index(0).key("relabel_configs").index(0).key("replacement");
    assert_eq!(edits, [Edit::Set { path, value: json!("new") }]);
}

#[test]
fn a_job_that_has_the_label_gets_no_rule() {
    let config =
        "scrape_configs:\n- job_name: a\n  static_configs: [{labels: {cluster: hub}}]\n- job_name: b\n";
    let config = crate::yaml::read(config).expect("YAML");
    let name: ClusterName = "hub".parse().expect("a name");
    let edits = label_edits(&config, &name, |_| true);
    let rules = Path::of(["scrape_configs"]).index(1).key("relabel_configs");
    let item = json!({"target_label": "cluster", "replacement": "hub"});
    assert_eq!(edits, [Edit::Append { path: rules, item }]);
}

#[test]
fn rules_over_static_targets_are_followed_to_the_end() {
    let job = |rules: &str| {
        label(&format!(
            "{{job_name: own, static_configs: [{{targets: ['a:1'], labels: {{zone: z, cluster: x}}}}], relabel_configs: [{rules}]}}"
        ))
    };
    for (rules, expected) in [
        ("{action: LabelMap, regex: zone, replacement: cluster}", always("z")),
        ("{action: labelmap, regex: (z).ne, replacement: 'cl$1'}", always("x")),
        ("{action: labelmap, regex: zon, replacement: cluster}", always("x")),
        ("{source_labels: [zone, job], target_label: cluster}", always("z;own")),
        (
            "{source_labels: [zone, job], separator: '-', target_label: cluster, replacement: '${1}1'}",
            always("z-own1"),
        ),
        ("{source_labels: [zone], regex: other, target_label: cluster, replacement: y}", always("x")),
        ("{source_labels: [zone], action: UPPERCASE, target_label: cluster}", always("Z")),
        ("{source_labels: [zone], action: hashmod, modulus: 2, target_label: cluster}", JobLabel::Depends),
        ("{action: labelkeep, regex: zone}", JobLabel::Never),
        ("{action: labelkeep, regex: 'cl.*'}", always("x")),
        ("{action: labeldrop, regex: 'cl.*'}", JobLabel::Never),
        // Where every target goes, it is what they would have.
        ("{source_labels: [zone], action: keepequal, target_label: cluster}", always("x")),
        ("{source_labels: [zone], action: dropequal, target_label: cluster}", always("x")),
        ("{source_labels: [job], regex: own, target_label: 'clust$0', replacement: y}", always("x")),
        (
            "{source_labels: [zone], regex: (.), target_label: '${2}cluster', replacement: ''}",
            JobLabel::Never,
        ),
    ] {
        assert_eq!(job(rules), expected, "{rules}");
    }
}

#[test]
fn a_labelmap_over_discovery_is_decided_by_its_pattern() {
    let job =
        |rule: &str| label(&format!("{{kubernetes_sd_configs: [{{role: pod}}], relabel_configs: [{rule}]}}"));
    for (rule, expected) in [
        ("{action: labelmap, regex: __meta_kubernetes_pod_label_(.+)}", JobLabel::Depends),
        ("{action: labelmap, regex: __meta_kubernetes_pod_label_(app|team)}", JobLabel::Never),
        ("{action: labelmap, regex: __meta_kubernetes_pod_label_(.+), replacement: pod_$1}", JobLabel::Never),
        (
            "{action: labelmap, regex: __meta_kubernetes_pod_label_(.+), replacement: cluster}",
            JobLabel::Depends,
        ),
        ("{source_labels: [__meta_kubernetes_pod_name], target_label: pod}", JobLabel::Never),
        ("{source_labels: [__meta_kubernetes_pod_name], target_label: cluster, replacement: x}", always("x")),
        (
            "{source_labels: [__meta_kubernetes_pod_name], regex: a, target_label: cluster, replacement: x}",
            JobLabel::Depends,
        ),
    ] {
        assert_eq!(job(rule), expected, "{rule}");
    }
}

fn edited(config: &str, name: &str, chosen: impl Fn(&JobLabel) -> bool) -> String {
    let edits =
        label_edits(&crate::yaml::read(config).expect("YAML"), &name.parse().expect("a name"), chosen);
    crate::yaml::edit(config, &edits).expect("possible edits")
}

#[test]
fn a_value_of_some_targets_is_kept_beside_the_name() {
    let config = "scrape_configs:\n- job_name: a\n  static_configs:\n  - labels: {cluster: x}\n  kubernetes_sd_configs:\n  - role: pod\n";
    let after = edited(config, "hub", |_| true);
    insta::assert_snapshot!(after, @r"
    scrape_configs:
    - job_name: a
      static_configs:
      - labels: {cluster: x}
      kubernetes_sd_configs:
      - role: pod
      relabel_configs:
      - source_labels:
        - cluster
        regex: (.+)
        target_label: exported_cluster
      - target_label: cluster
        replacement: hub
    ");
    assert_eq!(edited(&after, "hub", |_| true), after);
}

#[test]
fn what_wins_over_a_target_label_gets_metric_rules() {
    let config = "scrape_configs:\n- job_name: a\n  honor_labels: true\n- job_name: b\n  metric_relabel_configs:\n  - {action: labeldrop, regex: cluster}\n- job_name: c\n  honor_labels: true\n  metrics_path: /federate\n- job_name: d\n  metric_relabel_configs:\n  - {action: drop, source_labels: [__name__], regex: go_.+}\n";
    let after = edited(config, "my.hub", |_| true);
    insta::assert_snapshot!(after, @r"
    scrape_configs:
    - job_name: a
      honor_labels: true
      relabel_configs:
      - target_label: cluster
        replacement: my.hub
      metric_relabel_configs:
      - source_labels:
        - cluster
        - exported_cluster
        regex: (.+);
        target_label: exported_cluster
      - source_labels:
        - exported_cluster
        regex: my\.hub
        target_label: exported_cluster
        replacement: ''
      - target_label: cluster
        replacement: my.hub
    - job_name: b
      metric_relabel_configs:
      - {action: labeldrop, regex: cluster}
      - source_labels:
        - cluster
        - exported_cluster
        regex: (.+);
        target_label: exported_cluster
      - source_labels:
        - exported_cluster
        regex: my\.hub
        target_label: exported_cluster
        replacement: ''
      - target_label: cluster
        replacement: my.hub
      relabel_configs:
      - target_label: cluster
        replacement: my.hub
    - job_name: c
      honor_labels: true
      metrics_path: /federate
      relabel_configs:
      - target_label: cluster
        replacement: my.hub
    - job_name: d
      metric_relabel_configs:
      - {action: drop, source_labels: [__name__], regex: go_.+}
      relabel_configs:
      - target_label: cluster
        replacement: my.hub
    ");
    assert_eq!(edited(&after, "my.hub", |_| true), after);
    let renamed = edited(&after, "other", |_| true);
    assert!(!renamed.contains("my.hub") && !renamed.contains(r"my\.hub"), "{renamed}");
    assert_eq!(renamed.matches("exported_cluster").count(), after.matches("exported_cluster").count());

    let told =
        |config: &str| doubts(&crate::yaml::read(config).expect("YAML"), &"my.hub".parse().expect("a name"));
    let expected = [("a", Doubt::Honors), ("b", Doubt::MetricRules), ("c", Doubt::Federates)]
        .map(|(job, doubt)| (job.to_owned(), doubt));
    assert_eq!(told(config), expected);
    assert_eq!(told(&after), expected[2..]);
}

/// Found by the fuzzer: the label was added again and again.
#[test]
fn a_job_whose_targets_all_go_is_labelled_once() {
    let config = "scrape_configs:\n- job_name: off\n  static_configs: [{targets: [a]}]\n  relabel_configs:\n  - action: drop\n";
    let name: ClusterName = "hub".parse().expect("a name");
    let edits = |config: &str| label_edits(&crate::yaml::read(config).expect("YAML"), &name, |_| true);
    let labelled = crate::yaml::edit(config, &edits(config)).expect("an edit");
    assert_ne!(labelled, config);
    assert_eq!(edits(&labelled), []);
}

#[test]
fn the_addresses_of_a_group_are_told_apart_where_a_rule_does() {
    let job = |rule: &str| {
        let group = "static_configs: [{targets: ['a:1', 'b:1'], labels: {cluster: x}}]";
        label(&format!("{{{group}, relabel_configs: [{rule}]}}"))
    };
    for (rule, expected) in [
        ("{source_labels: [__address__], target_label: instance}", always("x")),
        ("{source_labels: [__address__], regex: '(.):1', target_label: cluster}", JobLabel::Depends),
        ("{source_labels: [__address__], regex: '.:(1)', target_label: cluster}", always("1")),
        ("{source_labels: [__address__], regex: 'c.*', target_label: cluster, replacement: y}", always("x")),
        ("{source_labels: [__address__], regex: '.:1', target_label: '${1}cluster'}", JobLabel::Never),
        (
            "{source_labels: [__address__], regex: 'a.*', action: drop}, {source_labels: [__address__], regex: 'a.*', target_label: cluster, replacement: y}",
            always("x"),
        ),
    ] {
        assert_eq!(job(rule), expected, "{rule}");
    }
}

mod unknown_addresses {
    use proptest::prelude::*;

    use super::*;

    fn rule() -> impl Strategy<Value = Value> {
        let labels = || prop::sample::select(vec!["__address__", "cluster", "zone", "job"]);
        let actions = ["replace", "keep", "drop", "keepequal", "dropequal", "labelmap", "labeldrop"];
        let regexes = ["(.*)", "(a):1", ".+", "(.+):1", "a.*|x", "clus.+", "__(.+)__", "zone", ""];
        let targets = ["cluster", "zone", "$1", "${1}ster", "__address__", "address"];
        let replacements = ["$1", "x", "", "a:1", "clu$1", "cluster"];
        (
            prop::sample::select(actions.to_vec()),
            prop::collection::vec(labels(), 0..3),
            prop::sample::select(regexes.to_vec()),
            prop::sample::select(targets.to_vec()),
            prop::sample::select(replacements.to_vec()),
        )
            .prop_map(|(action, sources, regex, target, replacement)| {
                json!({"action": action, "source_labels": sources, "regex": regex, "target_label": target, "replacement": replacement})
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        /// Following the rules once for all addresses says the same as following them for each.
        #[test]
        fn what_is_certain_of_any_address_holds_for_each(
            rules in prop::collection::vec(rule(), 0..4),
            address in prop::sample::select(vec!["a:1", "b:1", "a", "cluster"]),
        ) {
            let follow = |address: Option<&str>| {
                let mut labels = Labels::new(Others::None);
                labels.set("zone", Some("a:1".to_owned()));
                labels.set(ADDRESS, address.map(str::to_owned));
                let fate = labels.relabel(&rules);
                (fate, labels.get(LABEL).map(str::to_owned))
            };
            let (any, one) = (follow(None), follow(Some(address)));
            if any.0 != Fate::Depends {
                prop_assert_eq!(any.0, one.0);
            }
            if any.1.is_some() {
                prop_assert_eq!(any.1, one.1);
            }
        }
    }
}
