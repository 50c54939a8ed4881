//! A real Prometheus that is not in any cluster.

use std::fs;
use std::io;
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
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
