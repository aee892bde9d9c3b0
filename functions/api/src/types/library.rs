//! The library's JSON: playback, timelines, uploads, and what is done to whole videos.

use heaters_domain::{
    ClipId, ClipState, Rational, VideoId,
    review::{Cut, CutOrigin},
    scenes::{Boundary, BoundaryKind},
    settings::SceneSettings,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The exact MP4 of a clip: its parts, one after another, are the file. Nothing is made for it, unless it is
/// asked for as a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Playback {
    pub frames: u32,
    /// The nominal rate. What is on screen when is said by `pts` alone.
    pub fps: Rational,
    /// From the first frame's start to the last one's end.
    pub duration_seconds: f64,
    /// Seconds a tick of `pts`.
    pub time_base: Rational,
    /// When each frame is shown, in ticks from the first frame's start: a frame's `mediaTime` is `pts` times the time
    /// base, to within half a tick.
    pub pts: Vec<u64>,
    pub parts: Vec<PlaybackPart>,
    /// Addresses that `parts` refer to, valid until `expires_at`. They take `Range`.
    pub urls: Vec<String>,
    pub size_bytes: u64,
    /// For clips too long to be held as one Blob: the whole video, and where the clip's first frame is shown in it.
    pub video_url: String,
    pub video_start_seconds: f64,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// A piece of the MP4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum PlaybackPart {
    Inline {
        /// The bytes in Base64.
        inline: String,
    },
    Range {
        /// Which of the addresses.
        url: u32,
        start: u64,
        /// Exclusive; `Range: bytes={start}-{end-1}`.
        end: u64,
    },
}

/// How a clip's MP4 is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaybackForm {
    /// Its header and byte ranges of the video's proxy.
    #[default]
    Parts,
    /// One object, which is made if there is none: the one part is all of `urls[0]`.
    File,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlaybackQuery {
    pub form: Option<PlaybackForm>,
}

/// What is drawn under the player.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Timeline {
    pub video: VideoId,
    pub frames: u32,
    pub fps: Rational,
    pub duration_seconds: f64,
    /// Counts the edits of the cuts.
    pub edit_version: u32,
    pub cuts: Vec<TimelineCut>,
    /// The active clips, in order.
    pub clips: Vec<TimelineClip>,
    #[schema(required = true)]
    pub storyboard: Option<Storyboard>,
    #[schema(required = true)]
    pub waveform: Option<Waveform>,
    /// How long the addresses are valid.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// A cut between two clips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineCut {
    /// The first frame of the clip after it.
    pub frame: u32,
    pub kind: BoundaryKind,
    /// The transition's frames, half-open; both are `frame` for a hard cut.
    pub start_frame: u32,
    pub end_frame: u32,
    /// 0..1; a reviewer's is 1.
    pub confidence: f64,
    pub origin: CutOrigin,
}

impl From<Cut> for TimelineCut {
    fn from(cut: Cut) -> Self {
        let Cut { frame, kind, start_frame, end_frame, confidence, origin } = cut;
        Self { frame, kind, start_frame, end_frame, confidence, origin }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineClip {
    pub id: ClipId,
    pub version: u32,
    pub start_frame: u32,
    /// Exclusive.
    pub end_frame: u32,
    pub state: ClipState,
    #[schema(required = true)]
    pub group_id: Option<Uuid>,
}

/// Small pictures of the video, on sheets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Storyboard {
    /// Pixels.
    pub tile_width: u32,
    pub tile_height: u32,
    /// Tiles across a full sheet, and down.
    pub columns: u32,
    pub rows: u32,
    /// The sheets, JPEG.
    pub urls: Vec<String>,
    /// They cover the video without gaps, in order.
    pub tiles: Vec<StoryboardTile>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StoryboardTile {
    /// The frame that the tile shows.
    pub start_frame: u32,
    /// Exclusive: where the next tile begins.
    pub end_frame: u32,
    /// Which of the sheets.
    pub sheet: u32,
    /// Pixels on the sheet.
    pub x: u32,
    pub y: u32,
}

/// How loud the sound is: one byte a peak, 0 for silence and 255 for full scale, from `offset` of the file on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waveform {
    pub url: String,
    /// Bytes of the file before the first peak.
    pub offset: u32,
    pub peaks_per_second: u32,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScoresQuery {
    /// 1..4000, 1000 by default; at most one a frame is given.
    pub buckets: Option<u32>,
    /// The part of the video, half-open; all of it by default.
    pub start_frame: Option<u32>,
    pub end_frame: Option<u32>,
}

/// The detector's score curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scores {
    pub start_frame: u32,
    pub end_frame: u32,
    pub buckets: u32,
    /// 0..1: the largest dissimilarity of a frame to the one before it, in each of the equal parts of the frames.
    pub values: Vec<f32>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BoundariesQuery {
    /// 0..1, higher finds more; that of the video's last detection by default.
    pub sensitivity: Option<f64>,
    /// The shortest shot, 0..3600 s; that of the video's last detection by default.
    pub min_length_seconds: Option<f64>,
}

/// What another detection would find, and do to the clips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Boundaries {
    pub settings: SceneSettings,
    /// All that are detected, also inside clips that stay as they are.
    pub boundaries: Vec<Boundary>,
    /// The cuts as they would be: clips that are kept have theirs.
    pub cuts_after: Vec<u32>,
    /// How many clips the video has now, and would have.
    pub clips_now: u32,
    pub clips_after: u32,
    /// Clips that somebody has worked on: they stay as they are.
    pub clips_kept: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RedetectRequest {
    /// The same id sent again gets the same answer and changes nothing.
    pub request_id: Uuid,
    /// 0..1, higher finds more.
    pub sensitivity: f64,
    /// 0..3600.
    pub min_length_seconds: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RedetectAnswer {
    pub event_id: i64,
    /// Clips that are new.
    pub created: u32,
    /// Clips that are as they were.
    pub kept: u32,
    /// Clips that were replaced.
    pub archived: Vec<ClipId>,
    /// How many clips wait for review now.
    pub pending: u32,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VideosQuery {
    /// Those that are deleted and can be restored, instead of the others.
    pub deleted: Option<bool>,
    /// A part of the title or of the uploaded file's name, in any case.
    pub text: Option<String>,
    /// 1..100, 24 by default.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RenameRequest {
    /// 1 to 200 characters.
    pub title: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadRequest {
    /// The file's name, as the browser gives it.
    pub name: String,
    pub size_bytes: u64,
    /// The file's date, in milliseconds since 1970; the object keeps it.
    pub last_modified_ms: i64,
}

/// An upload under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    /// What to go on with; opaque. A page that wants to resume after it was closed keeps it.
    pub upload: String,
    /// The object's key, by which `source_key` finds the video.
    pub key: String,
    /// Each part's size but the last one's.
    pub part_bytes: u64,
    /// Parts are numbered from 1 to this.
    pub parts: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadStatus {
    pub key: String,
    pub part_bytes: u64,
    pub parts: u32,
    /// The numbers of the parts that have arrived whole.
    pub parts_done: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadPartsRequest {
    /// 1 to 100 numbers.
    pub numbers: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadParts {
    pub parts: Vec<UploadPart>,
    /// How long the addresses are valid.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Where to `PUT` a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadPart {
    pub number: u32,
    pub url: String,
}

/// An upload that has become an object, and soon a video: the one with this `source_key` and `source_version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Uploaded {
    pub key: String,
    #[schema(required = true)]
    pub version: Option<String>,
}
