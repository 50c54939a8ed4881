//! What holds of every text.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::yaml::write::to_yaml;

/// A credential, which no text has by chance.
fn secret() -> impl Strategy<Value = String> {
    "[A-Za-z0-9]{12}"
}

/// A key or more with a credential below.
fn place() -> impl Strategy<Value = fn(&str) -> Value> {
    prop_oneof![
        Just((|s| json!({"password": s})) as fn(&str) -> Value),
        Just((|s| json!({"basic_auth": {"username": "u", "password": s}})) as fn(&str) -> Value),
        Just((|s| json!({"authorization": {"type": "Bearer", "credentials": s}})) as fn(&str) -> Value),
        Just((|s| json!({"authorization": s})) as fn(&str) -> Value),
        Just((|s| json!({"oauth2": {"client_id": "i", "client_secret": s}})) as fn(&str) -> Value),
        Just((|s| json!({"sigv4": {"access_key": s, "secret_key": s}})) as fn(&str) -> Value),
        Just((|s| json!({"slack_configs": [{"api_url": s}], "tls.key": s})) as fn(&str) -> Value),
        Just((|s| json!({"http_headers": {"X-Some-Token": {"values": [s, s]}}})) as fn(&str) -> Value),
        Just((|s| json!({"headers": {"Cookie": s}})) as fn(&str) -> Value),
        Just((|s| json!({"url": format!("https://user:{s}@host:9090/path")})) as fn(&str) -> Value),
        Just((|s| json!({"args": [format!("--web.external-url=http://u:{s}@h/")]})) as fn(&str) -> Value),
        Just((|s| json!({"url": format!("https://host/?a=b&password={s}&c=d")})) as fn(&str) -> Value),
        Just((|s| json!({"args": ["--some-token", s, format!("--api-key={s}")]})) as fn(&str) -> Value),
        Just((|s| json!({"pem": pem(s)})) as fn(&str) -> Value),
        Just((|s| json!({"service_key": format!("{s}\n{s}\n")})) as fn(&str) -> Value),
    ]
}

fn pem(secret: &str) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{secret}\n{secret}\n-----END PRIVATE KEY-----\n")
}

/// Around a credential: mappings, lists, and documents in strings, in several styles.
#[derive(Clone, Debug)]
enum Around {
    Key,
    Item,
    Document,
    Json,
}

fn around() -> impl Strategy<Value = Vec<Around>> {
    let one = prop_oneof![Just(Around::Key), Just(Around::Item), Just(Around::Document), Just(Around::Json)];
    prop::collection::vec(one, 0..5)
}

fn wrapped(inner: Value, around: &[Around]) -> Value {
    around.iter().fold(inner, |inner, around| match around {
        Around::Key => json!({"a": 1, "outer": inner, "z": "on"}),
        Around::Item => json!([{"job_name": "x"}, inner]),
        Around::Document => json!({"b": 1, "yml": to_yaml(&json!({"global": {}, "inner": inner}))}),
        Around::Json => json!({"text": json!({"inner": inner}).to_string()}),
    })
}

/// How the text is spoilt, or not.
#[derive(Clone, Copy, Debug)]
enum As {
    Yaml,
    Json,
    Crlf,
    Comment,
    TrailingComment,
    Broken,
}

fn written(value: &Value, how: As) -> String {
    let value = json!({"root": value});
    let text = to_yaml(&value);
    match how {
        As::Yaml => text,
        As::Json => value.to_string(),
        As::Crlf => text.replace('\n', "\r\n"),
        As::Comment => format!("# {}\na: 1\n", text.trim_end().replace('\n', "\n# ")),
        As::TrailingComment => format!("a: 1 # {value}\n"),
        As::Broken => format!("a: [\n{text}"),
    }
}

fn how() -> impl Strategy<Value = As> {
    prop_oneof![
        Just(As::Yaml),
        Just(As::Json),
        Just(As::Crlf),
        Just(As::Comment),
        Just(As::TrailingComment),
        Just(As::Broken)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_credential_survives(
        old in secret(), new in secret(), place in place(), around in around(), how in how()
    ) {
        let text = |secret: &str| written(&wrapped(place(secret), &around), how);
        let (before, after) = masked(&text(&old), &text(&new));
        prop_assert!(!before.contains(&old), "{}\n{before}", text(&old));
        prop_assert!(!after.contains(&new), "{}\n{after}", text(&new));
        prop_assert_ne!(before, after);
    }

    #[test]
    fn a_text_that_stays_says_so(secret in secret(), place in place(), around in around(), how in how()) {
        let text = written(&wrapped(place(&secret), &around), how);
        let (before, after) = masked(&text, &text);
        prop_assert!(!before.contains("<masked, "));
        prop_assert_eq!(before.lines().count(), text.lines().count());
        prop_assert_eq!(before, after);
    }

    #[test]
    fn a_text_without_credentials_is_as_it_was(word in "[a-z]{1,8}", around in around(), how in how()) {
        let inner = json!({"job": word, "url": "https://host:9090/path?x=y", "password_file": "/run/p"});
        let text = written(&wrapped(inner, &around), how);
        prop_assert_eq!(masked(&text, "").0, text);
    }

    #[test]
    fn no_text_is_too_odd(before in "[ -~\n\t\"':#-]{0,80}", after in any::<String>()) {
        let (_, _) = masked(&before, &after);
        let _ = super::super::hunks(&before, &after);
    }
}
