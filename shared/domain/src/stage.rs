//! The pipeline's stages and the report that each of them returns.

use crate::{ClipId, VideoId, named_enum};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::ToSchema;

named_enum! {
    /// One Lambda function's work. The same word names the crate (`detect-scenes`), the ASL state
    /// (`DetectScenes`) and the report (`detect_scenes`).
    pub enum Stage {
        Register => "register",
        Download => "download",
        Probe => "probe",
        Preprocess => "preprocess",
        Assemble => "assemble",
        DetectScenes => "detect_scenes",
        CreateClips => "create_clips",
        Playback => "playback",
        Export => "export",
        Keyframes => "keyframes",
        Embed => "embed",
        Archive => "archive",
        Sweep => "sweep",
        Migrate => "migrate",
    }
}

named_enum! {
    pub enum Outcome {
        Completed => "completed",
        /// The outputs were there from an earlier run and were left as they are.
        AlreadyDone => "already_done",
        Failed => "failed",
    }
}

/// What a stage worked on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<ClipId>,
    /// The clip's version, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The chunk's number, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk: Option<u32>,
}

impl Subject {
    pub fn video(video: VideoId) -> Self {
        Self { video: Some(video), ..Self::default() }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.video.map(|id| format!("video {id}")));
        parts.extend(self.clip.map(|id| format!("clip {id}")));
        parts.extend(self.version.map(|version| format!("version {version}")));
        parts.extend(self.chunk.map(|chunk| format!("chunk {chunk}")));
        formatter.write_str(&parts.join(" "))
    }
}

/// What every stage returns. `output` holds keys and counts, never bulk data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StageReport<T> {
    pub stage: Stage,
    pub subject: Subject,
    /// Which run of the pipeline over this subject it was, counted from 1.
    pub attempt: u32,
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    pub duration_ms: u64,
    pub outcome: Outcome,
    pub output: T,
    /// Counts and sizes, named with their unit: `frames`, `cpu_ms`, `read_bytes`.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
    /// The versions of the tools that did the work, such as `ffmpeg`.
    #[serde(default)]
    pub tools: BTreeMap<String, String>,
}

/// A stage's own part of its report: what the stage runner can't know.
#[derive(Debug, Clone, PartialEq)]
pub struct Done<T> {
    pub outcome: Outcome,
    pub output: T,
    pub metrics: BTreeMap<String, f64>,
    pub tools: BTreeMap<String, String>,
}

impl<T> Done<T> {
    pub fn completed(output: T) -> Self {
        Self { outcome: Outcome::Completed, output, metrics: BTreeMap::new(), tools: BTreeMap::new() }
    }

    pub fn already(output: T) -> Self {
        Self { outcome: Outcome::AlreadyDone, ..Self::completed(output) }
    }

    #[must_use]
    pub fn metric(mut self, name: &str, value: f64) -> Self {
        self.metrics.insert(name.to_owned(), value);
        self
    }

    #[must_use]
    pub fn tool(mut self, name: &str, version: impl Into<String>) -> Self {
        self.tools.insert(name.to_owned(), version.into());
        self
    }
}
