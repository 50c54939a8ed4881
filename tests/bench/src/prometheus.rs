//! A real Prometheus that is not in any cluster.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::clusters::eventually;

/// The process. It ends with this.
pub(crate) struct Prometheus {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Prometheus {
    /// Starts one; returns when it listens.
    pub(crate) fn start(binary: &Path, config: &str, folder: &Path, flags: &[&str]) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let file = folder.join("prometheus.yml");
        fs::write(&file, config)?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let process = Command::new(binary)
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--web.listen-address={address}"))
            .args(flags)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("log"))?)
            .spawn()?;
        let this = Self { process, address };
        eventually(|| Ok(TcpStream::connect(address).is_ok())).map_err(|_| {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            io::Error::other(format!("{} does not start: {log}", binary.display()))
        })?;
        Ok(this)
    }

    /// What it answers, headers first.
    pub(crate) fn ask(&self, method: &str, path: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        write!(stream, "{method} {path} HTTP/1.0\r\nhost: {}\r\ncontent-length: 0\r\n\r\n", self.address)?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    }

    /// The sum of a metric of its own over all its labels.
    pub(crate) fn sum(&self, name: &str) -> io::Result<f64> {
        let page = self.ask("GET", "/metrics")?;
        let lines = page.lines().filter(|line| line.starts_with(name));
        Ok(lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
