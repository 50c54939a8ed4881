//! ytt and kbld, run on a package as kapp-controller runs them.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use promfed_e2e::package::files;
use promfed_sandbox::{Package, ValuesFile};
use serde::Deserialize as _;
use serde_json::Value;

/// The folder of the Carvel tools. Without them a test is skipped, aloud, unless `PROMFED_SKIP=never`.
pub(crate) fn carvel() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/e2e");
    let parts = std::env::var_os("PROMFED_E2E_PARTS").map_or(here, PathBuf::from);
    let folder = parts.join("carvel");
    if folder.join("ytt").exists() {
        return Some(folder);
    }
    let may_skip = std::env::var("PROMFED_SKIP").as_deref() != Ok("never");
    assert!(may_skip, "no ytt in {}, and PROMFED_SKIP=never", folder.display());
    writeln!(io::stderr(), "SKIPPED: no ytt (make e2e gets it)").unwrap();
    None
}

/// A version of a package, fetched into a folder.
pub(crate) struct Fetched {
    carvel: PathBuf,
    folder: PathBuf,
}

impl Fetched {
    /// `test` tells the folders of tests apart that run at the same time.
    pub(crate) fn new(carvel: &Path, test: &str, package: &Package, version: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test).join(package.name()).join(version);
        fs::remove_dir_all(&folder).ok();
        for (path, text) in files(package, version) {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::create_dir_all(folder.join("values")).unwrap();
        Self { carvel: carvel.to_owned(), folder }
    }

    /// What ytt makes of some values: its output, or what it says on its standard error. Where it names the folder of
    /// the values files, the message has the one that they have in the sandbox.
    pub(crate) fn ytt(&self, values: &[ValuesFile]) -> Result<String, String> {
        self.ytt_over(values, &[])
    }

    /// The same, with overlays of a user's own.
    pub(crate) fn ytt_over(&self, values: &[ValuesFile], overlays: &[ValuesFile]) -> Result<String, String> {
        let mut command = self.command("ytt");
        command.arg("-f").arg(self.folder.join("config"));
        for file in overlays {
            let path = self.folder.join(&file.name);
            fs::write(&path, &file.text).unwrap();
            command.arg("-f").arg(path);
        }
        for file in values {
            let path = self.folder.join("values").join(&file.name);
            fs::write(&path, &file.text).unwrap();
            command.arg("--data-values-file").arg(path);
        }
        let result = outcome(&command.output().unwrap());
        result.map_err(|error| {
            values.iter().fold(error, |error, file| {
                error.replace(&*self.folder.join("values").join(&file.name).to_string_lossy(), &file.path())
            })
        })
    }

    /// The schema as ytt exports it for a Package.
    pub(crate) fn schema(&self) -> Value {
        let mut command = self.command("ytt");
        command.arg("-f").arg(self.folder.join("config"));
        command.args(["--data-values-schema-inspect", "-o", "openapi-v3"]);
        let documents = documents(&outcome(&command.output().unwrap()).unwrap());
        documents[0]["components"]["schemas"]["dataValues"].clone()
    }

    /// What kbld makes of ytt's output. Every connection that it might open fails.
    pub(crate) fn kbld(&self, templated: &str) -> String {
        let mut command = self.command("kbld");
        command.args(["-f", "-", "-f"]).arg(self.folder.join("kbld")).arg("--build=false");
        command.env("HTTPS_PROXY", "http://127.0.0.1:1").stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(templated.as_bytes()).unwrap();
        outcome(&child.wait_with_output().unwrap()).unwrap()
    }

    fn command(&self, tool: &str) -> Command {
        let mut command = Command::new(self.carvel.join(tool));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

fn outcome(output: &Output) -> Result<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// The documents of a YAML stream.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text).map(|document| Value::deserialize(document).unwrap()).collect()
}
