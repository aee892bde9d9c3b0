//! Small reads of a large object, a piece at a time.

use super::{ReadAt, SourceError};

/// An object of which one piece is held.
pub(super) struct Window<'a, R> {
    object: &'a R,
    piece_bytes: u64,
    start: u64,
    held: Vec<u8>,
}

impl<'a, R: ReadAt> Window<'a, R> {
    /// Reads `piece_bytes` at once, more where more is asked for.
    pub(super) fn new(object: &'a R, piece_bytes: u64) -> Self {
        Self { object, piece_bytes, start: 0, held: Vec::new() }
    }

    /// The bytes from `at` on: `wanted`, or fewer where the object ends before.
    pub(super) async fn get(&mut self, at: u64, wanted: u64) -> Result<&[u8], SourceError<R::Error>> {
        let size = self.object.size();
        let end = at.saturating_add(wanted).min(size);
        if at >= end {
            return Ok(&[]);
        }
        if at < self.start || end > self.start + self.held.len() as u64 {
            let range = at..at.saturating_add(wanted.max(self.piece_bytes)).min(size);
            self.held = self.object.read_at(range.clone()).await?;
            self.start = at;
            if (self.held.len() as u64) < range.end - at {
                return Err(SourceError::Short { end: at + self.held.len() as u64, expected: range.end });
            }
        }
        let from = (at - self.start) as usize;
        Ok(&self.held[from..from + (end - at) as usize])
    }
}
