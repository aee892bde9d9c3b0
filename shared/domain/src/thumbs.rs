//! The thumbnail track: one small picture a frame, which scene detection works on.
//!
//! All integers are little-endian. The layout is an invariant between stages:
//!
//! | offset | type | what |
//! |---|---|---|
//! | 0 | 4 bytes | `HXTH` |
//! | 4 | u16 | version, 1 |
//! | 6 | u16 | 0 |
//! | 8 | u32 | frames |
//! | 12 | u16, u16 | luma's width and height, 64 and 36 |
//! | 16 | u16, u16 | chroma's width and height, 16 and 9 |
//! | 20 | | one zstd frame with `frames` records |
//!
//! A record is luma (2304 bytes), then U and V (144 bytes each), row by row. Every sample but a row's
//! first is stored as its difference to its left neighbour, modulo 256.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

pub const LUMA_WIDTH: usize = 64;
pub const LUMA_HEIGHT: usize = 36;
pub const CHROMA_WIDTH: usize = 16;
pub const CHROMA_HEIGHT: usize = 9;
pub const LUMA_BYTES: usize = LUMA_WIDTH * LUMA_HEIGHT;
pub const CHROMA_BYTES: usize = CHROMA_WIDTH * CHROMA_HEIGHT;
/// The bytes of one frame's record before compression.
pub const RECORD_BYTES: usize = LUMA_BYTES + 2 * CHROMA_BYTES;

const MAGIC: &[u8; 4] = b"HXTH";
const VERSION: u16 = 1;
/// The bytes before the compressed records.
pub const HEADER_BYTES: usize = 20;
const FRAMES_OFFSET: usize = 8;
/// Higher levels save few per cent and cost more than the scaling of the thumbnails.
const LEVEL: i32 = 3;

/// One frame in small, limited-range samples with the proxy's colour matrix: BT.709, or BT.601 where the
/// source has that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumb {
    pub luma: [u8; LUMA_BYTES],
    pub u: [u8; CHROMA_BYTES],
    pub v: [u8; CHROMA_BYTES],
}

#[derive(Debug, thiserror::Error)]
pub enum ThumbsError {
    #[error("the thumbnail track's header is not one of version {VERSION}")]
    Header,
    #[error("the thumbnail track is not compressed as it should be")]
    Compression(#[source] io::Error),
    #[error("the thumbnail track can't be read or written")]
    File(#[source] io::Error),
    #[error("the thumbnail track ends before its frame {0}")]
    Truncated(u32),
    #[error("the thumbnail track has {frames} frames instead of {expected}")]
    Count { expected: u32, frames: u32 },
    #[error("the thumbnail track has more than {} frames", u32::MAX)]
    TooLong,
}

/// Writes a track frame by frame, so that no more than its compressed form is held; over a file, not even that.
pub struct ThumbsWriter<W: Write = Vec<u8>> {
    frames: u32,
    /// How many frames the header says there are, where it is written already.
    expected: Option<u32>,
    encoder: zstd::Encoder<'static, W>,
}

impl ThumbsWriter {
    /// A track in memory.
    pub fn new() -> Result<Self, ThumbsError> {
        let encoder = zstd::Encoder::new(header(0), LEVEL).map_err(io_error)?;
        Ok(Self { frames: 0, expected: None, encoder })
    }

    pub fn finish(self) -> Result<Vec<u8>, ThumbsError> {
        let mut track = self.encoder.finish().map_err(io_error)?;
        track[FRAMES_OFFSET..FRAMES_OFFSET + 4].copy_from_slice(&self.frames.to_le_bytes());
        Ok(track)
    }
}

impl<W: Write + Seek> ThumbsWriter<W> {
    /// A track of as many frames as will come, written to `out` as it comes. The bytes are those that
    /// [`ThumbsWriter::new`] would give.
    pub fn onto(mut out: W) -> Result<Self, ThumbsError> {
        out.write_all(&header(0)).map_err(io_error)?;
        let encoder = zstd::Encoder::new(out, LEVEL).map_err(io_error)?;
        Ok(Self { frames: 0, expected: None, encoder })
    }

    /// Ends a track that was begun by [`ThumbsWriter::onto`].
    pub fn end(self) -> Result<(), ThumbsError> {
        let frames = self.frames.to_le_bytes();
        let mut out = self.encoder.finish().map_err(io_error)?;
        out.seek(SeekFrom::Start(FRAMES_OFFSET as u64)).map_err(io_error)?;
        out.write_all(&frames).and_then(|()| out.flush()).map_err(io_error)
    }
}

impl<W: Write> ThumbsWriter<W> {
    /// A track of exactly so many frames, written to `out` as it comes. The bytes are those that
    /// [`ThumbsWriter::new`] would give.
    pub fn over(mut out: W, frames: u32) -> Result<Self, ThumbsError> {
        out.write_all(&header(frames)).map_err(io_error)?;
        let encoder = zstd::Encoder::new(out, LEVEL).map_err(io_error)?;
        Ok(Self { frames: 0, expected: Some(frames), encoder })
    }

    /// Ends a track that was begun by [`ThumbsWriter::over`].
    pub fn close(self) -> Result<W, ThumbsError> {
        match self.expected {
            Some(expected) if expected != self.frames => Err(ThumbsError::Count { expected, frames: self.frames }),
            _ => self.encoder.finish().map_err(io_error),
        }
    }

    pub fn push(&mut self, thumb: &Thumb) -> Result<(), ThumbsError> {
        let mut record = [0; RECORD_BYTES];
        record[..LUMA_BYTES].copy_from_slice(&thumb.luma);
        record[LUMA_BYTES..LUMA_BYTES + CHROMA_BYTES].copy_from_slice(&thumb.u);
        record[LUMA_BYTES + CHROMA_BYTES..].copy_from_slice(&thumb.v);
        for row in rows(&mut record) {
            for at in (1..row.len()).rev() {
                row[at] = row[at].wrapping_sub(row[at - 1]);
            }
        }
        self.push_record(&record)
    }

    /// Adds all frames of another track.
    pub fn append(&mut self, mut track: ThumbsReader<impl Read>) -> Result<(), ThumbsError> {
        let mut record = [0; RECORD_BYTES];
        while track.read < track.frames {
            track.fill(&mut record)?;
            self.push_record(&record)?;
        }
        Ok(())
    }

    fn push_record(&mut self, record: &[u8; RECORD_BYTES]) -> Result<(), ThumbsError> {
        self.frames = self.frames.checked_add(1).ok_or(ThumbsError::TooLong)?;
        self.encoder.write_all(record).map_err(io_error)
    }

    pub fn frames(&self) -> u32 {
        self.frames
    }
}

/// Reads a track frame by frame.
pub struct ThumbsReader<R: Read> {
    frames: u32,
    read: u32,
    decoder: zstd::Decoder<'static, BufReader<R>>,
}

impl<R: Read> ThumbsReader<R> {
    pub fn new(mut track: R) -> Result<Self, ThumbsError> {
        let mut found = [0; HEADER_BYTES];
        track.read_exact(&mut found).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => ThumbsError::Header,
            _ => io_error(error),
        })?;
        let frames = frames_of_header(&found)?;
        let decoder = zstd::Decoder::new(track).map_err(io_error)?;
        Ok(Self { frames, read: 0, decoder })
    }

    /// How many frames the track has.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// Goes past so many frames, or to the end.
    pub fn skip_frames(&mut self, frames: u32) -> Result<(), ThumbsError> {
        let mut record = [0; RECORD_BYTES];
        for _ in 0..frames.min(self.frames - self.read) {
            self.fill(&mut record)?;
        }
        Ok(())
    }

    /// Reads the next record as it is stored.
    fn fill(&mut self, record: &mut [u8; RECORD_BYTES]) -> Result<(), ThumbsError> {
        self.decoder.read_exact(record).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => ThumbsError::Truncated(self.read),
            _ => io_error(error),
        })?;
        self.read += 1;
        Ok(())
    }

    fn thumb(&mut self) -> Result<Thumb, ThumbsError> {
        let mut record = [0; RECORD_BYTES];
        self.fill(&mut record)?;
        for row in rows(&mut record) {
            for at in 1..row.len() {
                row[at] = row[at].wrapping_add(row[at - 1]);
            }
        }
        let mut thumb = Thumb { luma: [0; LUMA_BYTES], u: [0; CHROMA_BYTES], v: [0; CHROMA_BYTES] };
        thumb.luma.copy_from_slice(&record[..LUMA_BYTES]);
        thumb.u.copy_from_slice(&record[LUMA_BYTES..LUMA_BYTES + CHROMA_BYTES]);
        thumb.v.copy_from_slice(&record[LUMA_BYTES + CHROMA_BYTES..]);
        Ok(thumb)
    }
}

impl<R: Read> Iterator for ThumbsReader<R> {
    type Item = Result<Thumb, ThumbsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.read == self.frames {
            return None;
        }
        let thumb = self.thumb();
        if thumb.is_err() {
            // The stream's position is unknown, so the error is the last item.
            self.read = self.frames;
        }
        Some(thumb)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.frames - self.read) as usize;
        (0, Some(left))
    }
}

/// How many frames a track has, by its first [`HEADER_BYTES`] bytes or more.
pub fn frames_of_header(track: &[u8]) -> Result<u32, ThumbsError> {
    let frames = track.get(FRAMES_OFFSET..FRAMES_OFFSET + 4).and_then(|bytes| bytes.try_into().ok());
    let frames = u32::from_le_bytes(frames.ok_or(ThumbsError::Header)?);
    if track.get(..HEADER_BYTES) == Some(&header(frames)) { Ok(frames) } else { Err(ThumbsError::Header) }
}

/// zstd reports data that it can't read by the same type as the disk does its troubles.
fn io_error(error: io::Error) -> ThumbsError {
    if error.raw_os_error().is_some() { ThumbsError::File(error) } else { ThumbsError::Compression(error) }
}

/// A whole track of frames that are at hand.
pub fn encode(thumbs: impl IntoIterator<Item = Thumb>) -> Result<Vec<u8>, ThumbsError> {
    let mut writer = ThumbsWriter::new()?;
    for thumb in thumbs {
        writer.push(&thumb)?;
    }
    writer.finish()
}

/// All frames of a track, [`RECORD_BYTES`] each; [`ThumbsReader`] holds only one at a time.
pub fn decode(track: &[u8]) -> Result<Vec<Thumb>, ThumbsError> {
    ThumbsReader::new(track)?.collect()
}

fn header(frames: u32) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&[0, 0]);
    header.extend_from_slice(&frames.to_le_bytes());
    for size in [LUMA_WIDTH, LUMA_HEIGHT, CHROMA_WIDTH, CHROMA_HEIGHT] {
        header.extend_from_slice(&(size as u16).to_le_bytes());
    }
    header
}

fn rows(record: &mut [u8; RECORD_BYTES]) -> impl Iterator<Item = &mut [u8]> {
    let (luma, chroma) = record.split_at_mut(LUMA_BYTES);
    luma.chunks_exact_mut(LUMA_WIDTH).chain(chroma.chunks_exact_mut(CHROMA_WIDTH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn thumb(seed: u8) -> Thumb {
        let sample = |at: usize| (at as u8).wrapping_mul(seed).wrapping_add(seed);
        Thumb {
            luma: std::array::from_fn(sample),
            u: std::array::from_fn(sample),
            v: std::array::from_fn(|at| sample(at + 7)),
        }
    }

    proptest! {
        #[test]
        fn a_track_comes_back_as_it_was(seeds in prop::collection::vec(any::<u8>(), 0..12)) {
            let thumbs: Vec<_> = seeds.into_iter().map(thumb).collect();
            prop_assert_eq!(decode(&encode(thumbs.clone()).unwrap()).unwrap(), thumbs);
        }
    }

    #[test]
    fn joined_chunks_are_bit_for_bit_the_track_of_the_whole() {
        let whole = encode((0..60).map(thumb)).unwrap();
        for length in [1, 7, 60] {
            let chunks: Vec<_> = (0..60)
                .step_by(length)
                .map(|at| encode((at..(at + length as u8).min(60)).map(thumb)).unwrap())
                .collect();
            let mut writer = ThumbsWriter::over(Vec::new(), 60).unwrap();
            for chunk in &chunks {
                writer.append(ThumbsReader::new(chunk.as_slice()).unwrap()).unwrap();
            }
            assert_eq!(writer.close().unwrap(), whole, "chunks of {length}");
        }
    }

    #[test]
    fn frames_can_be_skipped() {
        let track = encode((0..5).map(thumb)).unwrap();
        let mut reader = ThumbsReader::new(track.as_slice()).unwrap();
        reader.skip_frames(3).unwrap();
        assert_eq!(reader.next().unwrap().unwrap(), thumb(3));
        reader.skip_frames(9).unwrap();
        assert!(reader.next().is_none());
    }

    #[test]
    fn a_track_written_as_it_comes_is_bit_for_bit_that_of_one_in_memory() {
        let mut file = io::Cursor::new(Vec::new());
        let mut writer = ThumbsWriter::onto(&mut file).unwrap();
        for seed in 0..60 {
            writer.push(&thumb(seed)).unwrap();
        }
        writer.end().unwrap();
        assert_eq!(file.into_inner(), encode((0..60).map(thumb)).unwrap());
    }

    #[test]
    fn a_track_has_the_frames_that_its_header_promised() {
        let mut writer = ThumbsWriter::over(Vec::new(), 3).unwrap();
        writer.append(ThumbsReader::new(encode((0..2).map(thumb)).unwrap().as_slice()).unwrap()).unwrap();
        assert!(matches!(writer.close(), Err(ThumbsError::Count { expected: 3, frames: 2 })));
    }

    #[test]
    fn the_header_is_the_documented_one() {
        let track = encode([thumb(3), thumb(4)]).unwrap();
        assert_eq!(track[..20], *b"HXTH\x01\0\0\0\x02\0\0\0\x40\0\x24\0\x10\0\x09\0");
    }

    #[test]
    fn a_damaged_track_is_refused() {
        let track = encode((0..40).map(thumb)).unwrap();
        assert!(decode(&track[..track.len() / 2]).is_err());
        assert!(matches!(decode(&track[..10]), Err(ThumbsError::Header)));
        let mut other = track.clone();
        other[4] = 2;
        assert!(matches!(decode(&other), Err(ThumbsError::Header)));
        let mut longer = track;
        longer[8] = 41;
        assert!(matches!(decode(&longer), Err(ThumbsError::Truncated(40))));
    }
}
