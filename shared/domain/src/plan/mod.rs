//! What is known of a source once it is examined, and the plan of its chunks: which frames are encoded apart,
//! and which bytes have to be read for them.

mod sections;

pub use sections::{Packet, Section, sections};

use crate::{
    contract::{ReadRange, SourceMedia},
    named_enum,
};
use serde::{Deserialize, Serialize};
use std::ops::Range;

named_enum! {
    /// How the bytes of a part of a source are found.
    pub enum SourceClass {
        /// MP4 and MOV: an index names every sample.
        Indexed => "indexed",
        /// Matroska and WebM: cues name random-access points.
        Cued => "cued",
        /// A stream that is read once to plan, then cut on packet borders.
        Sequential => "sequential",
        /// A container that can't be cut, whose packets probe copies into one that can be.
        // Packets of some were known by lists before.
        #[serde(alias = "listed")]
        Repackaged => "repackaged",
        /// Only as a whole: a container that can't be cut, or a source of one chunk.
        Whole => "whole",
    }
}

/// The picture's colour as its stream is tagged; `None` where the source does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Colour {
    /// ffmpeg's name of the matrix.
    pub matrix: Option<String>,
    #[serde(default)]
    pub full_range: bool,
    /// Pictures may be partly transparent.
    #[serde(default)]
    pub alpha: bool,
}

/// The container that a copy's packets are read in, as ffmpeg names it.
const COPY_CONTAINER: &str = "mov,mp4,m4a,3gp,3g2,mj2";

/// The copy that chunks read, most of it from the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repackaged {
    /// The size of its delta, which is what is stored.
    // Before, all of the copy was.
    #[serde(alias = "size_bytes")]
    pub delta_bytes: u64,
    /// What was read of the original for it.
    pub read: Vec<ReadRange>,
}

/// What the passes over a source need to know of it. Stored as `source.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub media: SourceMedia,
    pub class: SourceClass,
    /// The picture stream's index in its object, or in the copy.
    pub picture: u32,
    /// The sound stream's index in the picture's object or the copy, or in the sound's own; `None` without sound.
    pub sound: Option<u32>,
    pub colour: Colour,
    /// The source's picture can serve as the proxy's, bytes as they are.
    #[serde(default)]
    pub reusable: bool,
    /// A storyboard has a tile each so many seconds.
    pub tile_seconds: u32,
    /// Of [`SourceClass::Repackaged`]: the copy that all streams and chunks are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repackaged: Option<Repackaged>,
}

impl Source {
    /// The container of the bytes that chunks read, as ffmpeg names it.
    pub fn read_container(&self) -> &str {
        if self.class == SourceClass::Repackaged { COPY_CONTAINER } else { &self.media.container }
    }

    /// Frames a second over the whole video of so many frames: the nominal rate says little where the rate varies.
    pub fn mean_fps(&self, frames: usize) -> f64 {
        if self.media.duration_seconds > 0.0 {
            frames as f64 / self.media.duration_seconds
        } else {
            self.media.fps.map_or(0.0, crate::Rational::as_f64)
        }
    }
}

/// Which clock the time stamps of a chunk's bytes are on, once ffmpeg has read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Clock {
    /// The source's own.
    Source,
    /// The source's own jumps; ffmpeg smooths it, counted from 0.
    Repaired,
    /// The source's own, but for a whole turn of its counter: so many ticks have to be added.
    Shifted { ticks: i64 },
    /// The bytes carry none: the first frame of the chunk is at `start` ticks.
    From { start: i64 },
}

/// Which bytes of the source a chunk needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Reading {
    /// All of them.
    Whole { clock: Clock },
    /// Samples, by their numbers in the packet table, in decoding order.
    Samples { picture: Range<u32>, sound: Range<u32> },
    /// The source's beginning up to `head`, then `prefix`, then the bytes of `range`.
    Slice {
        head: u64,
        prefix: Vec<u8>,
        range: Range<u64>,
        /// The header of a Matroska Cluster that ends behind `range`: the slice has one without a length in its place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cut_cluster: Option<Range<u64>>,
        clock: Clock,
    },
}

/// A range of the source that starts at a random-access point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chunk {
    /// Counted from 0.
    pub index: u32,
    /// How many chunks the plan has.
    pub count: u32,
    /// How many frames it should give; an estimate where the source has no index.
    pub frames: u32,
    /// Frames at or after this time in ticks of the picture's time base are the chunk's; `None`: from the
    /// beginning.
    pub start: Option<i64>,
    /// Frames at or after this time are the next chunk's; `None`: to the end.
    pub end: Option<i64>,
    pub reading: Reading,
}

/// The whole source as one chunk.
pub fn whole(frames: u32, clock: Clock) -> Vec<Chunk> {
    vec![Chunk { index: 0, count: 1, frames, start: None, end: None, reading: Reading::Whole { clock } }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Videos that were ingested before can be detected again.
    #[test]
    fn what_was_stored_before_is_read() {
        let stored = |class: &str, repackaged: serde_json::Value| {
            json!({
                "class": class, "picture": 0, "sound": null, "colour": { "matrix": null }, "tile_seconds": 1,
                "media": { "container": "avi", "video_codec": "mpeg4", "width": 64, "height": 36, "packets": 10,
                           "fps": null, "time_base": { "num": 1, "den": 25 }, "duration_seconds": 0.4,
                           "has_sound": false, "interlaced": false, "hdr_transfer": null, "title": null },
                "repackaged": repackaged,
            })
        };
        let read = |value| serde_json::from_value::<Source>(value).unwrap();
        let listed = read(stored("listed", json!(null)));
        assert_eq!((listed.class, listed.repackaged), (SourceClass::Repackaged, None));
        let copied = read(stored("repackaged", json!({ "size_bytes": 7, "read": [] })));
        assert_eq!(copied.repackaged, Some(Repackaged { delta_bytes: 7, read: Vec::new() }));
    }
}
