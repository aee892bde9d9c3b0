//! The chunk plan: which ranges of a source are encoded apart.

use serde::{Deserialize, Serialize};

/// A range of the source, cut at a clean random-access point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chunk {
    /// Counted from 0.
    pub index: u32,
    /// How many chunks the plan has.
    pub count: u32,
    /// Packets of the picture in the chunk, which is what its frames should number.
    pub packets: u32,
}

/// The whole source as one chunk.
pub fn whole(packets: u32) -> Vec<Chunk> {
    vec![Chunk { index: 0, count: 1, packets }]
}
