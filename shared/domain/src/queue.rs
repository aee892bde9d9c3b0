//! Which clips are wanted, and in which order: as the page asks for it and as the database looks.

use crate::VideoId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which clips are wanted. What is left out does not filter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ClipFilters {
    pub video: Option<VideoId>,
    /// Seconds.
    pub min_seconds: Option<f64>,
    /// Seconds, inclusive.
    pub max_seconds: Option<f64>,
    /// 0..1, of the less certain of a clip's two cuts.
    pub min_confidence: Option<f64>,
    /// 0..1, inclusive. Clips without a cut have no confidence and are left out.
    pub max_confidence: Option<f64>,
    /// A part of the video's title or of the clip's note, in any case.
    pub text: Option<String>,
    pub tag: Option<String>,
    pub group: Option<Uuid>,
}

/// The order of clips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClipOrder {
    /// The oldest video first, each from its start.
    #[default]
    Time,
    /// Those with the least certain cut first.
    Confidence,
    /// Those whose pictures look alike together.
    LookAlike,
}
