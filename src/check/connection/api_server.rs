//! The API server answers.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Unread;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;

pub(super) const CHECK: Check = Check {
    code: "PF101",
    category: Category::Connection,
    title: "the API server answers",
    subject: Subject::Any,
    after: &[],
    page: Page {
        symptom: "Nothing can be read of a context; `status` says UNREACHABLE. kubectl fails on it in the same way.",
        cause: "The address in the kubeconfig is wrong or out of reach from here, the credentials are no longer valid, or the server's certificate is signed by an authority that the kubeconfig does not name.",
        detected: "The namespace `kube-system` and the API group of Carvel were both asked for, and neither was answered.",
        fix: "Make `kubectl --context CONTEXT get namespaces` work: the network or VPN first, then a new login. `--request-timeout` gives a slow server more time.",
        versions: "all",
    },
    judge,
};

/// The same, asked before an install.
pub(super) const BEFORE_INSTALL: Check = Check { code: "PF105", subject: Subject::BeforeInstall, ..CHECK };

fn judge(view: &View<'_>) -> Judged {
    let api = &view.facts.api;
    let words = match (&api.uid, &api.packaging) {
        (Err(Unread::Failed(words)), Err(Unread::Failed(_))) => words,
        (Err(Unread::NotAsked), Err(Unread::NotAsked)) => return Err(Unread::NotAsked),
        _ => return Ok(Judgement::Holds),
    };
    let finding = Finding::error(words.clone()).because("nothing else can be judged without it");
    Ok(finding.fix(fix(words)).fix(view.kubectl("get namespaces")).into())
}

fn fix(words: &str) -> Fix {
    let lower = words.to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    Fix::hand(if says(&["unknown authority", "certificate"]) {
        "name the authority of the API server with --certificate-authority FILE"
    } else if says(&["unauthorized", "log in", "credential", "token", "expired"]) {
        "log in again, or name other credentials with --user or --token"
    } else if says(&["no answer within", "timed out", "deadline"]) {
        "see whether the network or VPN leads there, or give it more time with --request-timeout"
    } else {
        "see whether the address in the kubeconfig is right, and whether the network or VPN leads there"
    })
}

#[cfg(test)]
mod tests {
    use crate::check::facts::{Facts, Unread};
    use crate::check::healthy::{codes, found, found_before, hub};

    const REFUSED: &str =
        "context \"admin@hub\" cannot be reached at https://10.0.0.9:6443: connection refused";

    fn away(words: &str) -> Facts {
        let mut facts = hub();
        facts.api.uid = Err(Unread::Failed(words.into()));
        facts.api.packaging = Err(Unread::Failed(words.into()));
        facts.package.installs = Err(Unread::Failed(words.into()));
        facts.process.version = Err(Unread::Failed(words.into()));
        facts
    }

    #[test]
    fn a_server_that_is_away_is_the_only_finding() {
        let facts = [away(REFUSED)];
        assert_eq!(codes(&facts)[0], "PF101");
        assert!(!codes(&facts).iter().any(|code| code.starts_with("PF2")), "{:?}", codes(&facts));
        assert_eq!(found("PF101", "admin@hub", &facts)[0].causes[0], REFUSED);
        assert_eq!(found_before("PF105", &facts[0])[0].causes[0], REFUSED);
    }

    #[test]
    fn a_login_that_is_over_is_told_from_a_network() {
        let findings = found("PF101", "admin@hub", &[away("cannot log in: unauthorized")]);
        assert!(findings[0].fixes[0].command.starts_with("log in again"), "{findings:?}");
    }

    #[test]
    fn one_answer_is_enough() {
        let mut facts = away(REFUSED);
        facts.api.uid = Err(Unread::Forbidden("get namespace kube-system".into()));
        assert_eq!(found("PF101", "admin@hub", &[facts]), []);
    }
}
