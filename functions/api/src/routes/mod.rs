//! The handlers, one module a concern.

mod account;
mod activity;
mod claims;
mod clips;
mod library;
mod playback;
mod review;
mod search;
pub(crate) mod timeline;
mod uploads;
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
        .routes(routes!(clips::retry_clip))
        .routes(routes!(review::act))
        .routes(routes!(review::undo))
        .routes(routes!(review::redo))
        .routes(routes!(review::history))
        .routes(routes!(claims::claim))
        .routes(routes!(claims::renew))
        .routes(routes!(claims::leave))
        .routes(routes!(activity::of_video))
        .routes(routes!(activity::of_clip))
        .routes(routes!(activity::tags))
        .routes(routes!(review::summary))
        .routes(routes!(search::random_clip))
        .routes(routes!(search::similar))
        .routes(routes!(search::models))
        .routes(routes!(playback::playback))
        .routes(routes!(library::rename_video, library::delete_video))
        .routes(routes!(library::cancel_video))
        .routes(routes!(library::restore_video))
        .routes(routes!(timeline::timeline))
        .routes(routes!(timeline::scores))
        .routes(routes!(timeline::boundaries))
        .routes(routes!(timeline::redetect_video))
        .routes(routes!(uploads::begin_upload))
        .routes(routes!(uploads::upload, uploads::abort_upload))
        .routes(routes!(uploads::upload_parts))
        .routes(routes!(uploads::complete_upload))
}
