//! Values in which everything is secret that can be.

use super::planted::{in_url, secret};

/// Of a hub that itself writes elsewhere, scrapes with a login and tells people by mail and chat.
pub(super) fn of_a_hub() -> String {
    let config = format!(
        "global: {{scrape_interval: 2s}}\n\
         scrape_configs:\n\
         - job_name: own\n  basic_auth: {{username: me, password: {scrape}}}\n  static_configs: [{{targets: ['localhost:9090']}}]\n\
         - job_name: proxied\n  proxy_url: http://me:{proxy}@127.0.0.1:1\n  params: {{token: [{parameter}]}}\n  static_configs: [{{targets: ['127.0.0.1:1']}}]\n\
         alerting: {{alertmanagers: [{{authorization: {{credentials: {alerting}}}, static_configs: [{{targets: ['127.0.0.1:1']}}]}}]}}\n\
         remote_read: [{{url: 'http://me:{read}@127.0.0.1:1/read'}}]\n{writes}",
        scrape = secret("scrape"),
        proxy = in_url("proxy"),
        parameter = secret("parameter"),
        alerting = secret("alerting"),
        read = in_url("read"),
        writes = writes(),
    );
    let mail = format!(
        "global: {{smtp_auth_password: {}, slack_api_url: 'https://chat.test/{}'}}\n\
         receivers: [{{name: x, pagerduty_configs: [{{service_key: {}}}]}}]\nroute: {{receiver: x}}\n",
        secret("smtp"),
        secret("chat"),
        secret("pager"),
    );
    format!(
        "# the old password: {old}\nprometheus:\n  deployment:\n    containers:\n      args:\n\
         {args}  config:\n    prometheus_yml: |\n{config}alertmanager:\n  config:\n    alertmanager_yml: |\n{mail}",
        old = secret("comment"),
        args = arguments(),
        config = indented(&config),
        mail = indented(&mail),
    )
}

/// Of a server that writes to somebody already, and is to be an agent.
pub(super) fn of_an_agent() -> String {
    let config = format!(
        "global: {{scrape_interval: 2s}}\nscrape_configs:\n- job_name: own\n  static_configs: [{{targets: ['localhost:9090']}}]\n{}",
        writes()
    );
    format!("prometheus:\n  config:\n    prometheus_yml: |\n{}", indented(&config))
}

/// One for each way to log in.
fn writes() -> String {
    let logins = [
        format!("basic_auth: {{username: me, password: {}}}", secret("basic")),
        format!("authorization: {{credentials: {}}}", secret("bearer")),
        format!("headers: {{X-Auth-Token: {}}}", secret("header")),
        format!("proxy_url: http://me:{}@127.0.0.1:1", in_url("write-proxy")),
        format!(
            "oauth2: {{client_id: me, client_secret: {}, token_url: 'http://127.0.0.1:1/t'}}",
            secret("oauth2")
        ),
        format!("sigv4: {{region: r, access_key: {}, secret_key: {}}}", secret("access"), secret("sigv4")),
    ];
    let url = format!("http://me:{}@127.0.0.1:1/write?token={}", in_url("url"), in_url("query"));
    let first = format!("remote_write:\n- url: '{url}'\n");
    let others = logins.iter().enumerate();
    others.fold(first, |all, (number, login)| {
        format!("{all}- {{url: 'http://127.0.0.1:1/{number}', {login}}}\n")
    })
}

fn arguments() -> String {
    let url = format!("--web.external-url=http://me:{}@prometheus.hub.test/", in_url("external"));
    let all = [
        "--config.file=/etc/config/prometheus.yml",
        "--storage.tsdb.path=/data",
        "--web.enable-lifecycle",
        &url,
    ];
    all.map(|one| format!("      - {one}\n")).concat()
}

fn indented(text: &str) -> String {
    text.lines().flat_map(|line| ["      ", line, "\n"]).collect()
}
