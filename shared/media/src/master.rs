//! The lossless master: one Matroska header, the Clusters of all chunks as they are, then the sound's.
//!
//! ```text
//! [EBML][Segment [SeekHead][Info][Tracks][Clusters chunk 0] … [Clusters sound][Cues]]
//! ```
//!
//! Chunks and sound are on the same clock already, so that none of their bytes is touched.

use crate::mkv::{self, Cue, Head, MkvError, Prologue, Reader, ebml, id};
use std::{fs::File, io::BufReader, ops::Range, os::unix::fs::FileExt, path::Path};

/// Enough of a file of ours for its head.
pub const HEAD_BYTES: u64 = 1 << 16;
const PICTURE_TRACK: u64 = 1;
const SOUND_TRACK: u64 = 2;

/// The file of a chunk's picture, or of the sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    head: Head,
    /// Where its Clusters lie.
    pub clusters: Range<u64>,
    /// Where its Cues lie, if it has any.
    pub cues: Option<Range<u64>>,
}

impl Piece {
    /// Of a file of `size` bytes that begins with these: [`HEAD_BYTES`], or all of a shorter one.
    pub fn new(beginning: &[u8], size: u64) -> Result<Self, MkvError> {
        let head = Reader::open(beginning)?.head().clone();
        let end = head.clusters_end(size);
        let clusters = head.first_cluster.min(end)..end;
        let cues = head.seeks.iter().find(|(id, at)| *id == id::CUES && *at >= end).map(|(_, at)| *at..size);
        Ok(Self { head, clusters, cues })
    }

    fn size(&self) -> u64 {
        self.clusters.end - self.clusters.start
    }
}

/// What goes around the Clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub header: Vec<u8>,
    pub cues: Vec<u8>,
}

/// Frames the chunks' Clusters, in order, and the sound's. `cues` are the bytes of each chunk's Cues as its
/// [`Piece`] says where they lie. `duration_seconds` counts from the clock's 0.
pub fn frame(
    chunks: &[Piece],
    cues: &[Vec<u8>],
    sound: Option<&Piece>,
    duration_seconds: f64,
) -> Result<Frame, MkvError> {
    let first = chunks.first().ok_or(MkvError::Missing("chunks"))?;
    let scale = first.head.timestamp_scale;
    let track = first.head.track(PICTURE_TRACK).ok_or(MkvError::Missing("picture"))?;
    let same = |piece: &Piece| {
        let other = piece.head.track(PICTURE_TRACK);
        piece.head.timestamp_scale == scale
            && other.is_some_and(|other| (&other.codec, &other.codec_private) == (&track.codec, &track.codec_private))
    };
    if !chunks.iter().all(same) || sound.is_some_and(|sound| sound.head.timestamp_scale != scale) {
        return Err(MkvError::Missing("common format"));
    }
    let mut entries = vec![track.numbered(PICTURE_TRACK)?];
    if let Some(sound) = sound {
        entries.push(sound.head.track(1).ok_or(MkvError::Missing("sound"))?.numbered(SOUND_TRACK)?);
    }
    let plain = mkv::header(scale, Some(duration_seconds * 1e9 / scale as f64), &entries);
    let data = Prologue::parse(&plain)?.ok_or(MkvError::NotMatroska)?.data as usize;
    // Its size does not depend on the position that it gives.
    let clusters: u64 = chunks.iter().chain(sound).map(Piece::size).sum();
    let head_bytes = (seek_head(0).len() + plain.len() - data) as u64;
    let header = [&plain[..data], &seek_head(head_bytes + clusters), &plain[data..]].concat();
    Ok(Frame { header, cues: joined_cues(chunks, cues, head_bytes)? })
}

/// Says where the Cues are, counted from the Segment's payload.
fn seek_head(position: u64) -> Vec<u8> {
    let (mut seek, mut head, mut out) = (Vec::new(), Vec::new(), Vec::new());
    ebml::put_element(&mut seek, id::SEEK_ID, &id::CUES.to_be_bytes());
    ebml::put_element(&mut seek, id::SEEK_POSITION, &position.to_be_bytes());
    ebml::put_element(&mut head, id::SEEK, &seek);
    ebml::put_element(&mut out, id::SEEK_HEAD, &head);
    out
}

/// One cue for each Cluster of the picture; each frame is a key frame.
fn joined_cues(chunks: &[Piece], cues: &[Vec<u8>], start: u64) -> Result<Vec<u8>, MkvError> {
    let (mut points, mut at) = (Vec::new(), start);
    for (piece, bytes) in chunks.iter().zip(cues) {
        let mut last = None;
        for cue in cues_of(bytes)? {
            let absolute = piece.head.prologue.data.checked_add(cue.cluster);
            let inside = absolute.filter(|at| piece.clusters.contains(at) && last != Some(*at));
            if let Some(absolute) = inside {
                put_cue(&mut points, cue.time, absolute - piece.clusters.start + at);
                last = Some(absolute);
            }
        }
        at += piece.size();
    }
    let mut out = Vec::new();
    ebml::put_element(&mut out, id::CUES, &points);
    Ok(out)
}

fn cues_of(bytes: &[u8]) -> Result<Vec<Cue>, MkvError> {
    let Some(element) = ebml::element(bytes, 0)?.filter(|element| element.id == id::CUES) else {
        return Ok(Vec::new());
    };
    let payload = element.whole_bytes().and_then(|end| bytes.get(element.header_bytes as usize..end as usize));
    mkv::cues(payload.ok_or(MkvError::Short(bytes.len() as u64))?)
}

fn put_cue(points: &mut Vec<u8>, time: i64, position: u64) {
    let (mut place, mut point) = (Vec::new(), Vec::new());
    ebml::put_uint(&mut place, id::CUE_TRACK, PICTURE_TRACK);
    ebml::put_uint(&mut place, id::CUE_CLUSTER_POSITION, position);
    ebml::put_uint(&mut point, id::CUE_TIME, time.max(0).cast_unsigned());
    ebml::put_element(&mut point, id::CUE_TRACK_POSITIONS, &place);
    ebml::put_element(points, id::CUE_POINT, &point);
}

/// Gives the only track of a sound file the number that it has in a master, in place. Blocks.
pub fn renumber_sound(path: &Path) -> Result<Piece, MkvError> {
    let file = File::options().read(true).write(true).open(path)?;
    let mut beginning = vec![0; HEAD_BYTES as usize];
    let size = file.metadata()?.len();
    beginning.truncate(size.min(HEAD_BYTES) as usize);
    file.read_exact_at(&mut beginning, 0)?;
    let piece = Piece::new(&beginning, size)?;
    let mut blocks = Reader::open(BufReader::with_capacity(1 << 20, File::open(path)?))?;
    while let Some(block) = blocks.next_block()? {
        // The number's one byte comes before the time's two and the flags.
        let at = block.data_at.checked_sub(4).filter(|_| block.track == 1).ok_or(MkvError::NoElement(block.at))?;
        file.write_all_at(&[0x80 | SOUND_TRACK as u8], at)?;
    }
    Ok(piece)
}
