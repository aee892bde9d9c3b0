//! The API's own JSON. What the domain already names is used as it is.

mod library;
mod review;
mod urls;

pub use library::*;
pub use review::*;
pub use urls::{SubmittedUrl, UrlOutcome, UrlsAnswer, UrlsRequest, VideoOrigin};

use heaters_domain::{
    ClipId, ClipOrder, ClipState, ErrorClass, Failure, Outcome, Rational, Stage, Subject, VideoId, VideoState,
    download::DownloadProgress, scenes::BoundaryKind, settings::SceneSettings,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// What to ask the next page with; `null` on the last one. Opaque.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    pub subject: String,
    pub name: String,
    pub roles: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Whether the database answered.
    pub ok: bool,
}

/// A source video and how far it has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Video {
    pub id: VideoId,
    pub title: String,
    /// The key and version of the uploaded object, by which uploaders find their video; `null` before a download.
    #[schema(required = true)]
    pub source_key: Option<String>,
    #[schema(required = true)]
    pub source_version: Option<String>,
    pub state: VideoState,
    /// 0..100.
    #[schema(maximum = 100)]
    pub progress: u8,
    #[schema(required = true)]
    pub failure: Option<Failure>,
    /// Frames of the proxy, which are those of the source; `null` until it is assembled.
    #[schema(required = true)]
    pub frames: Option<u32>,
    #[schema(required = true)]
    pub fps: Option<Rational>,
    #[schema(required = true)]
    pub duration_seconds: Option<f64>,
    /// Pixels of the source as shown, or of the proxy once there is one.
    #[schema(required = true)]
    pub width: Option<u32>,
    #[schema(required = true)]
    pub height: Option<u32>,
    #[schema(required = true)]
    pub has_sound: Option<bool>,
    /// How many clips are in each state; states without clips are left out.
    pub clips: BTreeMap<ClipState, u32>,
    /// A still; the address is valid for an hour.
    #[schema(required = true)]
    pub poster_url: Option<String>,
    /// Which run over this video it is, counted from 1.
    pub attempt: u32,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Set for a deleted video, and until when it can be restored.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required = true)]
    pub deleted_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required = true)]
    pub restorable_until: Option<OffsetDateTime>,
    /// The settings of the latest detection, one that was undone too.
    pub scenes: SceneSettings,
    /// What the stages reported, oldest first. Lists of videos sum the chunks up, and leave out clips.
    pub stages: Vec<StageSummary>,
    pub origin: VideoOrigin,
    /// The address that was submitted; `null` for an upload.
    #[schema(required = true)]
    pub origin_url: Option<String>,
    /// The site's name, once it was asked.
    #[schema(required = true)]
    pub site: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required = true)]
    pub published_at: Option<OffsetDateTime>,
    /// What was chosen of what the site offers.
    #[schema(required = true)]
    pub source_format: Option<String>,
    /// The video with the same bytes, where one was found after the download.
    #[schema(required = true)]
    pub duplicate_of: Option<VideoId>,
    /// While it is downloaded.
    #[schema(required = true)]
    pub download: Option<DownloadProgress>,
}

/// A stage's report, without its output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StageSummary {
    pub stage: Stage,
    pub attempt: u32,
    pub outcome: Outcome,
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    pub duration_ms: u64,
    /// The chunk's number, counted from 0.
    #[schema(required = true)]
    pub chunk: Option<u32>,
    #[schema(required = true)]
    pub clip: Option<ClipId>,
    /// Counts and sizes, named with their unit.
    pub metrics: BTreeMap<String, f64>,
    /// Versions of the tools that did the work.
    pub tools: BTreeMap<String, String>,
}

/// A segment between two neighbouring cuts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Clip {
    pub id: ClipId,
    pub video_id: VideoId,
    pub video_title: String,
    pub start_frame: u32,
    /// Exclusive.
    pub end_frame: u32,
    pub fps: Rational,
    pub state: ClipState,
    /// What an action has to name: it changes whenever a decision or an edit of the clip is taken back.
    pub version: u32,
    /// Clips of a video that belong together share it.
    #[schema(required = true)]
    pub group_id: Option<Uuid>,
    pub tags: Vec<String>,
    #[schema(required = true)]
    pub note: Option<String>,
    /// 0..1, of the less certain of its two cuts; `null` for a clip without cuts.
    #[schema(required = true)]
    pub confidence: Option<f64>,
    /// What the clip starts with; `null` at the video's start.
    #[schema(required = true)]
    pub start_cut: Option<BoundaryKind>,
    /// What the next clip starts with; `null` at the video's end.
    #[schema(required = true)]
    pub end_cut: Option<BoundaryKind>,
    /// The name of another reviewer who has the clip on the page now.
    #[schema(required = true)]
    pub claimed_by: Option<String>,
    #[schema(required = true)]
    pub failure: Option<Failure>,
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required = true)]
    pub reviewed_at: Option<OffsetDateTime>,
    #[schema(required = true)]
    pub reviewed_by: Option<String>,
    /// The published version's middle still; the address is valid for an hour.
    #[schema(required = true)]
    pub keyframe_url: Option<String>,
}

/// A clip that looks like another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SimilarClip {
    pub clip: Clip,
    /// Cosine, -1..1.
    pub similarity: f32,
    /// The similarity for people.
    #[schema(maximum = 100)]
    pub percent: u8,
}

/// An embedding model that clips can be searched with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Model {
    pub name: String,
    pub dimension: u32,
}

/// Which of a clip's stills are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Those at 25, 50 and 75 % of the clip.
    #[default]
    Multi,
    /// The one in the middle.
    Midpoint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SimilarOrder {
    #[default]
    Most,
    Least,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// 1..100, 24 by default.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SimilarQuery {
    /// 1..100, 12 by default.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    pub strategy: Option<Strategy>,
    pub order: Option<SimilarOrder>,
}

/// An error, as RFC 9457 has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemDetails {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// A sentence for people.
    pub detail: String,
}

/// Types that only appear inside others or in queries, so that the document names them too.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(
    Failure,
    ErrorClass,
    Subject,
    ProblemDetails,
    Strategy,
    SimilarOrder,
    ClipOrder,
    PlaybackForm
)))]
pub struct SharedSchemas;
