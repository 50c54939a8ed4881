//! Who is at work, as a revision tells it.

use crate::cluster::Cluster;
use crate::history::Author;

/// Flags whose value is a credential.
const SECRET_FLAGS: [&str; 2] = ["--token", "--password"];

/// The user as the API server knows them, and this command line.
pub(super) async fn author(cluster: &Cluster) -> Author {
    // Servers before 1.28 do not tell; then the kubeconfig's name has to do.
    let known = cluster.who_am_i().await.ok().flatten();
    Author {
        time: jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default(),
        user: known.or_else(|| cluster.user().map(str::to_owned)).unwrap_or_else(|| "<unknown>".to_owned()),
        command: command_line(std::env::args().skip(1)),
        promfed: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// What was typed, without credentials.
fn command_line(args: impl Iterator<Item = String>) -> String {
    let mut line = "kubectl promfed".to_owned();
    let mut hides_next = false;
    for arg in args {
        let shown = if std::mem::take(&mut hides_next) { "<masked>".to_owned() } else { shown(&arg) };
        hides_next = SECRET_FLAGS.contains(&arg.as_str());
        line.push(' ');
        line.push_str(&shown);
    }
    line
}

fn shown(arg: &str) -> String {
    if let Some((flag, _)) = arg.split_once('=')
        && SECRET_FLAGS.contains(&flag)
    {
        return format!("{flag}=<masked>");
    }
    let hidden = without_userinfo(arg);
    let is_plain =
        !hidden.is_empty() && hidden.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=@,+%<>".contains(c));
    if is_plain { hidden } else { format!("'{}'", hidden.replace('\'', r"'\''")) }
}

/// `https://user:password@host` tells nobody the password.
fn without_userinfo(arg: &str) -> String {
    let Some((scheme, rest)) = arg.split_once("://") else { return arg.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://<masked>{}", &rest[at..]),
        None => arg.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(args: &[&str]) -> String {
        command_line(args.iter().map(|&arg| arg.to_owned()))
    }

    #[test]
    fn a_command_line_is_told_as_it_can_be_typed() {
        assert!(line(&["query", "up == 0"]).ends_with(" promfed query 'up == 0'"));
    }

    #[test]
    fn credentials_are_not_told() {
        let told = line(&["--token", "abc", "--token=abc", "--hub-url=https://me:abc@hub/api/v1/write", "x"]);
        let masked = "--token <masked> --token=<masked> --hub-url=https://<masked>@hub/api/v1/write x";
        assert!(told.ends_with(masked), "{told}");
    }
}
