//! A command that goes on until somebody ends it.

use std::process::{Child, ChildStdout, Command, Stdio};

/// The command while it runs. It ends with this.
pub(crate) struct Running(Child);

impl Running {
    /// Starts it, with its stdout to read from.
    pub(crate) fn start(mut command: Command) -> (Self, ChildStdout) {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the plugin");
        let stdout = child.stdout.take().expect("its stdout");
        (Self(child), stdout)
    }

    /// Ctrl-C; the exit code.
    pub(crate) fn interrupt(mut self) -> Option<i32> {
        let pid = self.0.id().to_string();
        Command::new("kill").args(["-INT", &pid]).status().expect("a signal");
        self.0.wait().expect("an end").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that ended by itself needs no end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
