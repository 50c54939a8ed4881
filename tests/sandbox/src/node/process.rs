//! A process that cannot outlive the sandbox.
//!
//! A shell stands between the sandbox and the program, and reads from a pipe that the sandbox holds: a line means
//! SIGTERM, the end of the pipe SIGKILL. However the sandbox ends, the pipe ends with it.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::logs::Log;
use super::machine::Launch;

const GUARD: &str = r#"
exec 3<&0 2>&1 </dev/null
"$@" 3<&- &
child=$!
(
  read -r word <&3 && kill -TERM "$child" && read -r word <&3
  kill -KILL "$child"
) >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$child"
code=$?
kill "$guard" 2>/dev/null
exit "$code"
"#;

/// A running program. It is killed when this is dropped.
pub(super) struct Process {
    child: Child,
    guard: Option<ChildStdin>,
    output: JoinHandle<()>,
}

impl Process {
    /// Starts a program; `edit` sees every line before it goes to the log.
    pub(super) fn start(
        launch: &Launch,
        log: Log,
        edit: impl Fn(&str) -> String + Send + 'static,
    ) -> io::Result<Self> {
        let mut child = Command::new("/bin/sh")
            .args(["-c", GUARD, "sh"])
            .arg(&launch.program)
            .args(&launch.arguments)
            .current_dir(&launch.folder)
            .env_clear()
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let guard = child.stdin.take();
        let stdout = child.stdout.take();
        let output = tokio::spawn(async move {
            let Some(stdout) = stdout else { return };
            let mut lines = BufReader::new(stdout).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                log.line(&edit(&String::from_utf8_lossy(&line)));
            }
        });
        Ok(Self { child, guard, output })
    }

    /// Waits for the end, and gives the exit code: 128 and the number of the signal if there was one.
    pub(super) async fn wait(&mut self) -> i32 {
        let status = self.child.wait().await;
        // What it printed last is still on its way.
        let _ = timeout(Duration::from_secs(1), &mut self.output).await;
        status.ok().and_then(|status| status.code()).unwrap_or(137)
    }

    /// Asks it to end, and kills it if it has not ended in time. Gives its exit code, as `wait` does.
    pub(super) async fn terminate(mut self, grace: Duration) -> i32 {
        if let Some(guard) = &mut self.guard {
            let _ = guard.write_all(b"end\n").await;
            let _ = guard.flush().await;
        }
        if let Ok(code) = timeout(grace, self.wait()).await {
            return code;
        }
        self.guard = None;
        timeout(grace, self.wait()).await.unwrap_or(137)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(script: &str) -> (Process, super::super::logs::Logs) {
        let logs = super::super::logs::Logs::default();
        let launch = Launch {
            program: "/bin/sh".into(),
            arguments: vec!["-c".to_owned(), script.to_owned()],
            folder: "/".into(),
            environment: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
        };
        let process = Process::start(&launch, logs.begin("c"), str::to_uppercase).unwrap();
        (process, logs)
    }

    #[tokio::test]
    async fn the_exit_code_and_both_streams_arrive() {
        let (mut process, logs) = start("echo out; echo err >&2; exit 3");
        assert_eq!(process.wait().await, 3);
        assert_eq!(logs.read("c", crate::api::Instance::Current).unwrap(), "OUT\nERR\n");
    }

    #[tokio::test]
    async fn it_is_asked_to_end_and_then_killed() {
        let (process, logs) = start("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done");
        let up = || logs.read("c", crate::api::Instance::Current).is_some_and(|log| log.contains("UP"));
        while !up() {
            tokio::task::yield_now().await;
        }
        process.terminate(Duration::from_secs(10)).await;
        assert_eq!(logs.read("c", crate::api::Instance::Current).unwrap(), "UP\nBYE\n");

        let (mut process, _logs) = start("trap '' TERM; while :; do sleep 0.05; done");
        process.guard = None;
        assert_eq!(process.wait().await, 137);
    }
}
