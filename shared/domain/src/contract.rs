//! What goes into each stage and what comes out: the JSON that the state machines carry.

use crate::{
    ClipId, ErrorClass, Failure, FrameRange, Rational, Stage, StageReport, Subject, VideoId,
    download::UrlOrigin,
    keys::{ClipKeys, IngestKeys},
    named_enum,
    settings::IngestSettings,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

named_enum! {
    /// Which tracks a source object holds. A download may bring picture and sound apart.
    pub enum SourceRole {
        Both => "both",
        Picture => "picture",
        Sound => "sound",
    }
}

/// One object of a source, as the uploader or the download left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceObject {
    pub role: SourceRole,
    pub bucket: String,
    pub key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    pub size_bytes: u64,
}

/// An ingest: what every function of `ingest.asl.json` is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ingest {
    pub video: VideoId,
    /// Which run over this video it is, counted from 1.
    pub attempt: u32,
    pub source: Vec<SourceObject>,
    /// `None` for an upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<UrlOrigin>,
    pub settings: IngestSettings,
    /// The bucket of all outputs.
    pub bucket: String,
    /// The prefix of all outputs, without a slash at its end.
    pub prefix: String,
}

impl Ingest {
    pub fn keys(&self) -> IngestKeys {
        IngestKeys(self.prefix.clone())
    }

    pub fn subject(&self) -> Subject {
        Subject::video(self.video)
    }
}

/// Input of the stages that take the whole video: download, probe, assemble, detect-scenes, archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IngestInput {
    pub ingest: Ingest,
}

/// Input of preprocess: one chunk of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChunkInput {
    pub ingest: Ingest,
    pub chunk: crate::plan::Chunk,
}

/// What probe found out about the source's picture and sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SourceMedia {
    pub container: String,
    pub video_codec: String,
    /// Size in pixels as shown: rotation and pixel aspect applied.
    pub width: u32,
    pub height: u32,
    /// Packets of the picture, which is the number of frames of a sound file.
    pub packets: u32,
    /// The nominal frame rate; `None` where the container doesn't say.
    pub fps: Option<Rational>,
    /// Seconds a tick of the picture's time stamps.
    pub time_base: Rational,
    pub duration_seconds: f64,
    pub has_sound: bool,
    pub interlaced: bool,
    /// `smpte2084` or `arib-std-b67` where the source is HDR.
    pub hdr_transfer: Option<String>,
    /// The title in the container's own tags.
    pub title: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbeOutput {
    pub plan_key: String,
    pub chunks: u32,
    pub media: SourceMedia,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreprocessOutput {
    pub chunk: u32,
    pub frames: u32,
    pub media_key: String,
    pub index_key: String,
    pub thumbs_key: String,
    pub sound_key: Option<String>,
    /// The lossless copy of the chunk's picture, where one is asked for.
    #[serde(default)]
    pub master_key: Option<String>,
    /// The source's bytes that the chunk read, with their checksums.
    #[serde(default)]
    pub read: Vec<ReadRange>,
}

/// A range of a source object that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRange {
    pub role: SourceRole,
    pub start: u64,
    /// Exclusive.
    pub end: u64,
    /// Of these bytes, in hexadecimal.
    pub sha256: String,
}

/// The checksums of a source's objects, by which a change of the original is noticed. Stored as
/// `checksums.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceChecksums {
    pub objects: Vec<ObjectChecksums>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectChecksums {
    #[serde(flatten)]
    pub object: SourceObject,
    /// CRC-64/NVME of the whole object as S3 keeps it, in Base64; `None` where S3 keeps none.
    pub crc64nvme: Option<String>,
    /// Of the whole object, in hexadecimal; `None` until it is archived.
    pub sha256: Option<String>,
    /// What was read for the chunks, in order. Neighbours may overlap.
    pub ranges: Vec<ReadRange>,
}

/// What the catalog needs to know of the proxy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssembleOutput {
    pub frames: u32,
    /// The mean frame rate of the proxy.
    pub fps: Rational,
    pub duration_seconds: f64,
    /// The proxy's size in pixels.
    pub width: u32,
    pub height: u32,
    pub has_sound: bool,
    pub proxy_key: String,
    pub index_key: String,
    pub thumbs_key: String,
    pub poster_key: String,
    /// WebVTT with a cue for each tile of the sprite sheets beside it.
    #[serde(default)]
    pub storyboard_key: Option<String>,
    /// `None` without sound.
    #[serde(default)]
    pub waveform_key: Option<String>,
    /// The lossless master, where one is asked for.
    #[serde(default)]
    pub master_key: Option<String>,
    /// The source's picture serves as the proxy's without encoding.
    #[serde(default)]
    pub reused: bool,
    pub proxy_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectScenesOutput {
    pub frames: u32,
    pub boundaries: u32,
    pub scores_key: String,
    /// A JSON list of [`crate::scenes::Boundary`].
    pub boundaries_key: String,
    /// Where each frame stands among look-alikes, as [`crate::look`] has it.
    #[serde(default)]
    pub looks_key: Option<String>,
}

/// How far a running chunk is, written beside its outputs about once a second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChunkProgress {
    pub frames_done: u32,
    pub frames_expected: u32,
}

/// How much of a source was read to plan its chunks, written beside the plan about once a second. Most sources are planned
/// from a small part of their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadProgress {
    pub bytes_done: u64,
    pub bytes_expected: u64,
}

/// Makes the MP4 of a range of the proxy for a browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlaybackInput {
    pub video: VideoId,
    pub range: FrameRange,
    pub bucket: String,
    /// The ingest's prefix, where proxy and index lie.
    pub prefix: String,
    /// Whether to make the clip's MP4 as an object; otherwise nothing is written.
    #[serde(default)]
    pub as_file: bool,
}

/// The MP4 of a range of a proxy: its header, and the bytes of the proxy that follow it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlaybackOutput {
    /// The object's key, where one was asked for.
    pub key: Option<String>,
    pub frames: u32,
    pub size_bytes: u64,
    /// In Base64.
    pub header: String,
    pub pieces: Vec<ByteRange>,
    /// Seconds a tick.
    pub time_base: Rational,
    /// When each frame is shown, in ticks from the first one's start.
    pub pts: Vec<u64>,
    /// The last frame's end, likewise.
    pub end: u64,
    /// When the first frame is shown in the proxy, in ticks from the proxy's start.
    pub start_in_proxy: u64,
}

/// Bytes of an object, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteRange {
    pub start: u64,
    pub end: u64,
}

/// One approved version of a clip on its way out: what every function of `publish.asl.json` is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    pub clip: ClipId,
    pub video: VideoId,
    /// The clip's version, counted from 1; each approval makes one.
    pub version: u32,
    /// Which run over this version it is, counted from 1.
    pub attempt: u32,
    pub range: FrameRange,
    pub bucket: String,
    /// The ingest's prefix, where proxy and index lie.
    pub prefix: String,
    /// The embedding model's name.
    pub model: String,
}

impl Publication {
    pub fn keys(&self) -> ClipKeys {
        ClipKeys::new(self.video, self.clip, self.version)
    }

    pub fn subject(&self) -> Subject {
        Subject { video: Some(self.video), clip: Some(self.clip), version: Some(self.version), chunk: None }
    }

    pub fn ingest_keys(&self) -> IngestKeys {
        IngestKeys(self.prefix.clone())
    }
}

/// Input of keyframes and embed, and the start of `publish`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublicationInput {
    pub publication: Publication,
}

/// A message of the export queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportMessage {
    pub publication: Publication,
    pub task_token: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportOutput {
    pub key: String,
    pub frames: u32,
    pub size_bytes: u64,
    pub sha256: String,
}

/// A still of a clip. `tags` say which strategies use it: `multi_25`, `multi_50`, `multi_75`, `midpoint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyframe {
    pub frame: u32,
    pub key: String,
    pub tags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyframesOutput {
    pub keyframes: Vec<Keyframe>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbedOutput {
    pub model: String,
    pub dimension: u32,
    pub vectors: u32,
    /// A JSON list of [`FrameVector`].
    pub vectors_key: String,
}

/// A keyframe's vector, of length 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameVector {
    pub frame: u32,
    pub vector: Vec<f32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArchiveOutput {
    pub objects: u32,
    pub storage_class: String,
}

/// What Step Functions puts where a Catch leads: `Cause` is a JSON text of the Lambda error, whose
/// `errorMessage` is in turn the JSON of a [`Failure`] when one of our stages failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CaughtError {
    pub error: String,
    #[serde(default)]
    pub cause: String,
}

impl CaughtError {
    /// The failure behind the error. Errors that are not ours (a time-out, a crash, a limit of the
    /// service) become a sentence of their own, with what the service said as detail.
    pub fn failure(&self, stage: Stage, subject: Subject) -> Failure {
        let parsed = serde_json::from_str::<serde_json::Value>(&self.cause).ok();
        let message = parsed
            .as_ref()
            .and_then(|cause| cause.get("errorMessage"))
            .and_then(|message| message.as_str())
            .unwrap_or(&self.cause);
        if let Ok(failure) = serde_json::from_str::<Failure>(message) {
            return failure;
        }
        let (class, sentence) = match self.error.as_str() {
            "States.Timeout" | "States.HeartbeatTimeout" => {
                (ErrorClass::Transient, "The work took longer than it may. Retry it.")
            }
            _ => {
                (ErrorClass::Internal, "The work stopped unexpectedly. Retry it; if it stops again, tell an operator.")
            }
        };
        Failure { class, stage, subject, sentence: sentence.to_owned(), detail: format!("{}: {message}", self.error) }
    }
}

/// What the catalog function is asked to do. It alone writes the pipeline's results to the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum CatalogRequest {
    /// Turns an upload event or a start by the API into an ingest, once.
    Register {
        execution: String,
        input: serde_json::Value,
    },
    /// Stores a report of an ingest stage and moves the video's state on.
    RecordIngest {
        ingest: Ingest,
        report: StageReport<serde_json::Value>,
    },
    /// Stores the report of scene detection and creates cuts and clips from its boundaries.
    CreateClips {
        ingest: Ingest,
        report: StageReport<DetectScenesOutput>,
    },
    FailIngest {
        ingest: Ingest,
        error: CaughtError,
    },
    /// Moves a clip to `exporting`, unless the approval was undone.
    BeginPublish {
        publication: Publication,
    },
    /// Stores a report of a publish stage and moves the clip's state on.
    RecordPublish {
        publication: Publication,
        report: StageReport<serde_json::Value>,
    },
    FailPublish {
        publication: Publication,
        error: CaughtError,
    },
}

named_enum! {
    /// What the state machine does after it asked the catalog.
    pub enum CatalogVerdict {
        /// Go on to the next stage.
        Continue => "continue",
        /// The same upload is known already, or another execution works on the video.
        Duplicate => "duplicate",
        /// The video was cancelled or deleted, or the clip's approval undone, meanwhile.
        Withdrawn => "withdrawn",
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CatalogResponse {
    pub verdict: CatalogVerdict,
    /// The ingest to go on with: after `Register` when there is work to do, after a recorded download
    /// with its source, and where `archive_due`. `null` else: the state machines name the field always.
    pub ingest: Option<Ingest>,
    /// Whether the source has to be downloaded first.
    #[serde(default)]
    pub needs_download: bool,
    /// Whether all approved clips of the video are published, so that its original may be archived.
    #[serde(default)]
    pub archive_due: bool,
}

/// How the API starts `ingest` for a video that is registered already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IngestStart {
    pub video: VideoId,
    pub attempt: u32,
}

/// What the stage runner has to know of a stage's input.
pub trait StageInput: serde::de::DeserializeOwned {
    fn subject(&self) -> Subject;

    /// Which run of the pipeline over the subject it is, counted from 1.
    fn attempt(&self) -> u32;
}

impl StageInput for IngestInput {
    fn subject(&self) -> Subject {
        self.ingest.subject()
    }

    fn attempt(&self) -> u32 {
        self.ingest.attempt
    }
}

impl StageInput for ChunkInput {
    fn subject(&self) -> Subject {
        Subject { chunk: Some(self.chunk.index), ..self.ingest.subject() }
    }

    fn attempt(&self) -> u32 {
        self.ingest.attempt
    }
}

impl StageInput for PublicationInput {
    fn subject(&self) -> Subject {
        self.publication.subject()
    }

    fn attempt(&self) -> u32 {
        self.publication.attempt
    }
}

impl StageInput for ExportMessage {
    fn subject(&self) -> Subject {
        self.publication.subject()
    }

    fn attempt(&self) -> u32 {
        self.publication.attempt
    }
}

impl StageInput for PlaybackInput {
    fn subject(&self) -> Subject {
        Subject::video(self.video)
    }

    fn attempt(&self) -> u32 {
        1
    }
}
