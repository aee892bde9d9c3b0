use crate::{
    extract::{Body, Id, Params},
    problem::Problem,
    state::App,
    types::*,
};
use axum::{Json, extract::State, http::StatusCode};
use heaters_domain::{ClipId, VideoId};
use std::sync::Arc;

/// The clip's exact MP4.
#[utoipa::path(get, path = "/v1/clips/{id}/playback", params(("id" = ClipId, Path), PlaybackQuery), responses(
    (status = OK, body = Playback),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = BAD_GATEWAY, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn playback(
    State(_app): State<Arc<App>>,
    Id(_id): Id<ClipId>,
    Params(_q): Params<PlaybackQuery>,
) -> Result<Json<Playback>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}
