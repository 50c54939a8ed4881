//! One Prometheus, started as the package would start it, in a folder of its own.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use promfed::prometheus::flags::Args;
use promfed::prometheus::{Version, api};

/// What became of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It says that it is ready, and what it runs with.
    Ready { flags: BTreeMap<String, String> },
    /// It ended by itself.
    Ended { said: String },
}

/// Ends with the test, whatever the test does.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(super) fn version_of(path: &Path) -> Version {
    let output = Command::new(path).arg("--version").output().expect("a Prometheus");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let version =
        text.split_whitespace().skip_while(|word| *word != "version").nth(1).and_then(Version::parse);
    version.unwrap_or_else(|| panic!("{} has no version: {text}", path.display()))
}

/// Starts it with the arguments, whose paths in the container become paths of a folder, and looks until it is ready or
/// has ended.
pub(super) fn run(path: &Path, args: &Args, config: &str) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("prometheus.yml"), config).expect("a configuration");
    let here = folder.path().display().to_string();
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let local = |arg: &String| {
        let arg = arg.replace("=/etc/config/", &format!("={here}/"));
        arg.replace("=/data", &format!("={here}/data"))
    };
    let log = folder.path().join("log");
    let write = || Stdio::from(std::fs::File::options().create(true).append(true).open(&log).expect("a log"));
    let child = Command::new(path)
        .args(args.as_slice().iter().map(local))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(write())
        .stderr(write())
        .spawn()
        .expect("a process");
    let mut child = Running(child);
    let give_up = Instant::now() + Duration::from_secs(60);
    loop {
        if child.0.try_wait().expect("a status").is_some() {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            return Outcome::Ended { said };
        }
        if get(port, "/-/ready").is_some_and(|(status, _)| status == 200) {
            let (status, body) = get(port, api::FLAGS).expect("an answer");
            return Outcome::Ready { flags: api::flags(status, &body).expect("flags") };
        }
        assert!(Instant::now() < give_up, "neither ready nor ended: {args:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The place that a pattern of the table means, in the first item of every list.
pub(super) fn place(pattern: &str) -> promfed::yaml::Path {
    let step =
        |path: promfed::yaml::Path, step: &str| if step == "*" { path.index(0) } else { path.key(step) };
    pattern.split('.').fold(promfed::yaml::Path::default(), step)
}

fn get(port: u16, path: &str) -> Option<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n")?;
    let status = std::str::from_utf8(&answer[..head]).ok()?.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, answer.split_off(head + 4)))
}
