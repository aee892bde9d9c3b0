//! Writes Matroska that is joined from other files' tracks and blocks.

use super::{
    MkvError,
    block::Block,
    ebml::{put_element, put_open, put_uint},
    id,
};
use std::io::Write;

/// A Cluster is closed when it is as long as this, in nanoseconds or bytes.
const CLUSTER_NANOSECONDS: i64 = 5_000_000_000;
const CLUSTER_BYTES: usize = 4 << 20;
const APPLICATION: &[u8] = b"Heaters";

/// What comes before the first Cluster: an EBML header, a Segment of unknown size, Info and Tracks.
///
/// `timestamp_scale` is in nanoseconds a tick, `duration` in ticks. `entries` are payloads of TrackEntry
/// elements, as [`super::Track::numbered`] gives them.
pub fn header(timestamp_scale: u64, duration: Option<f64>, entries: &[Vec<u8>]) -> Vec<u8> {
    let mut ebml = Vec::new();
    // Version, read version, most bytes of an id and of a size; document version and read version.
    for (id, value) in [(0x4286, 1), (0x42F7, 1), (0x42F2, 4), (0x42F3, 8)] {
        put_uint(&mut ebml, id, value);
    }
    put_element(&mut ebml, id::DOC_TYPE, b"matroska");
    for (id, value) in [(0x4287, 4), (0x4285, 2)] {
        put_uint(&mut ebml, id, value);
    }
    let mut info = Vec::new();
    put_uint(&mut info, id::TIMESTAMP_SCALE, timestamp_scale);
    put_element(&mut info, id::MUXING_APP, APPLICATION);
    put_element(&mut info, id::WRITING_APP, APPLICATION);
    if let Some(duration) = duration {
        put_element(&mut info, id::DURATION, &duration.to_be_bytes());
    }
    let mut tracks = Vec::new();
    for entry in entries {
        put_element(&mut tracks, id::TRACK_ENTRY, entry);
    }
    let mut out = Vec::new();
    put_element(&mut out, id::EBML, &ebml);
    put_open(&mut out, id::SEGMENT);
    put_element(&mut out, id::INFO, &info);
    put_element(&mut out, id::TRACKS, &tracks);
    out
}

/// Writes blocks as Clusters.
#[derive(Debug)]
pub struct Clusters<W> {
    out: W,
    /// The longest time in a Cluster, in ticks.
    ticks: i64,
    timestamp: i64,
    blocks: Vec<u8>,
    written: u64,
}

impl<W: Write> Clusters<W> {
    /// `timestamp_scale` is in nanoseconds a tick.
    pub fn new(out: W, timestamp_scale: u64) -> Self {
        let scale = i64::try_from(timestamp_scale).unwrap_or(i64::MAX).max(1);
        let ticks = (CLUSTER_NANOSECONDS / scale).clamp(1, i64::from(i16::MAX));
        Self { out, ticks, timestamp: 0, blocks: Vec::new(), written: 0 }
    }

    /// Adds a block to a track. A block before the clock's beginning can't be written and is an error.
    pub fn push(&mut self, track: u64, block: &Block) -> Result<(), MkvError> {
        let mut relative = block.time.saturating_sub(self.timestamp);
        let fits = (-self.ticks..self.ticks).contains(&relative) && self.blocks.len() < CLUSTER_BYTES;
        if !fits || self.blocks.is_empty() {
            self.close()?;
            // A Cluster's own time is never negative, a block's within it may be.
            self.timestamp = block.time.max(0);
            relative = block.time - self.timestamp;
        }
        let relative = i16::try_from(relative).map_err(|_| MkvError::NoElement(block.at))?;
        block.put(&mut self.blocks, track, relative);
        Ok(())
    }

    /// Writes what is held. Gives how many bytes were written in all.
    pub fn finish(mut self) -> Result<(W, u64), MkvError> {
        self.close()?;
        self.out.flush()?;
        Ok((self.out, self.written))
    }

    fn close(&mut self) -> Result<(), MkvError> {
        if self.blocks.is_empty() {
            return Ok(());
        }
        let mut payload = Vec::with_capacity(self.blocks.len() + 16);
        put_uint(&mut payload, id::TIMESTAMP, self.timestamp as u64);
        payload.append(&mut self.blocks);
        let mut cluster = Vec::with_capacity(payload.len() + 16);
        put_element(&mut cluster, id::CLUSTER, &payload);
        self.out.write_all(&cluster)?;
        self.written += cluster.len() as u64;
        Ok(())
    }
}
