//! The one place where ffmpeg and ffprobe are started.

mod child;
mod log;

use crate::{complaints::Complaints, feed::Lines, sandbox::Reach};
use child::{execute, execute_with};
use heaters_domain::{Fault, Told};
use std::{
    io::{self, Write},
    os::fd::{AsRawFd, OwnedFd},
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::OnceLock,
    time::Duration,
};

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

impl Fault for RunError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Start { .. } => Told::internal("The video tools are not installed. Tell an operator."),
            Self::Deadline { .. } => Told::tool_failure("The video took longer to process than it may."),
            Self::Failed { .. } => Told::tool_failure("The video could not be processed; the file may be damaged."),
            Self::Output { .. } => Told::transient("The processed video could not be kept. Retry it."),
            Self::Input { .. } => Told::transient("The video could not be read while it was processed. Retry it."),
        }
    }
}

impl RunError {
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

/// Runs a program that talks to sites through `line` alone, a socket that is connected already. Gives its standard
/// output piece by piece. Blocks; the child dies with the calling thread.
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
