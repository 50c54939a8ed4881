//! The real VictoriaMetrics, on this machine's loopback and under a name of the sandbox's network.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use promfed_sandbox::tls::Authority;
use tempfile::TempDir;

use crate::support::{Rig, say, until};

/// The name and the port by which every cluster of the sandbox reaches it.
pub(crate) const NAME: &str = "metrics.example.test";
pub(crate) const PORT: u16 = 8428;

/// A process of it, with a folder of its own. It ends with this.
pub(crate) struct VictoriaMetrics {
    process: Child,
    _folder: TempDir,
}

impl VictoriaMetrics {
    /// Starts one on the rig's network. `None`, said aloud, where it cannot be had and that may be so.
    pub(crate) fn start(rig: &Rig) -> Option<Self> {
        Self::start_with(rig, &[])
    }

    /// As `start`, behind TLS with a certificate for its name that this authority signed.
    pub(crate) fn behind_tls(rig: &Rig, authority: &Authority) -> Option<Self> {
        let leaf = authority.leaf(&[NAME]).expect("a certificate");
        let certificate = rig.file("victoria.crt", &leaf.certificate);
        let key = rig.file("victoria.key", &leaf.key);
        let flags = [format!("-tlsCertFile={certificate}"), format!("-tlsKeyFile={key}")];
        Self::start_with(rig, &["-tls", &flags[0], &flags[1]])
    }

    /// As `start`, with these flags too.
    pub(crate) fn start_with(rig: &Rig, flags: &[&str]) -> Option<Self> {
        let Some(program) = program() else {
            let may_skip = std::env::var("PROMFED_SKIP").as_deref() != Ok("never");
            assert!(may_skip, "no VictoriaMetrics to run, and PROMFED_SKIP=never");
            say("SKIPPED: no VictoriaMetrics to run (make victoria-metrics gets one)");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let address = free();
        let mut process = Command::new(program)
            .arg(format!("-httpListenAddr={address}"))
            .arg(format!("-storageDataPath={}", folder.path().display()))
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("VictoriaMetrics");
        until("VictoriaMetrics listens", || {
            assert_eq!(process.try_wait().expect("its state"), None, "VictoriaMetrics ended");
            TcpStream::connect(address)
        });
        rig.sandbox().hosts().add(NAME, PORT, address);
        Some(Self { process, _folder: folder })
    }
}

impl Drop for VictoriaMetrics {
    fn drop(&mut self) {
        // One that ended by itself needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where make put it, or PATH has it.
fn program() -> Option<PathBuf> {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/victoria-metrics");
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(made)
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join("victoria-metrics"))
        .find(|program| program.is_file())
}

/// An address that nobody listens at: it cannot be told to take any.
fn free() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address")
}
