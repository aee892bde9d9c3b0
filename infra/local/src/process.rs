//! Processes of the local fabric: they outlive the command that starts them.

use anyhow::{Context, bail};
use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use std::{
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// A tool of the local fabric, with an empty environment but for the search path.
pub fn tool(program: impl AsRef<OsStr>) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the fabric's own processes, not media tools")]
    let mut command = Command::new(program);
    command.env_clear().env("PATH", search_path()).env("LANG", "C.UTF-8").stdin(Stdio::null());
    command
}

#[expect(clippy::disallowed_methods, reason = "tools are looked for where the user's shell looks for them")]
fn search_path() -> String {
    std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned())
}

/// The full path of a program, if it is installed.
pub fn find_program(name: &str) -> Option<PathBuf> {
    search_path().split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}

/// Starts a process in a session of its own, so that Ctrl-C in the terminal does not reach it before its
/// turn to stop. Returns its process id.
pub fn start_detached(command: &Command, log: &Path) -> anyhow::Result<u32> {
    let output = File::options().create(true).append(true).open(log)?;
    // setsid(1) replaces itself by the command, so the id is the command's.
    let mut session = tool("setsid");
    session.arg(command.get_program()).args(command.get_args());
    session.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = session.stdout(output.try_clone()?).stderr(output).spawn();
    let program = command.get_program().to_string_lossy();
    Ok(child.with_context(|| format!("{program} can't be started"))?.id())
}

/// Whether the process runs and is the one meant: its command line holds the mark. Ids are used again.
pub fn is_running(id: u32, mark: &str) -> bool {
    command_line(id).is_some_and(|line| line.contains(mark)) && !is_zombie(id)
}

fn command_line(id: u32) -> Option<String> {
    let line = fs::read(format!("/proc/{id}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&line).replace('\0', " "))
}

fn is_zombie(id: u32) -> bool {
    fs::read_to_string(format!("/proc/{id}/status")).is_ok_and(|status| status.contains("\nState:\tZ"))
}

/// Asks a process to stop, and ends it when it does not within the time. Does nothing to other processes.
pub fn stop(id: u32, mark: &str, patience: Duration) {
    if !is_running(id, mark) {
        return;
    }
    let pid = Pid::from_raw(id.cast_signed());
    let _ = kill(pid, Signal::SIGTERM);
    if !wait_until(patience, || !is_running(id, mark)) {
        let _ = killpg(pid, Signal::SIGKILL);
        wait_until(Duration::from_secs(5), || !is_running(id, mark));
    }
}

/// Ends the process groups whose leader's program lies below the folder: functions that a killed emulator left.
pub fn end_programs_below(folder: &Path) {
    let prefix = folder.to_string_lossy();
    let Ok(processes) = fs::read_dir("/proc") else { return };
    for entry in processes.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        if command_line(id).is_some_and(|line| line.starts_with(&*prefix)) {
            let _ = killpg(Pid::from_raw(id.cast_signed()), Signal::SIGKILL);
        }
    }
}

/// Waits for a condition; returns whether it came true in time.
pub fn wait_until(patience: Duration, condition: impl Fn() -> bool) -> bool {
    let end = Instant::now() + patience;
    while !condition() {
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

/// Runs a tool to its end. What it wrote is the error when it fails.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{program} can't be started"))?;
    if !output.status.success() {
        bail!("{program} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// The last lines of a log, for an error message.
pub fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detached_process_runs_in_its_own_session_and_stops() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = tool("sleep");
        command.arg("98765");
        let id = start_detached(&command, &folder.path().join("log")).unwrap();
        let session = || nix::unistd::getsid(Some(Pid::from_raw(id.cast_signed()))).unwrap();
        let own = nix::unistd::getsid(None).unwrap();
        assert!(wait_until(Duration::from_secs(5), || session() != own));
        assert!(is_running(id, "sleep 98765"));
        assert!(!is_running(id, "something else"), "an id that was used again is not ours");
        stop(id, "sleep 98765", Duration::from_secs(5));
        assert!(!is_running(id, "sleep 98765"));
    }

    #[test]
    fn a_failing_tool_says_why() {
        let error = run(tool("sh").args(["-c", "echo broken >&2; exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "sh failed: broken");
    }
}
