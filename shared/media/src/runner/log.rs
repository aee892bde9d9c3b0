//! What a tool logs: its last lines, its complaints, and how far it is.

use super::{Said, child::consume};
use crate::complaints::Complaints;
use ffmpeg_sidecar::log_parser::try_parse_progress;
use std::{collections::VecDeque, process::ChildStderr};

/// How many of a tool's last lines an error keeps.
const TAIL_LINES: usize = 20;
/// Longer lines are cut: a hostile file can put anything into a message.
const LINE_BYTES: usize = 500;

/// Reads what the tool logs, to its end: a tool whose log nobody reads would stop.
pub(super) fn read_log(mut stderr: ChildStderr, mut on_progress: impl FnMut(u32)) -> Said {
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
