//! Matroska and WebM: the Cues name key frames, so that a plan needs the head, the Cues and a look at each
//! border. A file without Cues is read once, block by block.
//!
//! A chunk's bytes are the head, the header of a Cluster of unknown size with the key frame's Cluster's time,
//! and the blocks from the key frame on: without that header the blocks would get wrong times.

mod border;
mod sweep;
mod walk;

use super::{Cut, ReadAt, SourceError, access::Access};
use crate::mkv::{
    Cue, Head, MkvError, Track, cues,
    ebml::{self, Child, Elements, MOST_HEADER_BYTES},
    id,
};
use border::Border;
use heaters_domain::{
    Rational,
    plan::{self, Chunk, Clock, Reading, Source},
};
use std::ops::Range;
use walk::Stop;

/// More head than this would be read again and again for each chunk.
const MOST_HEAD_BYTES: u64 = 32 << 20;
const MOST_CUES_BYTES: u64 = 64 << 20;
/// How many cues are looked at for one border.
const MOST_TRIES: usize = 6;
/// A chunk so many times as long as aimed is too long, unless the picture has no other key frames.
const MOST_LENGTHS: i64 = 3;
/// TrackTimestampScale and CodecDelay, which move a track against the clock.
const MOVES_TRACK: [u32; 2] = [0x0023_314F, 0x56AA];

/// Plans chunks of about `chunk_seconds` (0: one chunk). `None`: the file can only be read as a whole.
pub async fn plan<R: ReadAt>(
    object: &R,
    source: &Source,
    chunk_seconds: u32,
) -> Result<Option<Cut>, SourceError<R::Error>> {
    match try_plan(object, source, chunk_seconds).await {
        Ok(planned) => Ok(planned),
        Err(Stop::Source(error)) => Err(error),
        Err(Stop::Format(error)) => {
            tracing::info!(%error, "the file can't be cut");
            Ok(None)
        }
    }
}

async fn try_plan<R: ReadAt>(object: &R, source: &Source, chunk_seconds: u32) -> Result<Option<Cut>, Stop<R::Error>> {
    let head = walk::head(object).await?;
    let (Some(picture), Some(head_end)) = (picture(&head, source)?, head_end(&head)) else { return Ok(None) };
    let access = access(picture);
    let named = match cues_at(object, &head).await? {
        Some(bytes) => cues(&bytes)?,
        None => Vec::new(),
    };
    let mut named: Vec<Cue> = named.into_iter().filter(|cue| cue.track == picture.number).collect();
    named.sort_by_key(|cue| cue.time);
    named.dedup_by_key(|cue| cue.time);
    let aim = length(&head, &named, source.media.time_base, chunk_seconds);
    let mut borders = Chooser { object, head: &head, access, cues: &named }.choose(aim).await?;
    let mut packets = None;
    if named.is_empty() || aim.is_some_and(|(length, end)| is_sparse(&named, &borders, length, end)) {
        let Some(swept) = sweep::borders(object, &head, picture.number, access, source, chunk_seconds).await? else {
            return Ok(None);
        };
        (borders, packets) = (swept.borders, Some(swept.packets));
    }
    let end = head.prologue.end.map_or(object.size(), |end| end.min(object.size()));
    let frames = packets.unwrap_or_else(|| estimate(source, source.media.duration_seconds));
    if borders.is_empty() {
        return Ok(Some(Cut { chunks: plan::whole(frames, Clock::Source), packets }));
    }
    let chunks = Layout { source, head_end, clusters: head.first_cluster..end, frames }.chunks(&borders);
    Ok(Some(Cut { chunks, packets }))
}

/// The picture's track, if its time stamps are those of its blocks.
fn picture<'a>(head: &'a Head, source: &Source) -> Result<Option<&'a Track>, MkvError> {
    // ffmpeg makes streams of tracks of these types only, and of those with a codec.
    let streams = head.tracks.iter().filter(|track| matches!(track.kind, 1 | 2 | 17 | 33) && !track.codec.is_empty());
    let Some(track) = streams.into_iter().nth(source.picture as usize).filter(|track| track.kind == 1) else {
        return Ok(None);
    };
    for child in Elements::new(&track.entry, 0) {
        if MOVES_TRACK.contains(&child?.id) {
            return Ok(None);
        }
    }
    let Rational { num, den } = source.media.time_base;
    let same_clock = u128::from(num) * 1_000_000_000 == u128::from(head.timestamp_scale) * u128::from(den);
    let twice = head.tracks.iter().filter(|other| other.number == track.number).count() > 1;
    // In the mapping of AVI's codecs time stamps are those of decoding.
    let usable = same_clock && !twice && !track.codec.starts_with("V_MS/");
    Ok(usable.then_some(track))
}

fn access(track: &Track) -> Access {
    let length_bytes = |at: usize| track.codec_private.get(at).map(|byte| usize::from(byte & 3) + 1);
    match (track.codec.as_str(), length_bytes(4), length_bytes(21)) {
        // The container may have taken the first bytes away.
        _ if track.encoded => Access::Trusted,
        ("V_MPEG4/ISO/AVC", Some(length_bytes), _) => Access::Avc { length_bytes },
        ("V_MPEGH/ISO/HEVC", _, Some(length_bytes)) => Access::Hevc { length_bytes },
        ("V_VP8", ..) => Access::Vp8,
        ("V_VP9", ..) => Access::Vp9,
        _ => Access::Trusted,
    }
}

/// How much of the file's beginning a chunk needs.
fn head_end(head: &Head) -> Option<u64> {
    let needed = head.parts.iter().filter(|part| matches!(part.id, id::INFO | id::TRACKS | id::TAGS));
    needed.map(|part| part.range.end).max().filter(|end| *end <= MOST_HEAD_BYTES)
}

/// The Cues' payload; `None`: there are none where the head says.
async fn cues_at<R: ReadAt>(object: &R, head: &Head) -> Result<Option<Vec<u8>>, Stop<R::Error>> {
    let in_head = head.parts.iter().filter(|part| part.id == id::CUES).map(|part| part.range.start);
    let mut places: Vec<u64> = in_head.collect();
    places.extend(head.seeks.iter().filter(|(id, _)| *id == id::CUES).map(|(_, at)| *at));
    // A second SeekHead may lie behind the Clusters.
    for (_, at) in head.seeks.iter().filter(|(id, _)| *id == id::SEEK_HEAD).take(1) {
        if let Some(payload) = payload_at(object, *at, id::SEEK_HEAD).await? {
            places.extend(seeks_to_cues(&payload, head.prologue.data));
        }
    }
    for at in places.into_iter().take(3) {
        if let Some(payload) = payload_at(object, at, id::CUES).await? {
            return Ok(Some(payload));
        }
    }
    Ok(None)
}

fn seeks_to_cues(payload: &[u8], data: u64) -> Option<u64> {
    let number = |seek: &Child<'_>, id: u32| {
        seek.children().flatten().find(|child| child.id == id).and_then(|child| child.uint())
    };
    let mut seeks = Elements::new(payload, 0).flatten();
    let seek = seeks.find(|seek| number(seek, id::SEEK_ID) == Some(u64::from(id::CUES)))?;
    number(&seek, id::SEEK_POSITION)?.checked_add(data)
}

async fn payload_at<R: ReadAt>(object: &R, at: u64, id: u32) -> Result<Option<Vec<u8>>, Stop<R::Error>> {
    let size = object.size();
    if at >= size {
        return Ok(None);
    }
    let read = |from: u64, bytes: u64| object.read_at(from..from.saturating_add(bytes).min(size));
    let start = read(at, MOST_HEADER_BYTES as u64).await?;
    let Ok(Some(element)) = ebml::element(&start, at) else { return Ok(None) };
    let bytes = element.size.filter(|bytes| element.id == id && *bytes <= MOST_CUES_BYTES);
    let Some(bytes) = bytes.filter(|bytes| *bytes <= size - at) else { return Ok(None) };
    let payload = read(at + element.header_bytes, bytes).await?;
    Ok((payload.len() as u64 == bytes).then_some(payload))
}

/// A chunk's length and the picture's end in ticks; `None`: one chunk.
fn length(head: &Head, cues: &[Cue], time_base: Rational, seconds: u32) -> Option<(i64, i64)> {
    let aim = i64::try_from(u64::from(seconds) * u64::from(time_base.den) / u64::from(time_base.num.max(1))).ok()?;
    let (first, last) = (cues.first()?.time, cues.last()?.time);
    // Whatever the head says, the last cue is in the file.
    let said = head.duration.filter(|ticks| (0.0..1e15).contains(ticks)).map_or(0, |ticks| ticks as i64);
    let end = last.max(said);
    let total = end.saturating_sub(first);
    let count = total.saturating_add(aim / 2).checked_div(aim).unwrap_or(0);
    (count > 1).then(|| (total / count, end))
}

/// Whether the cues lead to so few borders that the blocks themselves are worth reading.
fn is_sparse(cues: &[Cue], borders: &[Border], length: i64, end: i64) -> bool {
    let times = cues.first().map(|cue| cue.time).into_iter();
    let times: Vec<i64> = times.chain(borders.iter().map(|border| border.time)).chain([end]).collect();
    times.windows(2).any(|pair| pair[1].saturating_sub(pair[0]) > length.saturating_mul(MOST_LENGTHS))
}

/// Chooses borders among the cues.
struct Chooser<'a, R> {
    object: &'a R,
    head: &'a Head,
    access: Access,
    /// Of the picture, by time.
    cues: &'a [Cue],
}

impl<R: ReadAt> Chooser<'_, R> {
    async fn choose(&self, length: Option<(i64, i64)>) -> Result<Vec<Border>, Stop<R::Error>> {
        let Some((length, end)) = length else { return Ok(Vec::new()) };
        let (mut start, mut borders) = (self.cues.first().map_or(0, |cue| cue.time), Vec::<Border>::new());
        loop {
            let border = self.next(start, length, end - length / 2, borders.last()).await?;
            let Some(border) = border else { return Ok(borders) };
            start = border.time;
            borders.push(border);
        }
    }

    /// The best border about `length` after `start`: clean if one is near, else with frames that lead it.
    async fn next(
        &self,
        start: i64,
        length: i64,
        last: i64,
        before: Option<&Border>,
    ) -> Result<Option<Border>, Stop<R::Error>> {
        let from = self.cues.partition_point(|cue| cue.time < start.saturating_add((length / 2).max(1)));
        let near = self.cues.partition_point(|cue| cue.time <= start.saturating_add(length + length / 2)).max(from);
        let to = self.cues.partition_point(|cue| cue.time <= last).max(from);
        let mut order: Vec<&Cue> = self.cues[from..near.min(to)].iter().collect();
        order.sort_by_key(|cue| cue.time.abs_diff(start.saturating_add(length)));
        order.truncate(MOST_TRIES);
        let far = self.cues[near.min(to)..to].iter().take(MOST_TRIES);
        let mut open = None;
        for (tried, cue) in order.iter().copied().chain(far).enumerate() {
            if tried >= order.len() && open.is_some() {
                break;
            }
            let border = border::resolve(self.object, self.head, &self.access, cue).await?;
            let Some(border) = border.filter(|border| before.is_none_or(|before| border.at > before.needed)) else {
                continue;
            };
            if border.is_clean() {
                return Ok(Some(border));
            }
            open = open.or(Some(border));
        }
        Ok(open)
    }
}

/// How many frames there should be in a time.
fn estimate(source: &Source, seconds: f64) -> u32 {
    (seconds.max(0.0) * source.media.fps.map_or(0.0, Rational::as_f64)).round() as u32
}

struct Layout<'a> {
    source: &'a Source,
    head_end: u64,
    clusters: Range<u64>,
    frames: u32,
}

impl Layout<'_> {
    fn chunks(&self, borders: &[Border]) -> Vec<Chunk> {
        let count = borders.len() as u32 + 1;
        let starts = std::iter::once(None).chain(borders.iter().map(Some));
        let ends = borders.iter().map(Some).chain(std::iter::once(None));
        let chunk = |(index, (start, end)): (u32, (Option<&Border>, Option<&Border>))| {
            let prefix = start.map_or_else(Vec::new, |border| {
                let mut prefix = Vec::new();
                ebml::put_open(&mut prefix, id::CLUSTER);
                ebml::put_uint(&mut prefix, id::TIMESTAMP, border.timestamp);
                prefix
            });
            let from = start.map_or(self.clusters.start, |border| border.at);
            let to = end.map_or(self.clusters.end, |border| border.needed);
            // One that began before the slice has the prefix in its place.
            let cut_cluster =
                end.map(|border| border.cluster.0..border.cluster.1).filter(|header| header.start >= from);
            Chunk {
                index,
                count,
                frames: self.frames_between(start, end, count),
                start: start.map(|border| border.time),
                end: end.map(|border| border.time),
                reading: Reading::Slice {
                    head: self.head_end,
                    prefix,
                    range: from..to,
                    cut_cluster,
                    clock: Clock::Source,
                },
            }
        };
        (0..count).zip(starts.zip(ends)).map(chunk).collect()
    }

    fn frames_between(&self, start: Option<&Border>, end: Option<&Border>, count: u32) -> u32 {
        let seconds = |border: &Border| border.time as f64 * self.source.media.time_base.as_f64();
        let (from, to) = (start.map(seconds), end.map(seconds));
        match (from, to) {
            (Some(from), Some(to)) => estimate(self.source, to - from),
            // The outer chunks are as long as the others, or nearly.
            _ => self.frames / count,
        }
    }
}
