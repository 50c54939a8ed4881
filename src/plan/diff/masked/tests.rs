use super::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(masked(text, text).0, expected);
}

#[test]
fn values_of_keys_and_what_only_points_to_them() {
    check(
        "basic_auth:\n  username: me\n  password: a # why\n  password_file: /b\nclientSecret: 'c d'\n\"api_key\": \"e\"\n",
        "basic_auth:\n  username: me\n  password: <masked> # why\n  password_file: /b\nclientSecret: '<masked>'\n\"api_key\": \"<masked>\"\n",
    );
    check(
        "tls.key: a\nca.key: b\ntls.crt: c\nsecretName: d\nsecretRef: {name: e}\n",
        "tls.key: <masked>\nca.key: <masked>\ntls.crt: c\nsecretName: d\nsecretRef: {name: e}\n",
    );
    check(
        "automountServiceAccountToken: false\npassword:\ntoken: \"\"\n",
        "automountServiceAccountToken: false\npassword:\ntoken: \"\"\n",
    );
}

#[test]
fn an_authorization_keeps_its_type() {
    check(
        "authorization: {type: Bearer, credentials: abc}\n",
        "authorization: {type: Bearer, credentials: <masked>}\n",
    );
    check("authorization: abc\n", "authorization: <masked>\n");
}

#[test]
fn headers_that_log_in() {
    check(
        "headers:\n  X-Scope-OrgID: team\n  X-Auth-Token: a\n  Cookie: b\nhttp_headers:\n  Authorization:\n    values: [c, d]\n    files: [/e]\n",
        "headers:\n  X-Scope-OrgID: team\n  X-Auth-Token: <masked>\n  Cookie: <masked>\nhttp_headers:\n  Authorization:\n    values: [<masked>, <masked>]\n    files: [/e]\n",
    );
}

#[test]
fn urls_and_arguments() {
    check(
        "args:\n- --web.external-url=https://u:p@host:9090/x?a=1&token=t&b=2\n- --remote.client-secret=s t\n- --token\n- v\n",
        "args:\n- --web.external-url=https://u:<masked>@host:9090/x?a=1&token=<masked>&b=2\n- --remote.client-secret=<masked>\n- --token\n- <masked>\n",
    );
    check(
        "url: https://abc@host/\nother: https://host:90/a@b\n",
        "url: https://<masked>@host/\nother: https://host:90/a@b\n",
    );
    check("url: https://u:a/b@host/\n", "url: https://u:<masked>@host/\n");
    check("env:\n- name: DB_PASSWORD\n  value: x\n", "env:\n- name: DB_PASSWORD\n  value: <masked>\n");
}

#[test]
fn a_url_that_is_a_key() {
    check("http://u:p@host/: 1\nb: 2\n", "http://u:<masked>@host/: 1\nb: 2\n");
}

#[test]
fn every_line_of_a_block() {
    check("password: |\n  a\n\n    b\nc: 1\n", "password: |\n  <masked>\n\n    <masked>\nc: 1\n");
    check(
        "cert: |\n  -----BEGIN CERTIFICATE-----\n  x\n  -----END CERTIFICATE-----\n  -----BEGIN RSA PRIVATE KEY-----\n  y\n  -----END RSA PRIVATE KEY-----\nd: 1\n",
        "cert: |\n  -----BEGIN CERTIFICATE-----\n  x\n  -----END CERTIFICATE-----\n  <masked>\n  <masked>\n  <masked>\nd: 1\n",
    );
}

#[test]
fn documents_within_strings() {
    check(
        "config: |\r\n  a: 1\r\n  inner: |\r\n    password: x\r\nb: \"password: y\"\r\nc: '{\"token\": \"z\"}'\r\n",
        "config: |\r\n  a: 1\r\n  inner: |\r\n    password: <masked>\r\nb: \"password: <masked>\"\r\nc: '{\"token\": \"<masked>\"}'\r\n",
    );
    // Escapes: what stands in the text is not what it means.
    check("c: \"a: 1\\npassword: z\\n\"\n", "c: \"<masked>\"\n");
    check("c: \"a: 1\\nb: z\\n\"\n", "c: \"a: 1\\nb: z\\n\"\n");
}

#[test]
fn what_an_alias_uses_as_a_credential() {
    check("x: &p abc\npassword: *p\n", "x: &p <masked>\npassword: *p\n");
}

#[test]
fn comments() {
    check(
        "a: 1 # token: x\n# password: |\n#   y\n#   z\n# prose\nb: \"# password: 1\"\n",
        "a: 1 # token: <masked>\n# password: |\n#   <masked>\n#   <masked>\n# prose\nb: \"# password: <masked>\"\n",
    );
}

#[test]
fn texts_that_are_not_yaml() {
    check(
        "a: [\n  password: x\n  \"token\": \"y\", b: 1\n{secret: z, c: 2}\n# password: |\n#   v\nAuthorization: Bearer w\npassword = u\n",
        "a: [\n  password: <masked>\n  \"token\": \"<masked>\", b: 1\n{secret: <masked>, c: 2}\n# password: |\n#   <masked>\nAuthorization: <masked>\npassword = <masked>\n",
    );
    check("a: [\npassword:\n- x\n- y\nb: 1\n", "a: [\npassword:\n- <masked>\n- <masked>\nb: 1\n");
}

#[test]
fn nothing_else_is_touched() {
    let text = "\u{feff}expr: sum(x{secret=\"a\", token=\"b\"})\nrelabel: {regex: (password|token)}\nkey: v\nhost: a:9090\nat: 12:30\n";
    check(text, text);
}

#[test]
fn a_change_is_seen_and_the_credential_is_not() {
    let text = "- password: a\n- password: b\n";
    assert_eq!(
        masked(text, "- password: b\n- password: b\n"),
        (
            "- password: <masked, before>\n- password: <masked>\n".to_owned(),
            "- password: <masked, after>\n- password: <masked>\n".to_owned()
        )
    );
    // Quoted or moved, it is the same.
    assert_eq!(masked("a: 1\ntoken: x\n", "token: \"x\"\na: 1\n").1, "token: \"<masked>\"\na: 1\n");
    // Exchanged, both change.
    assert_eq!(
        masked(text, "- password: b\n- password: a\n").1,
        "- password: <masked, after>\n- password: <masked, after>\n"
    );
}

#[test]
fn no_way_of_writing_shows_it() {
    let texts = [
        "password: >-\n  SECRET\n  more SECRET\n",
        "password: SECRET\n  SECRET\nb: 1\n",
        "password: !!str SECRET\n",
        "? password\n: SECRET\n",
        "password: {value: SECRET}\n",
        "a: {b: [{password: [SECRET, 'SECRET']}]}\n",
        "token: \"x\\u0041SECRET\"\n",
        "headers: [{name: Authorization, value: Bearer SECRET}]\n",
        "h: &h {Cookie: SECRET}\nheaders: *h\n",
        "a: 1\n---\npassword: SECRET\n",
        "password: SECRET\npassword: SECRET\n",
        "\u{feff}# token: SECRET\na: 1\n",
        "a: >\n  url https://u:SECRET@h\n  and more\n",
        "a: |\n  password: x\n   broken: [\n  token: SECRET\n",
        "cmd: curl -H 'Authorization: Bearer SECRET' https://h\n",
        "cmd: run --db-password SECRET --x\n",
        "#@ if x:\npassword: SECRET\n#@ end\n",
        "a: 'it''s https://u:SECRET@h'\n",
        "redirect: https://h/?next=%2F&access_token=SECRET\n",
        "a: \"-----BEGIN PRIVATE KEY-----\\nSECRET\\n-----END PRIVATE KEY-----\"\n",
    ];
    for text in texts {
        let (before, after) = masked(text, "");
        assert!(!before.contains("SECRET"), "{text}\n{before}");
        assert_eq!(after, "");
        assert!(!masked("", &text.replace('\n', "\r\n")).1.contains("SECRET"), "{text}");
    }
}
