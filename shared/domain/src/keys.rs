//! The layout of object keys. Every key is a function of ids and parameters, so that a stage that runs
//! again finds its own finished work and two attempts never write different things to one key; but for the delta,
//! whose checksums tell when it is another.
//!
//! ```text
//! videos/{video}/{fingerprint}/            outputs of an ingest
//!     source.json  packets.bin  plan.json  progress.json
//!     repackaged.delta                     until all is joined
//!     chunks/{chunk}/media.bin  frames.idx  thumbs.bin  tiles.bin  sound.mka  master.mkv  read.json
//!                    progress.json
//!     proxy.mp4  frames.idx  thumbs.bin  poster.jpg  waveform.bin  checksums.json
//!     storyboard.vtt  storyboard-{sheet}.jpg  master.mkv
//!     scores.bin  looks.bin  boundaries-{sensitivity}-{min length}.json
//! videos/{video}/source/                   what was downloaded from a URL
//!     both | picture | sound  {role}.parts.json  begun.json  progress.json  download.json
//! videos/{video}/playback/{start}-{end}.mp4
//! videos/{video}/clips/{clip}/v{version}/  export.mp4  keyframe-{frame}.jpg  vectors-{model}.json
//! ```

use crate::{
    ClipId, Frame, FrameRange, VideoId,
    contract::SourceRole,
    settings::{IngestSettings, SceneSettings},
};

pub const VIDEOS: &str = "videos/";

/// The prefix of all that belongs to a video but its original; ends with a slash.
pub fn video_prefix(video: VideoId) -> String {
    format!("{VIDEOS}{video}/")
}

/// The prefix of all that an ingest with these settings writes; without a slash at its end.
pub fn ingest_prefix(video: VideoId, settings: &IngestSettings) -> String {
    format!("{VIDEOS}{video}/{}", settings.fingerprint())
}

/// Keys of a source that comes from a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceKeys(pub VideoId);

impl SourceKeys {
    fn below(self, name: impl std::fmt::Display) -> String {
        format!("{VIDEOS}{}/source/{name}", self.0)
    }
    pub fn track(self, role: SourceRole) -> String {
        self.below(role)
    }
    /// How far a track is: the parts that are stored, and what follows them.
    pub fn checkpoint(self, role: SourceRole) -> String {
        self.below(format_args!("{role}.parts.json"))
    }
    /// What the finished download is; written last.
    pub fn download(self) -> String {
        self.below("download.json")
    }
    /// When the current attempt began.
    pub fn begun(self) -> String {
        self.below("begun.json")
    }
    pub fn progress(self) -> String {
        self.below("progress.json")
    }
}

/// Keys of an ingest's outputs, below its prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestKeys(pub String);

impl IngestKeys {
    pub fn source(&self) -> String {
        format!("{}/source.json", self.0)
    }
    /// The packets of a source whose container can't be cut, in one that can be, as a delta of the source.
    pub fn repackaged(&self) -> String {
        format!("{}/repackaged.delta", self.0)
    }
    /// The packet table of an indexed, sequential or repackaged source.
    pub fn packets(&self) -> String {
        format!("{}/packets.bin", self.0)
    }
    /// How much of the source was read to plan its chunks.
    pub fn read_progress(&self) -> String {
        format!("{}/progress.json", self.0)
    }
    pub fn plan(&self) -> String {
        format!("{}/plan.json", self.0)
    }
    pub fn proxy(&self) -> String {
        format!("{}/proxy.mp4", self.0)
    }
    pub fn index(&self) -> String {
        format!("{}/frames.idx", self.0)
    }
    pub fn thumbs(&self) -> String {
        format!("{}/thumbs.bin", self.0)
    }
    pub fn poster(&self) -> String {
        format!("{}/poster.jpg", self.0)
    }
    pub fn storyboard(&self) -> String {
        format!("{}/storyboard.vtt", self.0)
    }
    /// A sprite sheet of the storyboard, counted from 0.
    pub fn storyboard_sheet(&self, sheet: u32) -> String {
        format!("{}/storyboard-{sheet:03}.jpg", self.0)
    }
    pub fn waveform(&self) -> String {
        format!("{}/waveform.bin", self.0)
    }
    /// The lossless master.
    pub fn master(&self) -> String {
        format!("{}/master.mkv", self.0)
    }
    /// The checksums of the original.
    pub fn checksums(&self) -> String {
        format!("{}/checksums.json", self.0)
    }
    pub fn scores(&self) -> String {
        format!("{}/scores.bin", self.0)
    }

    /// Where each frame stands among look-alikes.
    pub fn looks(&self) -> String {
        format!("{}/looks.bin", self.0)
    }

    pub fn boundaries(&self, settings: &SceneSettings) -> String {
        format!("{}/boundaries-{:.3}-{:.3}.json", self.0, settings.sensitivity, settings.min_length_seconds)
    }

    /// The prefix of all chunks; ends with a slash.
    pub fn chunks(&self) -> String {
        format!("{}/chunks/", self.0)
    }
    pub fn chunk(&self, chunk: u32) -> ChunkKeys {
        ChunkKeys(format!("{}/chunks/{chunk:05}", self.0))
    }
}

/// Keys of one chunk's outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkKeys(pub String);

impl ChunkKeys {
    pub fn media(&self) -> String {
        format!("{}/media.bin", self.0)
    }
    pub fn index(&self) -> String {
        format!("{}/frames.idx", self.0)
    }
    pub fn thumbs(&self) -> String {
        format!("{}/thumbs.bin", self.0)
    }
    pub fn sound(&self) -> String {
        format!("{}/sound.mka", self.0)
    }
    pub fn tiles(&self) -> String {
        format!("{}/tiles.bin", self.0)
    }
    pub fn master(&self) -> String {
        format!("{}/master.mkv", self.0)
    }
    /// The ranges of the source that the chunk read, with their checksums.
    pub fn read(&self) -> String {
        format!("{}/read.json", self.0)
    }
    pub fn progress(&self) -> String {
        format!("{}/progress.json", self.0)
    }
}

pub fn playback(video: VideoId, range: FrameRange) -> String {
    format!("{VIDEOS}{video}/playback/{}-{}.mp4", range.start, range.end)
}

/// Keys of one version of a published clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClipKeys(pub String);

impl ClipKeys {
    pub fn new(video: VideoId, clip: ClipId, version: u32) -> Self {
        Self(format!("{VIDEOS}{video}/clips/{clip}/v{version}"))
    }

    pub fn export(&self) -> String {
        format!("{}/export.mp4", self.0)
    }
    pub fn keyframe(&self, frame: Frame) -> String {
        format!("{}/keyframe-{frame}.jpg", self.0)
    }
    pub fn vectors(&self, model: &str) -> String {
        format!("{}/vectors-{model}.json", self.0)
    }
}
