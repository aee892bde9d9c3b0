use crate::{
    extract::{Id, Params},
    problem::Problem,
    state::App,
    types::{Activity, Page, PageQuery, ProblemDetails, TagCount},
};
use axum::{Json, extract::State, http::StatusCode};
use heaters_domain::{ClipId, VideoId};
use std::sync::Arc;

/// What people did to a video and its clips, latest first.
#[utoipa::path(get, path = "/v1/videos/{id}/activity", params(("id" = VideoId, Path), PageQuery), responses(
    (status = OK, body = Page<Activity>),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn of_video(
    State(_app): State<Arc<App>>,
    Id(_id): Id<VideoId>,
    Params(_query): Params<PageQuery>,
) -> Result<Json<Page<Activity>>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "Not yet."))
}

/// What people did to a clip and to those it was made of, latest first.
#[utoipa::path(get, path = "/v1/clips/{id}/activity", params(("id" = ClipId, Path), PageQuery), responses(
    (status = OK, body = Page<Activity>),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn of_clip(
    State(_app): State<Arc<App>>,
    Id(_id): Id<ClipId>,
    Params(_query): Params<PageQuery>,
) -> Result<Json<Page<Activity>>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "Not yet."))
}

/// The tags that active clips carry, those of most clips first.
#[utoipa::path(get, path = "/v1/tags", responses((status = OK, body = Vec<TagCount>)))]
pub(crate) async fn tags(State(_app): State<Arc<App>>) -> Result<Json<Vec<TagCount>>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "Not yet."))
}
