//! Cuts ffmpeg's output into thumbnails.

use heaters_domain::thumbs::{CHROMA_HEIGHT, CHROMA_WIDTH, LUMA_BYTES, Thumb, ThumbsError, ThumbsWriter};
use std::io::{self, Seek, Write};

/// Thumbnails as they leave ffmpeg: yuv420p of 64x36.
const RAW_BYTES: usize = LUMA_BYTES + 2 * RAW_CHROMA_BYTES;
const RAW_CHROMA_BYTES: usize = LUMA_BYTES / 4;

pub struct Splitter<W: Write = Vec<u8>> {
    buffer: Vec<u8>,
    writer: ThumbsWriter<W>,
}

impl Splitter {
    /// Keeps the track in memory.
    pub fn new() -> Result<Self, ThumbsError> {
        Ok(Self { buffer: Vec::with_capacity(RAW_BYTES), writer: ThumbsWriter::new()? })
    }

    /// The track.
    pub fn finish(self) -> Result<Vec<u8>, ThumbsError> {
        self.writer.finish()
    }
}

impl<W: Write + Seek> Splitter<W> {
    /// Writes the track as it comes.
    pub fn onto(out: W) -> Result<Self, ThumbsError> {
        Ok(Self { buffer: Vec::with_capacity(RAW_BYTES), writer: ThumbsWriter::onto(out)? })
    }

    /// Ends a track that is written as it comes.
    pub fn end(self) -> Result<(), ThumbsError> {
        self.writer.end()
    }
}

impl<W: Write> Splitter<W> {
    pub fn push(&mut self, mut piece: &[u8]) -> io::Result<()> {
        while !piece.is_empty() {
            let (now, later) = piece.split_at(piece.len().min(RAW_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            piece = later;
            if self.buffer.len() == RAW_BYTES {
                self.writer.push(&thumb(&self.buffer)).map_err(io::Error::other)?;
                self.buffer.clear();
            }
        }
        Ok(())
    }

    /// How many thumbnails there are so far.
    pub fn frames(&self) -> u32 {
        self.writer.frames()
    }
}

fn thumb(raw: &[u8]) -> Thumb {
    let chroma = |start: usize| {
        let plane = &raw[start..start + RAW_CHROMA_BYTES];
        std::array::from_fn(|at| {
            let (row, column) = (at / CHROMA_WIDTH * 2, at % CHROMA_WIDTH * 2);
            let sum: u16 = [(0, 0), (0, 1), (1, 0), (1, 1)]
                .iter()
                .map(|(down, right)| u16::from(plane[(row + down) * CHROMA_WIDTH * 2 + column + right]))
                .sum();
            ((sum + 2) / 4) as u8
        })
    };
    const { assert!(RAW_CHROMA_BYTES == CHROMA_WIDTH * CHROMA_HEIGHT * 4) };
    let luma = std::array::from_fn(|at| raw[at]);
    Thumb { luma, u: chroma(LUMA_BYTES), v: chroma(LUMA_BYTES + RAW_CHROMA_BYTES) }
}
