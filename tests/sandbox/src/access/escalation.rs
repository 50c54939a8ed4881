//! Nobody may hand out rights that they do not have themselves.

use super::rules::{Rule, resource_matches};

/// The smallest parts of the granted rules that none of the held rules covers.
pub(super) fn uncovered(held: &[Rule], granted: &[Rule]) -> Vec<Rule> {
    granted.iter().flat_map(parts).filter(|part| !held.iter().any(|rule| covers(rule, part))).collect()
}

/// A rule taken apart: one verb on one resource of one group, or on one path.
fn parts(rule: &Rule) -> Vec<Rule> {
    let mut parts = Vec::new();
    let names: Vec<Vec<String>> = if rule.names.is_empty() {
        vec![Vec::new()]
    } else {
        rule.names.iter().map(|name| vec![name.clone()]).collect()
    };
    for verb in &rule.verbs {
        for group in &rule.groups {
            for resource in &rule.resources {
                parts.extend(names.iter().map(|names| Rule {
                    groups: vec![group.clone()],
                    resources: vec![resource.clone()],
                    names: names.clone(),
                    verbs: vec![verb.clone()],
                    paths: Vec::new(),
                }));
            }
        }
        parts.extend(rule.paths.iter().map(|path| Rule {
            paths: vec![path.clone()],
            verbs: vec![verb.clone()],
            ..Rule::default()
        }));
    }
    parts
}

fn covers(rule: &Rule, part: &Rule) -> bool {
    if !all(&rule.verbs, &part.verbs) {
        return false;
    }
    if let Some(path) = part.paths.first() {
        return rule.paths.iter().any(|held| {
            held == path || held.strip_suffix('*').is_some_and(|prefix| path.starts_with(prefix))
        });
    }
    all(&rule.groups, &part.groups)
        && part.resources.iter().all(|wanted| {
            let (main, sub) =
                wanted.split_once('/').map_or((wanted.as_str(), None), |(main, sub)| (main, Some(sub)));
            rule.resources.iter().any(|held| held == wanted || resource_matches(held, main, sub))
        })
        && (rule.names.is_empty()
            || (!part.names.is_empty() && part.names.iter().all(|n| rule.names.contains(n))))
}

fn all(held: &[String], wanted: &[String]) -> bool {
    wanted.iter().all(|item| held.iter().any(|have| have == "*" || have == item))
}
