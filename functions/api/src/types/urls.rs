//! Submitting URLs.

use heaters_domain::VideoId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a video came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VideoOrigin {
    Upload,
    Url,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UrlsRequest {
    /// Web addresses of videos, pages with videos, or playlists.
    #[schema(min_items = 1, max_items = 50)]
    pub urls: Vec<String>,
    /// Ingest even what is here already.
    #[serde(default)]
    pub anyway: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UrlOutcome {
    /// A video was made and will be downloaded.
    Accepted,
    /// A video of the same address is here: `video` names it.
    Duplicate,
    /// `sentence` says why.
    Refused,
}

/// What became of one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubmittedUrl {
    /// As it was submitted.
    pub url: String,
    pub outcome: UrlOutcome,
    #[schema(required = true)]
    pub video: Option<VideoId>,
    /// For people; `null` when it was accepted.
    #[schema(required = true)]
    pub sentence: Option<String>,
}

/// An item an address, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UrlsAnswer {
    pub items: Vec<SubmittedUrl>,
}
