use crate::{
    auth::Caller,
    extract::{Body, Id},
    library,
    problem::Problem,
    review,
    state::App,
    types::{ProblemDetails, RenameRequest, Video},
    view,
};
use axum::{Extension, Json, extract::State};
use heaters_db::videos;
use heaters_domain::VideoId;
use std::sync::Arc;

/// Gives a video another title.
#[utoipa::path(patch, path = "/v1/videos/{id}", params(("id" = VideoId, Path)), request_body = RenameRequest, responses(
    (status = OK, body = Video),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn rename_video(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<VideoId>,
    Body(request): Body<RenameRequest>,
) -> Result<Json<Video>, Problem> {
    library::rename(&app, &caller, id, &request.title).await?;
    read(&app, id).await
}

/// Stops the work on a video. A retry goes on with it.
#[utoipa::path(post, path = "/v1/videos/{id}/cancel", params(("id" = VideoId, Path)), responses(
    (status = OK, body = Video),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn cancel_video(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<VideoId>,
) -> Result<Json<Video>, Problem> {
    library::cancel(&app, &caller, id).await?;
    read(&app, id).await
}

/// Deletes a video: it leaves library, queue and search, and can be restored for 30 days.
#[utoipa::path(delete, path = "/v1/videos/{id}", params(("id" = VideoId, Path)), responses(
    (status = OK, body = Video),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn delete_video(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<VideoId>,
) -> Result<Json<Video>, Problem> {
    library::delete(&app, &caller, id).await?;
    read(&app, id).await
}

/// Brings a deleted video back. One that was never ready starts again; finished work is recognised.
#[utoipa::path(post, path = "/v1/videos/{id}/restore", params(("id" = VideoId, Path)), responses(
    (status = OK, body = Video),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn restore_video(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<VideoId>,
) -> Result<Json<Video>, Problem> {
    library::restore(&app, &caller, id).await?;
    read(&app, id).await
}

/// A video as it stands now, deleted or not.
async fn read(app: &App, id: VideoId) -> Result<Json<Video>, Problem> {
    let session = app.db.session().await?;
    let row = videos::by_id(&session, id).await?.ok_or_else(review::no_video)?;
    Ok(Json(view::video(app, &session, row).await?))
}
