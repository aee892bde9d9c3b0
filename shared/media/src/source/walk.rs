//! What ffprobe needs of an MP4 or MOV file, brought to a local file with holes: all boxes but the media data,
//! and the first of the media data, each at its own place.

use super::{ReadAt, SourceError, boxes::Header, read_exact};
use std::{fs::File, io, ops::Range, os::unix::fs::FileExt, path::Path};

/// The largest index that is taken for one: hours at hundreds of packets a second need a tenth of it.
const MOST_INDEX_BYTES: u64 = 512 << 20;
/// Boxes of other kinds that are larger are left out, as if they were media data.
const MOST_OTHER_BYTES: u64 = 16 << 20;
/// All boxes together.
const MOST_KEPT_BYTES: u64 = 1 << 30;
/// How much is read at a box of unknown size, as long as there are few.
const SMALL_WINDOW: u64 = 16 << 10;
/// How much is read at once where there are many boxes: they lie close together.
const LARGE_WINDOW: u64 = 8 << 20;
const FEW_READS: u32 = 2048;
/// More boxes than any file of use has.
const MOST_BOXES: u32 = 1 << 20;
/// Holes end here, whatever a box says of its size.
const MOST_LOCAL_BYTES: u64 = 1 << 40;
/// What is read of the media data, so that decoders can tell what it is: a share of it between limits. The first
/// key frame has to be in it, since its parameter sets may say what the container does not.
const SAMPLE_SHARE: u64 = 64;
const SAMPLE_BYTES: Range<u64> = 512 << 10..4 << 20;
/// ffprobe looks at 5 MB, and would take what is missing of them for a part of the stream.
const HEAD_BYTES: u64 = 6 << 20;

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    /// The object's size in bytes.
    pub source_bytes: u64,
    /// How much was read of it.
    pub read_bytes: u64,
    pub(super) ftyp: Vec<u8>,
    /// The first `moov` box, where it is whole.
    pub(super) moov: Vec<u8>,
    /// A good part of the object had to be read, since its index is scattered all over it.
    pub(super) sequential: bool,
}

/// Whether an object begins as MP4 and MOV files do.
pub fn begins(head: &[u8]) -> bool {
    let kinds = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid", b"styp", b"moof", b"sidx"];
    Header::read(head).is_some_and(|header| kinds.contains(&&header.kind))
}

/// Walks the boxes of an object and writes what is kept of it to a file.
pub async fn walk<R: ReadAt>(object: &R, path: &Path) -> Result<Walk, SourceError<R::Error>> {
    let size = object.size();
    let mut walker = Walker {
        object,
        file: File::create(path)?,
        window: Window::default(),
        walk: Walk { source_bytes: size, ..Walk::default() },
        reads: 0,
        kept_bytes: 0,
        sampled: false,
    };
    let mut at = 0;
    for _ in 0..MOST_BOXES {
        match walker.visit(at).await? {
            Some(next) => at = next,
            None => break,
        }
    }
    // The media data of a file that is cut off is a hole, so that its index is listed to the end.
    walker.file.set_len(at.clamp(size, MOST_LOCAL_BYTES.max(size)))?;
    walker.walk.sequential = walker.reads > FEW_READS && walker.walk.read_bytes > size / 10;
    Ok(walker.walk)
}

/// Brings the beginning and the end of an object of any kind to a file, each at its own place, and gives the
/// bytes read.
pub async fn ends<R: ReadAt>(object: &R, path: &Path) -> Result<u64, SourceError<R::Error>> {
    let (size, file) = (object.size(), File::create(path)?);
    file.set_len(size)?;
    let head = 0..size.min(HEAD_BYTES);
    let tail = size.saturating_sub(SAMPLE_BYTES.start).max(head.end)..size;
    let read_bytes = head.end + (tail.end - tail.start);
    for range in [head, tail] {
        let start = range.start;
        file.write_all_at(&read_exact(object, range).await?, start)?;
    }
    Ok(read_bytes)
}

/// Brings more of an object's beginning to a file that [`ends`] wrote, as far as `bytes`.
pub(super) async fn extend_head<R: ReadAt>(object: &R, path: &Path, bytes: u64) -> Result<(), SourceError<R::Error>> {
    let more = HEAD_BYTES..object.size().min(bytes);
    if !more.is_empty() {
        let (start, file) = (more.start, File::options().write(true).open(path)?);
        file.write_all_at(&read_exact(object, more).await?, start)?;
    }
    Ok(())
}

/// The part of the object that was read last.
#[derive(Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

struct Walker<'a, R> {
    object: &'a R,
    file: File,
    window: Window,
    walk: Walk,
    reads: u32,
    kept_bytes: u64,
    sampled: bool,
}

impl<R: ReadAt> Walker<'_, R> {
    /// Takes what is wanted of the box at `at`, and gives the place behind it; `None` where there is no box.
    async fn visit(&mut self, at: u64) -> Result<Option<u64>, SourceError<R::Error>> {
        let size = self.object.size();
        if at >= size {
            return Ok(None);
        }
        let head = self.bytes(at..size.min(at + Header::MOST_BYTES)).await?;
        let Some(header) = Header::read(&head) else { return Ok(None) };
        let end = header.bytes.map_or(size, |bytes| at.saturating_add(bytes));
        let whole = end.saturating_sub(at);
        let is_index = header.kind == *b"moov";
        if is_index && whole > MOST_INDEX_BYTES && end <= size {
            return Err(SourceError::IndexTooLarge { bytes: whole });
        }
        let hollow = matches!(&header.kind, b"mdat" | b"free" | b"skip" | b"wide") || end > size;
        let too_much = whole > MOST_OTHER_BYTES || self.kept_bytes + whole > MOST_KEPT_BYTES;
        if hollow || (too_much && !is_index) {
            let body = at + header.body_start;
            self.write(at, &head[..header.body_start as usize])?;
            if header.kind == *b"mdat" && !self.sampled && body < end.min(size) {
                self.sampled = true;
                let sample = (size / SAMPLE_SHARE).clamp(SAMPLE_BYTES.start, SAMPLE_BYTES.end);
                self.copy(body..body.saturating_add(sample).min(end).min(size)).await?;
            }
            return Ok(Some(end));
        }
        self.kept_bytes += whole;
        match &header.kind {
            b"moov" if self.walk.moov.is_empty() => self.walk.moov = self.keep(at..end).await?,
            b"ftyp" if self.walk.ftyp.is_empty() => self.walk.ftyp = self.keep(at..end).await?,
            _ => drop(self.keep(at..end).await?),
        }
        Ok(Some(end))
    }

    async fn keep(&mut self, range: Range<u64>) -> Result<Vec<u8>, SourceError<R::Error>> {
        let start = range.start;
        let bytes = self.bytes(range).await?;
        self.write(start, &bytes)?;
        Ok(bytes)
    }

    /// Copies a range, but for what of it is in the window.
    async fn copy(&mut self, range: Range<u64>) -> Result<(), SourceError<R::Error>> {
        let known = (self.window.start + self.window.bytes.len() as u64).clamp(range.start, range.end);
        self.keep(range.start..known).await?;
        let rest = read_exact(self.object, known..range.end).await?;
        self.walk.read_bytes += rest.len() as u64;
        self.write(known, &rest)?;
        Ok(())
    }

    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, at)
    }

    /// The bytes of a range, which lies inside the object.
    async fn bytes(&mut self, range: Range<u64>) -> Result<Vec<u8>, SourceError<R::Error>> {
        let known = self.window.start..self.window.start + self.window.bytes.len() as u64;
        if range.start < known.start || range.end > known.end {
            self.reads += 1;
            let ahead = if self.reads > FEW_READS { LARGE_WINDOW } else { SMALL_WINDOW };
            let end = range.end.max(range.start + ahead).min(self.object.size());
            let kept = known.contains(&range.start).then(|| (range.start - known.start) as usize);
            let mut bytes = kept.map_or_else(Vec::new, |from| self.window.bytes.split_off(from));
            let rest = read_exact(self.object, range.start + bytes.len() as u64..end).await?;
            self.walk.read_bytes += rest.len() as u64;
            bytes.extend_from_slice(&rest);
            self.window = Window { start: range.start, bytes };
        }
        let from = (range.start - self.window.start) as usize;
        Ok(self.window.bytes[from..from + (range.end - range.start) as usize].to_vec())
    }
}
