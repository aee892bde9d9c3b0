//! A tool's process: it is fed and read, and killed with all that it started when its time is over.

use super::{Run, RunError, Said, log::read_log};
use crate::{
    complaints::Complaints,
    feed::{self, Fed},
    sandbox::{self, Reach},
};
use ffmpeg_sidecar::command::FfmpegCommand;
use nix::{sys::signal, unistd::Pid};
use std::{
    io::{self, Read, Write},
    path::Path,
    process::{Child, ChildStderr, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        Mutex,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

const STDOUT_PIECE_BYTES: usize = 1 << 16;
const WAIT_STEP: Duration = Duration::from_millis(5);

pub(super) fn execute(
    path: &Path,
    run: &Run<'_>,
    feed: Option<impl FnOnce(&mut dyn Write) -> io::Result<()> + Send>,
    on_stdout: impl FnMut(&[u8]) -> io::Result<()>,
    on_progress: impl FnMut(u32) + Send,
) -> Result<Said, RunError> {
    execute_with(Reach::Nothing, path, run, feed, on_stdout, on_progress)
}

pub(super) fn execute_with(
    reach: Reach,
    path: &Path,
    run: &Run<'_>,
    feed: Option<impl FnOnce(&mut dyn Write) -> io::Result<()> + Send>,
    mut on_stdout: impl FnMut(&[u8]) -> io::Result<()>,
    on_progress: impl FnMut(u32) + Send,
) -> Result<Said, RunError> {
    let tool = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let subject = run.subject.to_owned();
    let (mut child, stdin, stderr) = match start(reach, path, run) {
        Ok(started) => started,
        Err(source) => return Err(RunError::Start { tool, subject, source }),
    };
    let stdout = child.stdout.take();
    let group = Pid::from_raw(child.id().cast_signed());
    // Locked while the child may be reaped, so that no other process is killed that got its number.
    let child = Mutex::new(Some(child));
    let (finished, watch) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let log = scope.spawn(|| read_log(stderr, on_progress));
        let watchdog = scope.spawn({
            let (child, deadline) = (&child, run.deadline);
            move || watch_deadline(&watch, deadline, group, child)
        });
        let feeder = feed.map(|feed| {
            let child = &child;
            scope.spawn(move || {
                let written = feed::write_input(stdin, feed);
                if matches!(written, Fed::Failed(_)) {
                    // The tool would take what it has for all there is.
                    kill(group, child);
                }
                written
            })
        });
        let consumed = stdout.map_or(Ok(()), |mut stdout| consume(&mut stdout, &mut on_stdout));
        if consumed.is_err() {
            kill(group, &child);
        }
        let status = reap(&child);
        drop(finished);
        let said = log.join().unwrap_or(Said { tail: Vec::new(), complaints: Complaints::default() });
        let overdue = watchdog.join().unwrap_or(false);
        let panicked = |_| Fed::Failed(io::Error::other("the feed panicked"));
        let written = feeder.map_or(Fed::Done, |feeder| feeder.join().unwrap_or_else(panicked));
        match (status, consumed, written) {
            _ if overdue => Err(RunError::Deadline { tool, subject, seconds: run.deadline.as_secs(), tail: said.tail }),
            (Err(source), ..) | (_, Err(source), _) => Err(RunError::Output { tool, subject, source }),
            (.., Fed::Failed(source)) => Err(RunError::Input { tool, subject, source }),
            (Ok(status), Ok(()), Fed::Done) if status.success() => Ok(said),
            (Ok(status), Ok(()), Fed::Done) => Err(RunError::Failed { tool, subject, status, tail: said.tail }),
        }
    })
}

fn start(reach: Reach, path: &Path, run: &Run<'_>) -> io::Result<(Child, ChildStdin, ChildStderr)> {
    let mut command = match reach {
        Reach::Nothing => tool(path),
        Reach::Line(_) => program(path),
    };
    command.args(run.args).current_dir(run.folder);
    sandbox::confine(&mut command, reach)?;
    let mut child = command.spawn()?;
    let stdin = child.stdin.take().ok_or_else(|| io::Error::other("standard input is not piped"))?;
    let stderr = child.stderr.take().ok_or_else(|| io::Error::other("standard error is not piped"))?;
    Ok((child, stdin, stderr))
}

/// ffmpeg or ffprobe. Not started by FfmpegCommand::spawn: it adds an option that ffprobe does not know.
fn tool(path: &Path) -> Command {
    let mut command = FfmpegCommand::new_with_path(path);
    std::mem::replace(command.as_inner_mut(), program(path))
}

#[expect(clippy::disallowed_methods, reason = "this is the one runner")]
fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(super) fn consume(stdout: &mut impl Read, on_stdout: &mut impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut piece = vec![0; STDOUT_PIECE_BYTES];
    loop {
        match stdout.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => on_stdout(&piece[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Kills the process group when the deadline passes before the channel closes. Returns whether it did.
fn watch_deadline(watch: &mpsc::Receiver<()>, deadline: Duration, group: Pid, child: &Mutex<Option<Child>>) -> bool {
    let overdue = watch.recv_timeout(deadline) == Err(RecvTimeoutError::Timeout);
    if overdue {
        kill(group, child);
    }
    overdue
}

fn kill(group: Pid, child: &Mutex<Option<Child>>) {
    let guard = child.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if guard.is_some() {
        // It fails only when the group is gone, which is what is wanted.
        let _ = signal::killpg(group, signal::Signal::SIGKILL);
    }
}

/// Waits for the child without holding the lock for long, so that the deadline can kill it.
fn reap(child: &Mutex<Option<Child>>) -> io::Result<ExitStatus> {
    let mut pause = Duration::from_micros(200);
    let begun = Instant::now();
    loop {
        {
            let mut guard = child.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let running = guard.as_mut().ok_or_else(|| io::Error::other("the tool was waited for twice"))?;
            if let Some(status) = running.try_wait()? {
                *guard = None;
                return Ok(status);
            }
        }
        thread::sleep(pause);
        if begun.elapsed() > WAIT_STEP {
            pause = WAIT_STEP;
        }
    }
}
