//! Ties a process to the life of this one. A small shell waits on a pipe that only we hold open; when we end, however we
//! end, the pipe closes and the shell runs its last command. So a killed test leaves no server behind.

use std::process::{Child, Command, Stdio};

/// What runs a command when this process ends without letting go first.
#[derive(Debug)]
pub struct Leash(Child);

impl Leash {
    /// Runs `command` (for `sh -c`) when this process ends.
    pub fn hold(command: &str) -> Self {
        let script = format!("cat >/dev/null; {command}");
        let shell = Command::new("sh")
            .args(["-c", &script])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a shell");
        Self(shell)
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        // Let go: kill the shell before the pipe closes.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
