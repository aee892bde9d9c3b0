use crate::{
    extract::{Body, Id, Params},
    problem::Problem,
    state::App,
    types::*,
};
use axum::{Json, extract::State, http::StatusCode};
use heaters_domain::{ClipId, VideoId};
use std::sync::Arc;

/// Cuts, clips, storyboard and waveform of a video that is ready.
#[utoipa::path(get, path = "/v1/videos/{id}/timeline", params(("id" = VideoId, Path)), responses(
    (status = OK, body = Timeline),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn timeline(State(_app): State<Arc<App>>, Id(_id): Id<VideoId>) -> Result<Json<Timeline>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}

/// The detector's score curve of a video.
#[utoipa::path(get, path = "/v1/videos/{id}/scores", params(("id" = VideoId, Path), ScoresQuery), responses(
    (status = OK, body = Scores),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn scores(
    State(_app): State<Arc<App>>,
    Id(_id): Id<VideoId>,
    Params(_q): Params<ScoresQuery>,
) -> Result<Json<Scores>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}

/// What detecting the scenes again would find. Nothing changes.
#[utoipa::path(get, path = "/v1/videos/{id}/boundaries", params(("id" = VideoId, Path), BoundariesQuery), responses(
    (status = OK, body = Boundaries),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn boundaries(
    State(_app): State<Arc<App>>,
    Id(_id): Id<VideoId>,
    Params(_q): Params<BoundariesQuery>,
) -> Result<Json<Boundaries>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}

/// Detects the scenes again: new cuts for the clips that nobody has worked on. It can be undone.
#[utoipa::path(post, path = "/v1/videos/{id}/redetect", params(("id" = VideoId, Path)), request_body = RedetectRequest, responses(
    (status = OK, body = RedetectAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn redetect(
    State(_app): State<Arc<App>>,
    Id(_id): Id<VideoId>,
    Body(_r): Body<RedetectRequest>,
) -> Result<Json<RedetectAnswer>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}
