//! The handlers, one module a concern.

mod account;
mod clips;
mod review;
mod search;
mod urls;
mod videos;

use crate::state::App;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route with its description.
pub fn all() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(account::health))
        .routes(routes!(account::me))
        .routes(routes!(videos::list_videos))
        .routes(routes!(videos::video))
        .routes(routes!(videos::retry_video))
        .routes(routes!(urls::submit_urls))
        .routes(routes!(clips::list_clips))
        .routes(routes!(clips::clip))
        .routes(routes!(clips::playback))
        .routes(routes!(clips::retry_clip))
        .routes(routes!(review::decide))
        .routes(routes!(review::undo))
        .routes(routes!(review::summary))
        .routes(routes!(search::random_clip))
        .routes(routes!(search::similar))
        .routes(routes!(search::models))
}
