//! The first frames of a copy against the source's. When they are shown is known from the packets.

use crate::{
    args,
    pass::crc,
    runner::{Run, RunError, Tools},
    source::listing::Listed,
};
use heaters_domain::plan::Source;
use std::{ops::RangeInclusive, path::Path, time::Duration};

const DEADLINE: Duration = Duration::from_mins(1);
/// How many frames are compared.
const FRAMES: usize = 16;
/// How many packets a decoder takes before it gives the first frame, but for those of unusual streams.
const DELAY: usize = 3;
/// What is kept of both files: so many pictures of the mean size.
const PICTURES: f64 = 10.0;
const SAMPLE_BYTES: RangeInclusive<u64> = 4 << 20..=20 << 20;

/// How much of a source of `size_bytes` holds enough frames.
pub(super) fn sample_bytes(source: &Source, size_bytes: u64) -> u64 {
    let media = &source.media;
    let frames = media.fps.map_or(0.0, |fps| fps.as_f64() * media.duration_seconds);
    let bytes = if frames >= 1.0 { size_bytes as f64 / frames * PICTURES } else { 0.0 };
    (bytes as u64).clamp(*SAMPLE_BYTES.start(), *SAMPLE_BYTES.end())
}

/// A stream of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stream<'a> {
    pub file: &'a str,
    pub index: u32,
}

/// How many frames can be compared where a copy is there up to `end`.
pub(super) fn comparable(copied: &[Listed], end: u64) -> usize {
    let there = copied.iter().take_while(|packet| packet.end().is_some_and(|last| last <= end)).count();
    if there == copied.len() { there.min(FRAMES) } else { there.saturating_sub(DELAY).clamp(1, FRAMES) }
}

/// Whether the copy's first frames are the source's. Blocks.
pub(super) fn agree(
    tools: &Tools,
    folder: &Path,
    frames: usize,
    source: Stream<'_>,
    copy: Stream<'_>,
) -> Result<bool, RunError> {
    let source = checksums(tools, folder, frames, source)?;
    Ok(!source.is_empty() && source == checksums(tools, folder, frames, copy)?)
}

/// Size and checksum of each frame.
fn checksums(tools: &Tools, folder: &Path, frames: usize, stream: Stream<'_>) -> Result<Vec<String>, RunError> {
    let args = args::first_frames(stream.file, stream.index, frames);
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: stream.file };
    let mut text = Vec::new();
    let keep = |piece: &[u8]| {
        text.extend_from_slice(piece);
        Ok(())
    };
    tools.ffmpeg(&run, keep, |_| ())?;
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().filter(|line| crc::parse(line).is_some());
    Ok(lines.map(|line| line.split(',').skip(4).take(2).map(str::trim).collect::<Vec<_>>().join(" ")).collect())
}
