//! Fields that not every version knows: where a configuration has them, and what becomes of them.

use serde_json::Value;

use super::remote_write::is_ours;
use crate::prometheus::Capabilities;
use crate::prometheus::capability::{Span, renamed_fields};
use crate::yaml::{Edit, Path, Segment};

/// What promfed itself writes below its entry of `remote_write`, and may take away again.
const OURS: [&str; 3] = ["send_exemplars", "queue_config.retry_on_http_429", "tls_config.ca"];

/// The edits after which the version can read what promfed once wrote for another, and what has only another name.
///
/// What somebody else wrote and the version cannot read stays: it means something, and only its author knows what to
/// write instead.
pub fn config_edits_for_version(config: &Value, capabilities: Capabilities) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (path, _) in unknown_fields(config, capabilities) {
        if let Some(name) = other_name(config, &path, capabilities) {
            if let Some(value) = path.find(config).filter(|_| name.find(config).is_none()) {
                edits.push(Edit::Set { path: name, value: value.clone() });
            }
            edits.push(Edit::Remove { path });
        } else if is_of_ours(config, &path) {
            edits.push(Edit::Remove { path });
        }
    }
    edits
}

/// The fields of a configuration that the version does not know, which keeps it from starting, with the versions that
/// do. What lies below such a field is not told again.
pub(in crate::prometheus) fn unknown_fields(config: &Value, capabilities: Capabilities) -> Vec<(Path, Span)> {
    let mut found: Vec<(Path, Span)> = Vec::new();
    for (pattern, field) in capabilities.unknown_fields() {
        for path in places(config, &pattern) {
            let is_below = |above: &Path| path.segments().starts_with(above.segments());
            if !found.iter().any(|(above, _)| is_below(above)) {
                found.push((path, field.span));
            }
        }
    }
    found
}

/// The paths in a document that a pattern means: keys by dots, and `*` for every item of a list.
fn places(root: &Value, pattern: &str) -> Vec<Path> {
    pattern.split('.').fold(vec![Path::default()], |paths, step| {
        let below = |path: Path| {
            let value = path.find(root);
            let items = value.and_then(Value::as_array).filter(|_| step == "*").map_or(0, Vec::len);
            let key =
                value.and_then(Value::as_object).filter(|map| map.contains_key(step)).map(|_| path.key(step));
            (0..items).map(|index| path.index(index)).chain(key).collect::<Vec<_>>()
        };
        paths.into_iter().flat_map(below).collect()
    })
}

/// Where the value goes in a version that knows the field by another name.
fn other_name(config: &Value, path: &Path, capabilities: Capabilities) -> Option<Path> {
    let (above, _) = path.split_last()?;
    let is_unknown = |pattern: &str| capabilities.unknown_fields().any(|(unknown, _)| unknown == pattern);
    let names = renamed_fields().iter().flat_map(|(old, new)| [(*old, *new), (*new, *old)]);
    let mut names = names.filter(|(from, to)| places(config, from).contains(path) && !is_unknown(to));
    let (_, to) = names.next()?;
    Some(above.key(to.rsplit('.').next()?))
}

fn is_of_ours(config: &Value, path: &Path) -> bool {
    let [Segment::Key(list), entry @ Segment::Index(_), ..] = path.segments() else { return false };
    let Segment::Index(index) = entry else { return false };
    let place = Path::of(["remote_write"]).index(*index);
    list == "remote_write"
        && is_ours(&config["remote_write"][index])
        && OURS.iter().any(|ours| ours.split('.').fold(place.clone(), |path, key| path.key(key)) == *path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::Version;
    use crate::yaml::{edit, read};

    fn moved(config: &str, major: u32, minor: u32) -> String {
        let capabilities = Capabilities::of(Version::new(major, minor, 0));
        let edits = config_edits_for_version(&read(config).expect("YAML"), capabilities);
        edit(config, &edits).expect("possible edits")
    }

    #[test]
    fn what_promfed_wrote_goes_where_the_version_cannot_read_it() {
        let config = "remote_write:\n- name: promfed\n  url: https://a/\n  send_exemplars: true\n  tls_config:\n    ca: X\n    server_name: b\n- name: mine\n  url: https://b/\n  tls_config:\n    ca: Y\n";
        assert_eq!(moved(config, 2, 45), config);
        insta::assert_snapshot!(moved(config, 2, 43), @r"
    remote_write:
    - name: promfed
      url: https://a/
      send_exemplars: true
      tls_config:
        server_name: b
    - name: mine
      url: https://b/
      tls_config:
        ca: Y
    ");
        insta::assert_snapshot!(moved(config, 2, 26), @r"
    remote_write:
    - name: promfed
      url: https://a/
      tls_config:
        server_name: b
    - name: mine
      url: https://b/
      tls_config:
        ca: Y
    ");
    }

    #[test]
    fn a_field_that_has_another_name_gets_it_both_ways() {
        let old = "scrape_configs:\n- job_name: a\n  scrape_classic_histograms: true # both\n";
        let new = moved(old, 3, 0);
        assert!(new.contains("  always_scrape_classic_histograms: true"), "{new}");
        assert!(moved(&new, 2, 53).contains("  scrape_classic_histograms: true"), "{new}");
        assert_eq!(moved(old, 2, 53), old);
    }

    #[test]
    fn unknown_fields_are_found_in_every_item_and_told_once() {
        let config = "storage: {tsdb: {retention: {percentage: 5}}}\nscrape_configs:\n- job_name: a\n- job_name: b\n  basic_auth: {username_file: x}\n";
        let found = |major, minor| {
            let capabilities = Capabilities::of(Version::new(major, minor, 0));
            let all = unknown_fields(&read(config).expect("YAML"), capabilities);
            all.iter().map(|(path, span)| format!("{path} {span}")).collect::<Vec<_>>()
        };
        assert_eq!(found(3, 14), Vec::<String>::new());
        assert_eq!(found(3, 8), ["storage.tsdb.retention.percentage known since 3.11"]);
        assert_eq!(found(2, 53), ["storage.tsdb.retention known since 3.8"]);
        assert_eq!(
            found(2, 43),
            [
                "storage.tsdb.retention known since 3.8",
                "scrape_configs[1].basic_auth.username_file known since 2.49"
            ]
        );
        assert_eq!(found(2, 27)[0], "storage known since 2.29");
    }
}
