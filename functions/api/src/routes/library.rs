use crate::{
    extract::{Body, Id, Params},
    problem::Problem,
    state::App,
    types::*,
};
use axum::{Json, extract::State, http::StatusCode};
use heaters_domain::{ClipId, VideoId};
use std::sync::Arc;

/// Gives a video another title.
#[utoipa::path(patch, path = "/v1/videos/{id}", params(("id" = VideoId, Path)), request_body = RenameRequest, responses(
    (status = OK, body = Video),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn rename_video(
    State(_app): State<Arc<App>>,
    Id(_id): Id<VideoId>,
    Body(_r): Body<RenameRequest>,
) -> Result<Json<Video>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}

/// Stops the work on a video. A retry goes on with it.
#[utoipa::path(post, path = "/v1/videos/{id}/cancel", params(("id" = VideoId, Path)), responses(
    (status = OK, body = Video),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn cancel_video(State(_app): State<Arc<App>>, Id(_id): Id<VideoId>) -> Result<Json<Video>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}

/// Deletes a video: it leaves library, queue and search, and can be restored for 30 days.
#[utoipa::path(delete, path = "/v1/videos/{id}", params(("id" = VideoId, Path)), responses(
    (status = OK, body = Video),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn delete_video(State(_app): State<Arc<App>>, Id(_id): Id<VideoId>) -> Result<Json<Video>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}

/// Brings a deleted video back. One that was not ready starts again; finished work is recognised.
#[utoipa::path(post, path = "/v1/videos/{id}/restore", params(("id" = VideoId, Path)), responses(
    (status = OK, body = Video),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn restore_video(State(_app): State<Arc<App>>, Id(_id): Id<VideoId>) -> Result<Json<Video>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}
