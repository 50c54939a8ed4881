//! The rules that somebody wrote for this Prometheus: those that the package ships in every cluster are none.

use crate::check::facts::{Facts, Reading};
use crate::package::shipped_rule_groups;
use crate::prometheus::api::{Rule, RuleGroup};

impl Facts {
    /// The rules that it evaluates, without those of the package, each with its group.
    pub(in crate::check) fn own_rules(&self) -> Reading<Vec<(&RuleGroup, &Rule)>> {
        let groups = self.process.rules.as_ref().map_err(Clone::clone)?;
        let names = groups.iter().map(|group| group.name.as_str());
        let schema = self.package.schema.as_ref().ok();
        let shipped = shipped_rule_groups(schema, self.package.values.as_ref().ok(), names);
        let own = groups.iter().filter(|group| !shipped.contains(group.name.as_str()));
        Ok(own.flat_map(|group| group.rules.iter().map(move |rule| (group, rule))).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{hub, rules};

    #[test]
    fn what_the_package_ships_is_not_own() {
        let mut hub = hub();
        let mut groups = rules(&[("recording", "a:b", "sum(up)")]);
        groups.extend(rules(&[("recording", "apiserver_request:burnrate1d", "sum(up)")]));
        groups[1].name = "kube-apiserver.rules".into();
        hub.process.rules = Ok(groups);
        let own: Vec<_> =
            hub.own_rules().expect("rules").into_iter().map(|(_, rule)| rule.name.as_str()).collect();
        assert_eq!(own, ["a:b"]);
    }
}
