//! The clocks of the clusters agree.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Facts;
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::time::ahead::{AHEAD, ahead, machine, skew};
use crate::check::view::View;
use crate::domain::seconds;

/// From here on, in seconds, a hub refuses samples as being of the future.
const REFUSED: f64 = 600.0;

pub(super) const CHECK: Check = Check {
    code: "PF601",
    category: Category::Time,
    title: "clocks agree",
    subject: Subject::Any,
    after: &[],
    page: Page {
        symptom: "Agents log `400 Bad Request: out of bounds`; graphs of one cluster are shifted, or end in the future.",
        cause: "The nodes of a cluster are not synchronised. Samples carry the time of the one that scrapes them. Since 2.54 a hub refuses what is more than ten minutes ahead; before, one sample that is an hour ahead makes it refuse everybody else.",
        detected: "The `Date` of an answer of each Prometheus, against the clock of this machine. Where most contexts differ by the same amount, this machine's clock is the wrong one.",
        fix: "Synchronise the nodes by NTP.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let facts = view.facts;
    let own = ahead(facts)?;
    let skew = skew(facts, view.all)?;
    if let Some((amount, first)) = machine(view.all)
        && first.context == facts.context
    {
        let (far, way) = (seconds(amount.abs()), if amount < 0.0 { "fast" } else { "slow" });
        return Ok(Finding::warning(format!(
            "the clock of this machine is {far} {way}, not those of the clusters"
        ))
        .because("most contexts differ from it by the same amount")
        .fix(Fix::hand("set the clock of this machine; ages that promfed tells are wrong until then"))
        .into());
    }
    if skew.abs() > AHEAD {
        return Ok(of_context(view, own, skew).into());
    }
    Ok(of_unread_hub(view, own).map_or(Judgement::Holds, Judgement::from))
}

fn of_context(view: &View<'_>, own: f64, skew: f64) -> Finding {
    let way = told(skew);
    // Where this machine's clock is wrong, the others are what counts.
    let than = if (own - skew).abs() > AHEAD { "the other clusters'" } else { "this machine's" };
    let finding = severe(skew)(format!("its clock is {way} {than}"));
    let finding = match (view.is_hub(), skew > 0.0) {
        (true, true) => finding.because("samples of all other clusters look old to it"),
        (true, false) => finding.because("samples of all other clusters look to it as if they were of the future"),
        (false, true) if skew >= REFUSED => finding.because(
            "a hub refuses what is more than ten minutes ahead; before 2.54, one sample an hour ahead makes it refuse everybody",
        ),
        (false, _) => finding.because("its samples are stored at the wrong time"),
    };
    let others = |other: &Facts| ahead(other).is_ok();
    let finding = if view.others().any(others) {
        finding
    } else {
        finding.because("unless it is this machine's clock: only one context was compared")
    };
    finding.verdict(Verdict::Skewed).fix(ntp(&view.facts.context))
}

/// The hub of an agent, where only its URL is known.
fn of_unread_hub(view: &View<'_>, own: f64) -> Option<Finding> {
    if !view.is_agent() || view.hub.is_some() {
        return None;
    }
    let (url, hub) =
        view.facts.ways_in.urls.iter().find_map(|way| Some((&way.url, way.clock_ahead.as_ref().ok()?)))?;
    let difference = hub - own;
    let way = told(difference);
    (difference.abs() > AHEAD).then(|| {
        severe(difference)(format!("the clock of the hub at {url} is {way} this cluster's"))
            .fix(Fix::hand("synchronise the nodes of the hub by NTP"))
    })
}

fn severe(skew: f64) -> fn(String) -> Finding {
    if skew.abs() >= REFUSED { Finding::error } else { Finding::warning }
}

fn told(skew: f64) -> String {
    format!("{} {}", seconds(skew.abs()), if skew > 0.0 { "ahead of" } else { "behind" })
}

pub(super) fn ntp(context: &str) -> Fix {
    Fix::hand(format!("synchronise the nodes of context {context} by NTP"))
}

#[cfg(test)]
mod tests {
    use crate::check::facts::{Facts, Unread};
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::{Severity, Verdict};

    fn ahead(mut facts: Facts, by: f64) -> Facts {
        facts.process.clock_ahead = Ok(by);
        facts
    }

    #[test]
    fn a_fast_clock_is_told_of_its_context() {
        let all = [hub(), ahead(agent(), 7200.0)];
        let findings = found("PF601", "admin@edge", &all);
        assert_eq!(findings[0].causes[0], "its clock is 120m ahead of this machine's");
        assert_eq!((findings[0].severity, findings[0].verdict), (Severity::Error, Some(Verdict::Skewed)));
        assert!(found("PF601", "admin@hub", &all).is_empty());
        assert!(codes(&[hub(), ahead(agent(), 20.0)]).is_empty());
    }

    #[test]
    fn this_machine_is_told_once() {
        let all = [ahead(hub(), -301.0), ahead(agent(), -300.0)];
        assert_eq!(codes(&all), ["PF601"]);
        let findings = found("PF601", "admin@hub", &all);
        assert_eq!(
            findings[0].causes[0],
            "the clock of this machine is 5m1s fast, not those of the clusters"
        );
        assert_eq!((findings[0].severity, findings[0].verdict), (Severity::Warning, None));
    }

    #[test]
    fn a_third_one_is_compared_with_the_others() {
        let mut third = ahead(agent(), 0.0);
        third.context = "admin@lab".into();
        let all = [ahead(hub(), 300.0), ahead(agent(), 301.0), third];
        let findings = found("PF601", "admin@lab", &all);
        assert_eq!(findings[0].causes[0], "its clock is 5m behind the other clusters'");
    }

    #[test]
    fn one_context_alone_does_not_tell_which_clock_is_wrong() {
        let findings = found("PF601", "admin@hub", &[ahead(hub(), 100.0)]);
        assert!(findings[0].causes[2].starts_with("unless it is this machine's clock"), "{findings:?}");
    }

    #[test]
    fn an_unread_hub_is_compared_by_its_url() {
        let mut agent = agent();
        agent.ways_in.urls[0].clock_ahead = Ok(-4000.0);
        let findings = found("PF601", "admin@edge", std::slice::from_ref(&agent));
        assert!(findings[0].causes[0].ends_with("is 66m behind this cluster's"), "{findings:?}");
        agent.process.clock_ahead = Err(Unread::Failed("no answer".into()));
        assert!(found("PF601", "admin@edge", &[agent]).is_empty());
    }
}
