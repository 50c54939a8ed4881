//! The hub's alerts wait for the clusters that joined.

use crate::check::alerts::{awaited, awaited_by};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::package::ALERTS;

pub(super) const CHECK: Check = Check {
    code: "PF416",
    category: Category::Label,
    title: "the hub's alerts wait for the clusters that joined",
    subject: Subject::Hub,
    after: &["PF101", "PF201", "PF206", "PF207", "PF212", "PF307"],
    page: Page {
        symptom: "A cluster falls silent, and `PromfedClusterSilent` does not fire. Or it fires for a cluster that left long ago.",
        cause: "A cluster that is gone leaves nothing at the hub, so the alert was made with the names of those that had joined then. `agent join` and `agent leave` do not write to the hub's rules.",
        detected: "The names in the rule `PromfedClusterSilent` that the hub evaluates, against the hub's list of clusters. A hub without promfed's rules is left alone.",
        fix: "`kubectl promfed hub init --with-rules` makes the alerts anew, with the names of today.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let rules = view.facts.process.rules.as_ref().map_err(Clone::clone)?;
    let Some(awaited) = awaited(rules) else { return Ok(Judgement::Moot) };
    let joined = view.facts.stored.registry()?;
    let unwatched: Vec<_> =
        joined.keys().filter(|name| !awaited.contains(*name)).map(String::as_str).collect();
    let gone: Vec<_> =
        awaited.iter().filter(|name| !joined.contains_key(*name)).map(String::as_str).collect();
    let mut lines = Vec::new();
    if !unwatched.is_empty() {
        lines.push(format!("no alert tells when {} falls silent", unwatched.join(", ")));
    }
    if !gone.is_empty() {
        lines.push(format!("an alert waits for {}: not among the clusters that joined", gone.join(", ")));
    }
    let mut lines = lines.into_iter();
    let Some(first) = lines.next() else { return Ok(Judgement::Holds) };
    let finding = lines.fold(Finding::warning(first), Finding::because);
    Ok(finding.fix(fix(view)).into())
}

/// Rules that came in another way than by the values are not promfed's to write.
fn fix(view: &View<'_>) -> Fix {
    let file = view.facts.values().ok().and_then(|values| values.document(&ALERTS).ok());
    if file.is_some_and(|file| awaited_by(file.value()).is_some()) {
        view.again("--with-rules")
    } else {
        let context = &view.facts.context;
        Fix::hand(format!("kubectl promfed rules --context {context} -o yaml   (and load them as before)"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::check::alerts::GROUP;
    use crate::check::facts::Facts;
    use crate::check::healthy::{codes, found, hub, rules};
    use crate::check::judgement::{By, Severity};
    use crate::check::{alerts, rule_file};
    use crate::yaml::write::to_yaml;

    /// A hub whose alerts were made with some names, when other clusters joined.
    fn waiting(for_names: &[&str], joined: &[&str]) -> Facts {
        let all = alerts(for_names.iter().copied());
        let listed: Vec<_> =
            all.iter().map(|alert| ("alerting", alert.name, alert.expression.as_str())).collect();
        let mut hub = hub();
        let mut groups = rules(&listed);
        groups[0].name = GROUP.to_owned();
        hub.process.rules = Ok(groups);
        let registry: BTreeMap<_, _> = joined.iter().map(|name| ((*name).to_owned(), None)).collect();
        hub.stored.registry = Some(Ok(registry));
        hub
    }

    fn by_values(facts: Facts) -> Facts {
        let text = to_yaml(&rule_file(&alerts(["edge"]))).replace('\n', "\n      ");
        let rules = facts.process.rules.clone();
        let mut facts = facts.with_values(|values| {
            values.replace("  config:\n", &format!("  config:\n    alerting_rules_yml: |\n      {text}\n"))
        });
        facts.process.rules = rules;
        facts
    }

    #[test]
    fn who_joined_since_is_named_with_the_way_to_wait_for_it() {
        let hub = by_values(waiting(&["edge"], &["edge", "far", "new"]));
        let findings = found("PF416", "admin@hub", &[hub]);
        assert_eq!(findings[0].causes, ["no alert tells when far, new falls silent"]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl promfed hub init --context admin@hub --cluster-name hub --with-rules"
        );
        assert_eq!(findings[0].fixes[0].by, By::Promfed);
    }

    #[test]
    fn who_left_is_named_and_rules_from_elsewhere_are_loaded_by_hand() {
        let findings = found("PF416", "admin@hub", &[waiting(&["edge", "old"], &["edge"])]);
        assert_eq!(findings[0].causes, ["an alert waits for old: not among the clusters that joined"]);
        assert_eq!(findings[0].fixes[0].by, By::Hand);
    }

    #[test]
    fn rules_made_before_anybody_joined_wait_for_nobody() {
        assert_eq!(found("PF416", "admin@hub", &[waiting(&[], &["edge"])]).len(), 1);
        assert_eq!(found("PF416", "admin@hub", &[waiting(&[], &[])]), []);
    }

    #[test]
    fn the_right_names_and_a_hub_without_such_rules_are_no_finding() {
        assert!(!codes(&[waiting(&["edge"], &["edge"])]).contains(&"PF416"));
        assert!(!codes(&[hub()]).contains(&"PF416"));
    }
}
