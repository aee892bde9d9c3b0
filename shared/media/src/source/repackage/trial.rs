//! The first frames of a copy against the source's.

use crate::{
    args::{self, OFFSET_SECONDS},
    pass::crc,
    runner::{Run, RunError, Tools},
};
use heaters_domain::Rational;
use std::{path::Path, time::Duration};

const DEADLINE: Duration = Duration::from_mins(1);
const FRAMES: u32 = 16;
/// What is there of both files ends somewhere, and decoders make something of the last packets.
const LEFT_OUT: usize = 3;

/// A frame's time in ticks, its size and its checksum.
type Frame = (Option<i64>, String);

/// A stream of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stream<'a> {
    pub file: &'a str,
    pub index: u32,
}

/// Whether the copy's first frames are the source's, at the same times. Blocks.
pub(super) fn agree(
    tools: &Tools,
    folder: &Path,
    time_base: Rational,
    source: Stream<'_>,
    copy: Stream<'_>,
) -> Result<bool, RunError> {
    let later = i64::from(OFFSET_SECONDS) * i64::from(time_base.den);
    let source = frames(tools, folder, time_base, source, 0)?;
    let copy = frames(tools, folder, time_base, copy, later)?;
    let count = source.len().min(copy.len());
    let count = if count == FRAMES as usize { count } else { count.saturating_sub(LEFT_OUT).max(1) };
    Ok(!source.is_empty() && !copy.is_empty() && source.iter().take(count).eq(copy.iter().take(count)))
}

fn frames(
    tools: &Tools,
    folder: &Path,
    time_base: Rational,
    stream: Stream<'_>,
    later: i64,
) -> Result<Vec<Frame>, RunError> {
    let args = args::first_frames(stream.file, stream.index, time_base, FRAMES);
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: stream.file };
    let mut text = Vec::new();
    let keep = |piece: &[u8]| {
        text.extend_from_slice(piece);
        Ok(())
    };
    tools.ffmpeg(&run, keep, |_| ())?;
    let text = String::from_utf8_lossy(&text);
    let frame = |line: &str| {
        let found = crc::parse(line)?;
        let sum = line.split(',').skip(4).take(2).map(str::trim).collect::<Vec<_>>().join(" ");
        Some((found.pts.map(|pts| pts.saturating_sub(later)), sum))
    };
    Ok(text.lines().filter(|line| !line.starts_with('#')).filter_map(frame).collect())
}
