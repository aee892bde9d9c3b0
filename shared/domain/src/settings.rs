//! Settings of an ingest, with their bounds. They come from configuration and travel with the execution.

use crate::named_enum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the review proxy is made: all-intra H.264 with AAC sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProxySettings {
    /// The longer side's limit in pixels.
    pub long_side: u32,
    /// The shorter side's limit in pixels.
    pub short_side: u32,
    /// x264's constant rate factor.
    pub crf: u32,
    /// x264's preset.
    pub preset: String,
    /// AAC bit rate in kbit/s, for two channels.
    pub sound_kbps: u32,
}

impl Default for ProxySettings {
    fn default() -> Self {
        Self { long_side: 1280, short_side: 720, crf: 23, preset: "veryfast".to_owned(), sound_kbps: 96 }
    }
}

/// What the scene decisions depend on, apart from the scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SceneSettings {
    /// 0..1, higher finds more boundaries.
    pub sensitivity: f64,
    /// The shortest shot, in seconds.
    pub min_length_seconds: f64,
}

impl Default for SceneSettings {
    fn default() -> Self {
        Self { sensitivity: 0.5, min_length_seconds: 0.1 }
    }
}

named_enum! {
    /// What is kept for good.
    pub enum MasterMode {
        /// The original, bit for bit.
        Original => "original",
        /// The original, and a lossless FFV1 copy in Matroska.
        Ffv1 => "ffv1",
        /// Nothing is archived; the original stays where it was uploaded.
        None => "none",
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IngestSettings {
    pub proxy: ProxySettings,
    pub scenes: SceneSettings,
    /// The aimed length of a chunk in seconds; 0 means one chunk for the whole video.
    pub chunk_seconds: u32,
    #[serde(default = "original")]
    pub master: MasterMode,
}

fn original() -> MasterMode {
    MasterMode::Original
}

impl Default for IngestSettings {
    fn default() -> Self {
        let (proxy, scenes) = (ProxySettings::default(), SceneSettings::default());
        Self { proxy, scenes, chunk_seconds: 30, master: MasterMode::Original }
    }
}

/// Counts up when the layout of the media outputs changes.
const LAYOUT: u32 = 2;

impl IngestSettings {
    /// A short name of all that changes the bytes of the media outputs, for their keys.
    pub fn fingerprint(&self) -> String {
        let ProxySettings { long_side, short_side, crf, preset, sound_kbps } = &self.proxy;
        let (chunk, master) = (self.chunk_seconds, self.master);
        format!("v{LAYOUT}-h264-{long_side}x{short_side}-crf{crf}-{preset}-aac{sound_kbps}-chunk{chunk}-{master}")
    }
}
