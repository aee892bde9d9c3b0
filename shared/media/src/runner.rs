//! The one place where ffmpeg and ffprobe are started.

use crate::{
    complaints::Complaints,
    feed::{self, Fed, Lines},
    sandbox::{self, Reach},
};
use ffmpeg_sidecar::{command::FfmpegCommand, log_parser::try_parse_progress};
use heaters_domain::ErrorClass;
use nix::{sys::signal, unistd::Pid};
use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    os::fd::{AsRawFd, OwnedFd},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        Mutex, OnceLock,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

/// How many of a tool's last lines an error keeps.
const TAIL_LINES: usize = 20;
/// Longer lines are cut: a hostile file can put anything into a message.
const LINE_BYTES: usize = 500;
const STDOUT_PIECE_BYTES: usize = 1 << 16;
const WAIT_STEP: Duration = Duration::from_millis(5);

/// Where the tools are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    pub ffmpeg: PathBuf,
    pub ffprobe: PathBuf,
}

/// One run of a tool.
#[derive(Debug)]
pub struct Run<'a> {
    pub args: &'a [String],
    /// The working directory; arguments name files relative to it.
    pub folder: &'a Path,
    /// When the tool and all that it started are killed.
    pub deadline: Duration,
    /// What the tool works on, for errors.
    pub subject: &'a str,
}

/// What a tool that succeeded said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The last lines it logged.
    pub tail: Vec<String>,
    /// The errors it logged and went on after, such as damaged frames.
    pub complaints: Complaints,
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("{tool} could not be started for {subject}")]
    Start { tool: String, subject: String, source: io::Error },
    #[error("{tool} on {subject} was stopped after {seconds} s: {}", tail.join(" | "))]
    Deadline { tool: String, subject: String, seconds: u64, tail: Vec<String> },
    #[error("{tool} on {subject} ended with {status}: {}", tail.join(" | "))]
    Failed { tool: String, subject: String, status: ExitStatus, tail: Vec<String> },
    #[error("the output of {tool} on {subject} could not be used")]
    Output { tool: String, subject: String, source: io::Error },
    #[error("what {tool} should work on for {subject} could not be given to it")]
    Input { tool: String, subject: String, source: io::Error },
}

impl RunError {
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Start { .. } => ErrorClass::Internal,
            Self::Deadline { .. } | Self::Failed { .. } => ErrorClass::ToolFailure,
            Self::Output { .. } | Self::Input { .. } => ErrorClass::Transient,
        }
    }

    /// One sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Start { .. } => "The video tools are not installed. Tell an operator.",
            Self::Deadline { .. } => "The video took longer to process than it may.",
            Self::Failed { .. } => "The video could not be processed; the file may be damaged.",
            Self::Output { .. } => "The processed video could not be kept. Retry it.",
            Self::Input { .. } => "The video could not be read while it was processed. Retry it.",
        }
        .to_owned()
    }

    /// The tool's last lines, where it ran.
    pub fn tail(&self) -> &[String] {
        match self {
            Self::Deadline { tail, .. } | Self::Failed { tail, .. } => tail,
            Self::Start { .. } | Self::Output { .. } | Self::Input { .. } => &[],
        }
    }
}

impl Tools {
    /// ffmpeg's version; asked once a process.
    pub fn version(&self) -> Result<String, RunError> {
        static VERSION: OnceLock<String> = OnceLock::new();
        if let Some(version) = VERSION.get() {
            return Ok(version.clone());
        }
        let args = ["-version".to_owned()];
        let run =
            Run { args: &args, folder: Path::new("/"), deadline: Duration::from_secs(20), subject: "its version" };
        let text = capture(&self.ffmpeg, &run)?;
        // "ffmpeg version 5.1.9-0+deb12u1 Copyright (c) …"
        let text = String::from_utf8_lossy(&text);
        let version = text.split_whitespace().nth(2).unwrap_or("unknown").to_owned();
        Ok(VERSION.get_or_init(|| version).clone())
    }

    /// Runs ffmpeg, gives its standard output to `on_stdout` piece by piece and the number of frames done
    /// to `on_progress` a few times a second.
    ///
    /// Blocks; the child dies with the calling thread, so that thread has to live until the end.
    pub fn ffmpeg(
        &self,
        run: &Run<'_>,
        on_stdout: impl FnMut(&[u8]) -> io::Result<()>,
        on_progress: impl FnMut(u32) + Send,
    ) -> Result<Said, RunError> {
        execute(&self.ffmpeg, run, NO_INPUT, on_stdout, on_progress)
    }

    /// Like [`Tools::ffmpeg`], while `feed` writes its standard input in a thread of its own; that is closed when
    /// `feed` returns.
    ///
    /// A tool that needs no more closes the pipe: then `feed` gets an error and should return, and whether
    /// all is well is for the tool to say. An error of another source stops the tool and is the run's.
    /// Only `feed` can bound its own waiting for what it reads; the deadline stops the tool.
    pub fn ffmpeg_fed(
        &self,
        run: &Run<'_>,
        feed: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
        on_stdout: impl FnMut(&[u8]) -> io::Result<()>,
        on_progress: impl FnMut(u32) + Send,
    ) -> Result<Said, RunError> {
        execute(&self.ffmpeg, run, Some(feed), on_stdout, on_progress)
    }

    /// Runs ffprobe and returns its standard output. Blocks.
    pub fn ffprobe(&self, run: &Run<'_>) -> Result<Vec<u8>, RunError> {
        capture(&self.ffprobe, run)
    }

    /// Runs ffprobe and gives its standard output line by line. Blocks.
    pub fn ffprobe_lines(&self, run: &Run<'_>, on_line: impl FnMut(&str) -> io::Result<()>) -> Result<Said, RunError> {
        execute_lines(&self.ffprobe, run, NO_INPUT, on_line)
    }

    /// Runs ffprobe on what `feed` writes to its standard input, as [`Tools::ffmpeg_fed`] does, and gives its
    /// standard output line by line. Blocks.
    pub fn ffprobe_fed(
        &self,
        run: &Run<'_>,
        feed: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
        on_line: impl FnMut(&str) -> io::Result<()>,
    ) -> Result<Said, RunError> {
        execute_lines(&self.ffprobe, run, Some(feed), on_line)
    }
}

/// The argument in whose place [`run_on_line`] puts the line's number.
pub const LINE: &str = "{line}";

/// Runs a program that talks to sites through `line` alone, a socket that is connected already. Gives its standard output piece by piece. Blocks; the child dies with the calling thread.
pub fn run_on_line(
    program: &Path,
    run: &Run<'_>,
    line: &OwnedFd,
    on_stdout: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<Said, RunError> {
    let number = line.as_raw_fd();
    let args: Vec<String> =
        run.args.iter().map(|arg| if arg == LINE { number.to_string() } else { arg.clone() }).collect();
    let run = Run { args: &args, ..*run };
    execute_with(Reach::Line(number), program, &run, NO_INPUT, on_stdout, |_| ())
}

/// Nothing is written to the tool's standard input: it finds it closed.
const NO_INPUT: Option<fn(&mut dyn Write) -> io::Result<()>> = None;

fn execute_lines(
    path: &Path,
    run: &Run<'_>,
    feed: Option<impl FnOnce(&mut dyn Write) -> io::Result<()> + Send>,
    on_line: impl FnMut(&str) -> io::Result<()>,
) -> Result<Said, RunError> {
    let mut lines = Lines::new(on_line);
    let said = execute(path, run, feed, |piece| lines.push(piece), |_| ())?;
    lines.finish().map_err(|source| {
        let tool = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        RunError::Output { tool, subject: run.subject.to_owned(), source }
    })?;
    Ok(said)
}

fn capture(path: &Path, run: &Run<'_>) -> Result<Vec<u8>, RunError> {
    let mut output = Vec::new();
    let keep = |piece: &[u8]| {
        output.extend_from_slice(piece);
        Ok(())
    };
    execute(path, run, NO_INPUT, keep, |_| ())?;
    Ok(output)
}

fn execute(
    path: &Path,
    run: &Run<'_>,
    feed: Option<impl FnOnce(&mut dyn Write) -> io::Result<()> + Send>,
    on_stdout: impl FnMut(&[u8]) -> io::Result<()>,
    on_progress: impl FnMut(u32) + Send,
) -> Result<Said, RunError> {
    execute_with(Reach::Nothing, path, run, feed, on_stdout, on_progress)
}

fn execute_with(
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

fn consume(stdout: &mut impl Read, on_stdout: &mut impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
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

/// Reads what the tool logs, to its end: a tool whose log nobody reads would stop.
fn read_log(mut stderr: ChildStderr, mut on_progress: impl FnMut(u32)) -> Said {
    let mut log = Log::default();
    let mut line = Vec::new();
    let mut take_line = |line: &mut Vec<u8>| {
        if let Some(frames) = log.take(&String::from_utf8_lossy(line)) {
            on_progress(frames);
        }
        line.clear();
    };
    let drained = consume(&mut stderr, &mut |piece: &[u8]| {
        for byte in piece {
            match byte {
                b'\n' | b'\r' => take_line(&mut line),
                _ if line.len() < LINE_BYTES => line.push(*byte),
                _ => {}
            }
        }
        Ok(())
    });
    take_line(&mut line);
    if let Err(error) = drained {
        tracing::warn!(%error, "a tool's log could not be read to its end");
    }
    Said { tail: log.tail.into(), complaints: log.complaints }
}

#[derive(Default)]
struct Log {
    tail: VecDeque<String>,
    complaints: Complaints,
}

impl Log {
    /// Keeps a line, or gives the number of frames done if it is about progress.
    fn take(&mut self, line: &str) -> Option<u32> {
        let line = line.trim();
        if line.starts_with("frame=") {
            return try_parse_progress(line).map(|progress| progress.frame);
        }
        if !line.is_empty() {
            self.complaints.take(line);
            if self.tail.len() == TAIL_LINES {
                self.tail.pop_front();
            }
            self.tail.push_back(line.to_owned());
        }
        None
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
