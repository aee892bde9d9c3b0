//! Matroska and WebM: their elements, heads and blocks, read with absolute byte positions, and written for
//! files that are joined from others.
//!
//! What is read is hostile: sizes are checked against what is there before anything is allocated.

mod block;
mod cues;
pub mod ebml;
mod head;
mod reader;
mod write;

pub use block::{Block, BlockHead, block_head, group_block};
pub use cues::{Cue, cues};
pub use head::{Head, HeadBuilder, Part, Prologue, Track};
pub use reader::{Event, Reader};
pub use write::{Clusters, header};

use heaters_domain::{Fault, Told};
use std::io;

/// Element ids, with their length marker.
pub mod id {
    pub const EBML: u32 = 0x1A45_DFA3;
    pub const DOC_TYPE: u32 = 0x4282;
    pub const SEGMENT: u32 = 0x1853_8067;
    pub const SEEK_HEAD: u32 = 0x114D_9B74;
    pub const SEEK: u32 = 0x4DBB;
    pub const SEEK_ID: u32 = 0x53AB;
    pub const SEEK_POSITION: u32 = 0x53AC;
    pub const INFO: u32 = 0x1549_A966;
    pub const TIMESTAMP_SCALE: u32 = 0x002A_D7B1;
    pub const DURATION: u32 = 0x4489;
    pub const MUXING_APP: u32 = 0x4D80;
    pub const WRITING_APP: u32 = 0x5741;
    pub const TRACKS: u32 = 0x1654_AE6B;
    pub const TRACK_ENTRY: u32 = 0xAE;
    pub const TRACK_NUMBER: u32 = 0xD7;
    pub const TRACK_UID: u32 = 0x73C5;
    pub const TRACK_TYPE: u32 = 0x83;
    pub const CODEC_ID: u32 = 0x86;
    pub const CODEC_PRIVATE: u32 = 0x63A2;
    pub const CONTENT_ENCODINGS: u32 = 0x6D80;
    pub const CLUSTER: u32 = 0x1F43_B675;
    pub const TIMESTAMP: u32 = 0xE7;
    pub const SIMPLE_BLOCK: u32 = 0xA3;
    pub const BLOCK_GROUP: u32 = 0xA0;
    pub const BLOCK: u32 = 0xA1;
    pub const REFERENCE_BLOCK: u32 = 0xFB;
    pub const CUES: u32 = 0x1C53_BB6B;
    pub const CUE_POINT: u32 = 0xBB;
    pub const CUE_TIME: u32 = 0xB3;
    pub const CUE_TRACK_POSITIONS: u32 = 0xB7;
    pub const CUE_TRACK: u32 = 0xF7;
    pub const CUE_CLUSTER_POSITION: u32 = 0xF1;
    pub const CUE_RELATIVE_POSITION: u32 = 0xF0;
    pub const TAGS: u32 = 0x1254_C367;
    pub const CHAPTERS: u32 = 0x1043_A770;
    pub const ATTACHMENTS: u32 = 0x1941_A469;
    pub const VOID: u32 = 0xEC;

    /// Whether an element lies directly in the Segment, so that it ends a Cluster of unknown size.
    pub fn is_top_level(id: u32) -> bool {
        matches!(id, SEEK_HEAD | INFO | TRACKS | CLUSTER | CUES | TAGS | CHAPTERS | ATTACHMENTS | SEGMENT | EBML)
    }
}

/// The largest element that is held in memory, in bytes.
pub const MOST_HELD_BYTES: u64 = 256 << 20;

#[derive(Debug, thiserror::Error)]
pub enum MkvError {
    #[error("byte {0} of the Matroska file begins no element")]
    NoElement(u64),
    #[error("the element at byte {at} of the Matroska file has {size} bytes, which is more than it may")]
    TooLarge { at: u64, size: u64 },
    #[error("the Matroska file ends at byte {0}, within an element")]
    Short(u64),
    #[error("the file is not Matroska")]
    NotMatroska,
    #[error("the Matroska file has no {0}")]
    Missing(&'static str),
    #[error("the Matroska file can't be read or written")]
    File(#[from] io::Error),
}

impl Fault for MkvError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::File(_) => Told::scratch(),
            _ => Told::rejected("The video file is damaged."),
        }
    }
}
