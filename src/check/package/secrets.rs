//! The Secrets that the install takes its values from are there.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Verdict};
use crate::check::view::View;

pub(super) const CHECK: Check = Check {
    code: "PF204",
    category: Category::Package,
    title: "the values Secrets are there",
    subject: Subject::Any,
    after: &["PF101", "PF102", "PF201"],
    page: Page {
        symptom: "The package does not reconcile: `Preparing template values: secrets \"NAME\" not found`. Or a Secret is changed and nothing happens, because the install takes its values from another one.",
        cause: "The Secret that `spec.values` of the PackageInstall names was deleted, or the name is wrong.",
        detected: "Every Secret, and every key, that `spec.values` names.",
        fix: "Create the Secret again from a file with the values, or take the reference away: the package then runs with its defaults.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let install = view.install()?;
    let namespace = &install.metadata.namespace;
    let mut findings = Vec::new();
    let mut unread = None;
    for (at, (secret, keys)) in view.facts.package.secrets.iter().enumerate() {
        let keys = match keys {
            Ok(keys) => keys,
            Err(error) => {
                unread.get_or_insert_with(|| error.clone());
                continue;
            }
        };
        let named = install.spec.values.get(at).and_then(|reference| reference.secret_ref.key.as_deref());
        let Some(keys) = keys else {
            let key = named.unwrap_or(crate::package::VALUES_KEY);
            findings.push(
                Finding::error(format!("Secret {secret} is not in {namespace}, and the install needs it"))
                    .because("the package cannot be changed until it is back; what runs goes on")
                    .verdict(Verdict::Failed)
                    .fix(view.kubectl(&format!(
                        "-n {namespace} create secret generic {secret} --from-file={key}=FILE"
                    ))),
            );
            continue;
        };
        if let Some(named) = named.filter(|named| !keys.iter().any(|key| key == named)) {
            let others = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
            findings.push(
                Finding::warning(format!("Secret {secret} has no key {named}, which the install names"))
                    .because(format!("its keys: {others}"))
                    .fix(Fix::hand(format!("give the values in Secret {secret} the key {named}"))),
            );
        }
    }
    match unread {
        Some(unread) if findings.is_empty() => Err(unread),
        _ => Ok(findings.into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::check::facts::{Facts, Unread};
    use crate::check::healthy::{found, hub};
    use crate::check::judgement::Severity;

    fn with(keys: Result<Option<Vec<String>>, Unread>) -> Facts {
        let mut facts = hub();
        facts.package.secrets[0].1 = keys;
        facts
    }

    #[test]
    fn a_secret_that_is_gone_is_named() {
        let findings = found("PF204", "admin@hub", &[with(Ok(None))]);
        assert_eq!(
            findings[0].causes[0],
            "Secret prometheus-tkg-system-values is not in tkg-system, and the install needs it"
        );
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl --context admin@hub -n tkg-system create secret generic prometheus-tkg-system-values --from-file=values.yaml=FILE"
        );
    }

    #[test]
    fn a_key_that_is_not_there_is_named() {
        let mut facts = with(Ok(Some(vec!["other.yaml".into()])));
        let install = &mut facts.package.installs.as_mut().expect("installs")[0];
        install.spec.values[0].secret_ref.key = Some("values.yaml".into());
        let findings = found("PF204", "admin@hub", &[facts]);
        assert_eq!(findings[0].causes[1], "its keys: other.yaml");
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn one_that_may_not_be_read_may_be_there() {
        let facts = with(Err(Unread::Forbidden("get secrets".into())));
        assert_eq!(found("PF204", "admin@hub", &[facts]), []);
        assert_eq!(found("PF204", "admin@hub", &[with(Ok(Some(vec!["any".into(), "more".into()])))]), []);
    }
}
