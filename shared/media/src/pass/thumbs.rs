//! Cuts ffmpeg's output into thumbnails.

use heaters_domain::thumbs::{CHROMA_HEIGHT, CHROMA_WIDTH, LUMA_BYTES, Thumb, ThumbsError, ThumbsWriter};
use std::io;

/// Thumbnails as they leave ffmpeg: yuv420p of 64x36.
const RAW_BYTES: usize = LUMA_BYTES + 2 * RAW_CHROMA_BYTES;
const RAW_CHROMA_BYTES: usize = LUMA_BYTES / 4;

pub struct Splitter {
    buffer: Vec<u8>,
    writer: ThumbsWriter,
}

impl Splitter {
    pub fn new() -> Result<Self, ThumbsError> {
        Ok(Self { buffer: Vec::with_capacity(RAW_BYTES), writer: ThumbsWriter::new()? })
    }

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

    /// The track.
    pub fn finish(self) -> Result<Vec<u8>, ThumbsError> {
        self.writer.finish()
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
