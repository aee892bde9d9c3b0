//! Containers that are streams of packets: read once by ffprobe, then cut on packet borders.

mod flv;
mod packets;
mod ts;

use super::{Cut, ReadAt, SourceError, parts, piped};
use crate::runner::Tools;
use heaters_domain::plan::{self, Chunk, Clock, Packet, Reading, Section, Source, sections};
use packets::Seen;
use std::{ops::Range, path::Path};

/// A clock that goes on by more than this from one picture to the next has jumped.
const JUMP_SECONDS: f64 = 10.0;
/// How often borders that turn out to be none are left out and others chosen.
const MOST_ROUNDS: usize = 200;

/// Plans chunks of about `chunk_seconds` (0: one chunk) and reads the whole source for it; ffprobe runs in
/// `folder`. `None`: the container can only be read as a whole.
pub async fn plan<R: ReadAt>(
    object: &R,
    tools: &Tools,
    folder: &Path,
    source: &Source,
    chunk_seconds: u32,
) -> Result<Option<Cut>, SourceError<R::Error>> {
    match source.media.container.as_str() {
        "mpegts" => {
            let Some(stream) = ts::Stream::open(object, source).await? else { return Ok(None) };
            cut(object, tools, folder, source, chunk_seconds, stream).await
        }
        "flv" => {
            let Some(stream) = flv::Stream::open(object, source).await? else { return Ok(None) };
            cut(object, tools, folder, source, chunk_seconds, stream).await
        }
        _ => Ok(None),
    }
}

/// The picture of a source that is read in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub packets: u32,
    /// The earliest time of a packet, in ticks.
    pub start: Option<i64>,
}

/// Reads a source of any container in one go, as a pipe would be given it; `None`: ffprobe can't follow it.
pub async fn count<R: ReadAt>(
    object: &R,
    tools: &Tools,
    folder: &Path,
    source: &Source,
) -> Result<Option<Counted>, SourceError<R::Error>> {
    let seen = packets::see(object, piped::whole(object, source).await?, tools, folder, source, |_, _| true).await?;
    Ok(seen.map(|seen| Counted {
        packets: u32::try_from(seen.pictures.len()).unwrap_or(u32::MAX),
        start: seen.pictures.iter().filter_map(|picture| picture.pts).min(),
    }))
}

/// When a picture is decoded, in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Time {
    dts: i64,
    /// That of the source's first picture.
    first: i64,
}

/// What a container asks of its slices.
trait Container {
    /// Looks at the bytes as they pass, from the source's first to its last. `false`: the container changes
    /// on the way, so that the beginning does not say what the rest is.
    fn pass(&mut self, at: u64, bytes: &[u8]) -> bool;

    /// Whether decoding can begin at the picture whose packet begins at byte `at`.
    async fn allows<R: ReadAt>(&self, object: &R, at: u64, time: Time) -> Result<bool, SourceError<R::Error>>;

    /// The first byte after a slice that has to hold all pictures before the number `next`.
    async fn end<R: ReadAt>(&self, object: &R, seen: &Seen, next: usize) -> Result<u64, SourceError<R::Error>>;

    /// The bytes of a chunk that begins with the picture at `range.start`, whose decoding time is `dts`.
    fn reading(&self, range: Range<u64>, dts: i64) -> Reading;

    /// The bytes of the first chunk.
    fn first(&self, end: u64) -> Reading;
}

async fn cut<R: ReadAt>(
    object: &R,
    tools: &Tools,
    folder: &Path,
    source: &Source,
    chunk_seconds: u32,
    mut container: impl Container,
) -> Result<Option<Cut>, SourceError<R::Error>> {
    let pass = |at, bytes: &[u8]| container.pass(at, bytes);
    let Some(seen) = packets::see(object, parts::whole(object), tools, folder, source, pass).await? else {
        return Ok(None);
    };
    let count = u32::try_from(seen.pictures.len()).unwrap_or(u32::MAX);
    let one = |clock| Cut { chunks: plan::whole(count, clock), packets: Some(count) };
    if seen.jumps((JUMP_SECONDS / source.media.time_base.as_f64()) as i64) {
        return Ok(Some(one(Clock::Repaired)));
    }
    let mut packets = seen.packets();
    for _ in 0..MOST_ROUNDS {
        let plan = sections(&packets, source.media.time_base, chunk_seconds);
        let Some(wrong) = first_wrong(object, &seen, &container, &plan).await? else {
            let chunks = if plan.len() < 2 { None } else { lay_out(object, &seen, &container, &plan).await? };
            return Ok(Some(chunks.map_or(one(Clock::Source), |chunks| Cut { chunks, packets: Some(count) })));
        };
        packets[wrong].key = false;
    }
    Ok(Some(one(Clock::Source)))
}

/// The first packet that a section begins with though decoding can't begin there.
async fn first_wrong<R: ReadAt>(
    object: &R,
    seen: &Seen,
    container: &impl Container,
    plan: &[Section],
) -> Result<Option<usize>, SourceError<R::Error>> {
    let first = seen.pictures.iter().find_map(|picture| picture.dts).unwrap_or(0);
    for section in plan.iter().skip(1) {
        let at = section.packets.start as usize;
        let picture = seen.pictures[at];
        let good = match (picture.at, picture.dts) {
            (Some(byte), Some(dts)) => container.allows(object, byte, Time { dts, first }).await?,
            _ => false,
        };
        if !good {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

async fn lay_out<R: ReadAt>(
    object: &R,
    seen: &Seen,
    container: &impl Container,
    plan: &[Section],
) -> Result<Option<Vec<Chunk>>, SourceError<R::Error>> {
    let mut chunks = Vec::new();
    for (index, section) in (0..).zip(plan) {
        let to = section.packets.end as usize;
        let end = if to < seen.pictures.len() { container.end(object, seen, to).await? } else { object.size() };
        let first = seen.pictures[section.packets.start as usize];
        let reading = match (index, first.at, first.dts) {
            (0, ..) => container.first(end),
            (_, Some(at), Some(dts)) if at < end => container.reading(at..end, dts),
            _ => return Ok(None),
        };
        let Section { start, end, frames, .. } = *section;
        chunks.push(Chunk { index, count: plan.len() as u32, frames, start, end, reading });
    }
    Ok(Some(chunks))
}

impl Seen {
    fn packets(&self) -> Vec<Packet> {
        let mut before = None;
        let packet = |picture: &packets::Picture| {
            // Of several pictures that begin in one packet of the container, only the first can be cut at.
            let own = picture.at.is_some() && picture.at > before;
            before = picture.at.max(before);
            Packet { pts: picture.pts, key: picture.key && own, discard: picture.discard }
        };
        self.pictures.iter().map(packet).collect()
    }
}
