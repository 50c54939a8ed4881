//! The whole table, as a reader wants it, and that the data is sound.

use super::*;

fn of(major: u32, minor: u32) -> Capabilities {
    Capabilities::of(Version::new(major, minor, 0))
}

/// Every minor version that the table was read for.
fn minors() -> impl Iterator<Item = (u32, u32)> {
    (25..=55).map(|minor| (2, minor)).chain((0..=14).map(|minor| (3, minor)))
}

#[test]
fn the_whole_table() {
    let mut text = String::new();
    for (major, minor) in minors() {
        let can = of(major, minor);
        let short =
            |debug: &dyn std::fmt::Debug| format!("{debug:?}").replace("FeatureName", "name").to_lowercase();
        let queue = can.queue_defaults();
        let yes = [
            (can.inline_tls(), "ca"),
            (can.sends_exemplars(), "exemplars-out"),
            (can.receives_exemplars(), "exemplars-in"),
            (can.retries_on_429(), "429"),
            (can.remote_write_2(), "rw2"),
            (can.remote_write_2_is_settled(), "by-default"),
            (can.rejects_future_samples(), "future"),
            (can.out_of_order_in_agent(), "ooo-agent"),
            (can.utf8_names(), "utf8"),
        ];
        let yes: Vec<_> = yes.iter().filter(|(can, _)| *can).map(|(_, name)| *name).collect();
        let line = format!(
            "{:<5}receiver={:<5}agent={:<5}ooo={:<14}histograms={:<7}twice={:<14}${{}}={:<7}{:>3}/{:<5}{}",
            format!("{major}.{minor}"),
            short(&can.receiver()),
            short(&can.agent_mode()),
            short(&can.out_of_order_window()),
            short(&can.native_histograms_receiver()),
            short(&can.repeated_label()),
            short(&can.external_label_expansion()),
            queue.max_shards,
            queue.max_samples_per_send,
            yes.join(" "),
        );
        text.extend([line.trim_end(), "\n"]);
    }
    insta::assert_snapshot!(text, @r"
    2.25 receiver=name agent=none ooo=none          histograms=none   twice=blockssenders ${}=never  200/500
    2.26 receiver=name agent=none ooo=none          histograms=none   twice=blockssenders ${}=never  200/500  429
    2.27 receiver=name agent=none ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out 429
    2.28 receiver=name agent=none ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out 429
    2.29 receiver=name agent=none ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out 429
    2.30 receiver=name agent=none ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out 429
    2.31 receiver=name agent=none ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.32 receiver=name agent=name ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.33 receiver=flag agent=name ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.34 receiver=flag agent=name ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.35 receiver=flag agent=name ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.36 receiver=flag agent=name ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.37 receiver=flag agent=name ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.38 receiver=flag agent=name ooo=none          histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.39 receiver=flag agent=name ooo=blockssenders histograms=none   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.40 receiver=flag agent=name ooo=blockssenders histograms=name   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.41 receiver=flag agent=name ooo=blockssenders histograms=name   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.42 receiver=flag agent=name ooo=blockssenders histograms=name   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.43 receiver=flag agent=name ooo=blockssenders histograms=name   twice=blockssenders ${}=name   200/500  exemplars-out exemplars-in 429
    2.44 receiver=flag agent=name ooo=blockssenders histograms=name   twice=blockssenders ${}=name    50/2000 exemplars-out exemplars-in 429
    2.45 receiver=flag agent=name ooo=blockssenders histograms=name   twice=blockssenders ${}=name    50/2000 ca exemplars-out exemplars-in 429
    2.46 receiver=flag agent=name ooo=blockssenders histograms=name   twice=blockssenders ${}=name    50/2000 ca exemplars-out exemplars-in 429
    2.47 receiver=flag agent=name ooo=blockssenders histograms=name   twice=blockssenders ${}=name    50/2000 ca exemplars-out exemplars-in 429
    2.48 receiver=flag agent=name ooo=blockssenders histograms=name   twice=blockssenders ${}=name    50/2000 ca exemplars-out exemplars-in 429
    2.49 receiver=flag agent=name ooo=blockssenders histograms=name   twice=blockssenders ${}=name    50/2000 ca exemplars-out exemplars-in 429
    2.50 receiver=flag agent=name ooo=safe          histograms=name   twice=blockssenders ${}=name    50/2000 ca exemplars-out exemplars-in 429
    2.51 receiver=flag agent=name ooo=safe          histograms=name   twice=blockssenders ${}=name    50/2000 ca exemplars-out exemplars-in 429
    2.52 receiver=flag agent=name ooo=safe          histograms=name   twice=blockssenders ${}=name    50/2000 ca exemplars-out exemplars-in 429
    2.53 receiver=flag agent=name ooo=safe          histograms=name   twice=blockssenders ${}=name    50/2000 ca exemplars-out exemplars-in 429
    2.54 receiver=flag agent=name ooo=safe          histograms=name   twice=blockssenders ${}=name    50/2000 ca exemplars-out exemplars-in 429 rw2 future ooo-agent
    2.55 receiver=flag agent=name ooo=safe          histograms=name   twice=skipped       ${}=name    50/2000 ca exemplars-out exemplars-in 429 rw2 future ooo-agent
    3.0  receiver=flag agent=flag ooo=safe          histograms=name   twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 future ooo-agent utf8
    3.1  receiver=flag agent=flag ooo=safe          histograms=name   twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 future ooo-agent utf8
    3.2  receiver=flag agent=flag ooo=safe          histograms=name   twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 future ooo-agent utf8
    3.3  receiver=flag agent=flag ooo=safe          histograms=name   twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 future ooo-agent utf8
    3.4  receiver=flag agent=flag ooo=safe          histograms=name   twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 future ooo-agent utf8
    3.5  receiver=flag agent=flag ooo=safe          histograms=name   twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 by-default future ooo-agent utf8
    3.6  receiver=flag agent=flag ooo=safe          histograms=name   twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 by-default future ooo-agent utf8
    3.7  receiver=flag agent=flag ooo=safe          histograms=name   twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 by-default future ooo-agent utf8
    3.8  receiver=flag agent=flag ooo=safe          histograms=always twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 future ooo-agent utf8
    3.9  receiver=flag agent=flag ooo=safe          histograms=always twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 by-default future ooo-agent utf8
    3.10 receiver=flag agent=flag ooo=safe          histograms=always twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 by-default future ooo-agent utf8
    3.11 receiver=flag agent=flag ooo=safe          histograms=always twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 by-default future ooo-agent utf8
    3.12 receiver=flag agent=flag ooo=safe          histograms=always twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 by-default future ooo-agent utf8
    3.13 receiver=flag agent=flag ooo=safe          histograms=always twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 by-default future ooo-agent utf8
    3.14 receiver=flag agent=flag ooo=safe          histograms=always twice=skipped       ${}=always  50/2000 ca exemplars-out exemplars-in 429 rw2 by-default future ooo-agent utf8
    ");
}

#[test]
fn bugs_by_version() {
    let mut text = String::new();
    for version in [
        "2.25.0", "2.32.0", "2.33.5", "2.37.0", "2.43.0", "2.45.0", "2.48.1", "2.53.0", "2.53.4", "3.5.0",
        "3.7.2", "3.8.0", "3.9.0", "3.11.0", "3.14.0",
    ] {
        let can = Capabilities::of(Version::parse(version).expect("a version"));
        let sources = |role| can.known_bad(role).map(|bad| bad.source).collect::<Vec<_>>().join(" ");
        let line = format!("{version:<7} hub {:<15} agent {}", sources(Role::Hub), sources(Role::Agent));
        text.extend([line.trim_end(), "\n"]);
    }
    insta::assert_snapshot!(text, @r"
    2.25.0  hub #14304          agent
    2.32.0  hub #14304          agent #10608 #9876 #10587 #17538
    2.33.5  hub #14304          agent #10608 #9876 #10587 #17538
    2.37.0  hub #14304          agent #9876 #17538
    2.43.0  hub #14304          agent #17538
    2.45.0  hub #14304          agent #13223 #17538
    2.48.1  hub #14304          agent #17538
    2.53.0  hub #14304          agent #14446 #17538
    2.53.4  hub #14304          agent #17538
    3.5.0   hub                 agent #17538
    3.7.2   hub                 agent #17412 #17538
    3.8.0   hub #17683          agent #17538
    3.9.0   hub                 agent #17802 #17538
    3.11.0  hub                 agent
    3.14.0  hub                 agent
    ");
}

#[test]
fn every_name_is_listed_once_and_every_line_has_a_source() {
    let sound = |name: &str, source: &str, names: &[&str]| {
        assert!(!source.is_empty(), "{name} has no source");
        assert_eq!(names.iter().filter(|other| **other == name).count(), 1, "{name}");
    };
    let names: Vec<_> = flags::FLAGS.iter().map(|flag| flag.name).collect();
    for flag in flags::FLAGS {
        sound(flag.name, flag.source, &names);
    }
    let names: Vec<_> = features::FEATURES.iter().map(|feature| feature.name).collect();
    for feature in features::FEATURES {
        sound(feature.name, feature.source, &names);
    }
    let names: Vec<_> = fields::FIELDS.iter().map(|field| field.path).collect();
    for field in fields::FIELDS {
        sound(field.path, field.source, &names);
    }
    for (index, (what, _, source)) in table::TABLE.iter().enumerate() {
        assert!(!source.is_empty(), "{what:?}");
        assert!(table::TABLE[..index].iter().all(|(other, _, _)| other != what), "{what:?}");
    }
}

#[test]
fn what_a_feature_became_is_a_flag_that_exists() {
    for feature in features::FEATURES {
        if let Became::Flag(flag) = feature.became {
            assert_eq!(known_flag(flag).map(|flag| flag.takes), Some(Takes::Nothing), "{}", feature.name);
        }
    }
    for (old, new) in flags::RENAMED {
        assert!(known_flag(old).is_some() && known_flag(new).is_some());
    }
    for (name, _, _) in flags::REPEATED {
        assert!(known_flag(name).is_some(), "{name}");
    }
}

#[test]
fn what_3_0_removed_is_removed() {
    let removed: Vec<_> = of(3, 0).removed_flags().collect();
    for flag in ["storage.tsdb.retention", "storage.tsdb.allow-overlapping-blocks", "alertmanager.timeout"] {
        assert!(removed.contains(&flag), "{flag}");
        assert!(of(2, 55).knows_flag(flag), "{flag}");
    }
    assert!(of(2, 55).dead_features().next().is_none());
    assert_eq!(of(3, 0).dead_features().count(), 11);
}

#[test]
fn a_span_of_a_flag_is_told_in_words() {
    let words = |name| known_flag(name).map(|flag| flag.span.to_string()).unwrap_or_default();
    assert_eq!(words("agent"), "known since 3.0");
    assert_eq!(words("alertmanager.timeout"), "known until 2.55");
    assert_eq!(words("storage.exemplars.exemplars-limit"), "known from 2.26 to 2.28");
}
