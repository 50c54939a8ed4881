//! The ingress of a cluster: nginx, configured from the `HTTPProxies` as Contour configures Envoy.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use promfed_sandbox::objects::items;
use promfed_sandbox::store::{Key, Store};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::address::Number;
use crate::parts::Parts;
use crate::process::Process;

/// What goes wrong on request: a name's requests are answered with a status, and do not arrive.
#[derive(Clone)]
pub(crate) struct Refusals(Arc<watch::Sender<BTreeMap<String, u16>>>);

impl Default for Refusals {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::default()))
    }
}

impl Refusals {
    pub(crate) fn set(&self, name: &str, status: u16) {
        self.0.send_modify(|refusals| {
            refusals.insert(name.to_owned(), status);
        });
    }

    fn get(&self, name: &str) -> Option<u16> {
        self.0.borrow().get(name).copied()
    }
}

/// The ingress of one cluster.
pub(crate) struct Ingress {
    pub(crate) store: Store,
    pub(crate) number: Number,
    pub(crate) folder: PathBuf,
    pub(crate) refusals: Refusals,
}

impl Ingress {
    /// Runs nginx with the configuration of the moment, until it is told to stop.
    pub(crate) async fn run(self, parts: Parts, mut stop: watch::Receiver<()>) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let file = self.folder.join("nginx.conf");
        let mut written = self.configuration()?;
        std::fs::write(&file, &written)?;
        let arguments = ["-p", &self.folder.display().to_string(), "-c", &file.display().to_string()];
        let mut nginx = Process::start(&parts.nginx(), arguments, &self.folder.join("nginx.log"))?;
        let mut versions = self.store.versions();
        let mut refusals = self.refusals.0.subscribe();
        loop {
            let wanted = self.configuration()?;
            if wanted != written {
                std::fs::write(&file, &wanted)?;
                written = wanted;
                reload(&nginx).await;
            }
            tokio::select! {
                _ = versions.changed() => {}
                _ = refusals.changed() => {}
                _ = stop.changed() => break,
            }
        }
        // Killed, it would leave its worker behind, which goes on listening.
        nginx.signal("TERM").await;
        nginx.wait().await;
        Ok(())
    }

    fn configuration(&self) -> io::Result<String> {
        let folder = self.folder.display();
        let mut text = format!(
            "daemon off;\nuser root;\nworker_processes 1;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n\
             access_log off;\nserver_tokens off;\nclient_max_body_size 0;\nclient_body_temp_path {folder}/body;\n\
             proxy_temp_path {folder}/proxy;\nfastcgi_temp_path {folder}/fastcgi;\nuwsgi_temp_path {folder}/uwsgi;\n\
             scgi_temp_path {folder}/scgi;\n\
             server {{ listen {}:80 default_server; return 404; }}\n",
            self.number.ingress(),
        );
        for proxy in self.store.list("projectcontour.io", "httpproxies", None).0 {
            if proxy["status"]["currentStatus"] == "valid" {
                self.server(&mut text, &proxy)?;
            }
        }
        text.push_str("}\n");
        Ok(text)
    }

    fn server(&self, text: &mut String, proxy: &Value) -> io::Result<()> {
        let host = &proxy["spec"]["virtualhost"];
        let Some(fqdn) = host["fqdn"].as_str().filter(|fqdn| is_name(fqdn)) else { return Ok(()) };
        let address = self.number.ingress();
        let locations = match self.refusals.get(fqdn) {
            Some(status) => format!("location / {{ return {status}; }}\n"),
            None => self.locations(proxy),
        };
        let namespace = proxy["metadata"]["namespace"].as_str().unwrap_or_default();
        let Some(secret) = host["tls"]["secretName"].as_str() else {
            writeln!(text, "server {{ listen {address}:80; server_name {fqdn};\n{locations}}}").ok();
            return Ok(());
        };
        let secret = self.store.get(&Key::namespaced("", "secrets", namespace, secret)).unwrap_or_default();
        // A name of its own for each certificate, so that a new one is a new configuration.
        let version = secret["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        let place = format!("{}/{fqdn}.{version}", self.folder.display());
        for (key, ending) in [("tls.crt", "crt"), ("tls.key", "key")] {
            let Some(pem) = secret["data"][key].as_str().and_then(|text| STANDARD.decode(text).ok()) else {
                return Ok(());
            };
            std::fs::write(format!("{place}.{ending}"), pem)?;
        }
        writeln!(
            text,
            "server {{ listen {address}:80; server_name {fqdn}; return 301 https://$host$request_uri; }}\n\
             server {{ listen {address}:443 ssl; server_name {fqdn};\nssl_certificate {place}.crt;\n\
             ssl_certificate_key {place}.key;\n{locations}}}",
        )
        .ok();
        Ok(())
    }

    fn locations(&self, proxy: &Value) -> String {
        let namespace = proxy["metadata"]["namespace"].as_str().unwrap_or_default();
        let mut text = String::from(
            "error_page 502 504 =503 @none;\n\
             location @none { default_type text/plain; return 503 \"no healthy upstream\"; }\n",
        );
        for route in items(&proxy["spec"]["routes"]) {
            let prefix: String =
                items(&route["conditions"]).filter_map(|condition| condition["prefix"].as_str()).collect();
            let service = &route["services"][0];
            let key =
                Key::namespaced("", "services", namespace, service["name"].as_str().unwrap_or_default());
            let found = self.store.get(&key).unwrap_or_default();
            let Some(address) = found["spec"]["clusterIP"].as_str() else { continue };
            let rewrite = items(&route["pathRewritePolicy"]["replacePrefix"]).next();
            let replacement = rewrite.and_then(|rewrite| rewrite["replacement"].as_str()).unwrap_or_default();
            writeln!(
                text,
                "location {prefix} {{ proxy_pass http://{address}:{}{replacement}; proxy_http_version 1.1;\n\
                 proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto $scheme; }}",
                service["port"],
            )
            .ok();
        }
        text
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

/// Lets nginx read its configuration again. One that has just been started may not listen to signals yet.
async fn reload(nginx: &Process) {
    sleep(Duration::from_millis(100)).await;
    nginx.signal("HUP").await;
}

/// The fully qualified names that lead to an ingress.
pub(crate) fn names(store: &Store) -> Vec<String> {
    let proxies = store.list("projectcontour.io", "httpproxies", None).0;
    let name = |proxy: &Value| proxy["spec"]["virtualhost"]["fqdn"].as_str().map(str::to_ascii_lowercase);
    proxies.iter().filter_map(name).collect()
}
