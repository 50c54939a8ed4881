//! A Prometheus over data that is there already.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::until;

/// The process. It ends with this.
pub(super) struct Prometheus {
    process: Child,
    address: SocketAddr,
}

impl Prometheus {
    /// Makes blocks of samples, and lets a Prometheus answer from them.
    pub(super) fn over(samples: &str, binary: &Path, promtool: &Path, folder: &Path) -> Self {
        let data = folder.join("data");
        fs::create_dir_all(&data).expect("a folder");
        let (file, config) = (folder.join("samples"), folder.join("prometheus.yml"));
        fs::write(&file, samples).expect("the samples");
        fs::write(&config, "scrape_configs: []\n").expect("a configuration");
        let blocks = ["tsdb", "create-blocks-from", "openmetrics"];
        let made = Command::new(promtool).args(blocks).arg(&file).arg(&data).output().expect("promtool");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
        let address = free.expect("a free port");
        let flag = |name: &str, value: &dyn std::fmt::Display| format!("--{name}={value}");
        let process = Command::new(binary)
            .arg(flag("config.file", &config.display()))
            .arg(flag("storage.tsdb.path", &data.display()))
            .arg(flag("storage.tsdb.retention.time", &"100y"))
            .arg(flag("web.listen-address", &address))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Prometheus");
        let started = Self { process, address };
        until("Prometheus answers", || started.ask("1", 1.0).map(drop));
        started
    }

    /// What it answers at a time, or its error.
    pub(super) fn ask(&self, query: &str, time: f64) -> Result<Value, String> {
        let encoded: Vec<_> = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let encoded = encoded.concat();
        let body =
            self.get(&format!("/api/v1/query?time={time}&query={encoded}")).map_err(|e| e.to_string())?;
        let body = body.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let answer: Value = serde_json::from_str(body).map_err(|error| format!("{error}: {body}"))?;
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer["data"].clone()),
        }
    }

    fn get(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
