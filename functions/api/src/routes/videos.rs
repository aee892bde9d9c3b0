use crate::{
    auth::Caller,
    extract::{Id, Params},
    page,
    problem::Problem,
    review,
    state::App,
    types::{Page, ProblemDetails, Video, VideosQuery},
    view,
};
use axum::{Extension, Json, extract::State};
use heaters_db::videos::{self, Listed};
use heaters_domain::{VideoId, VideoState};
use std::sync::Arc;

/// The videos, youngest first.
#[utoipa::path(get, path = "/v1/videos", params(VideosQuery), responses(
    (status = OK, body = Page<Video>),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn list_videos(
    State(app): State<Arc<App>>,
    Params(query): Params<VideosQuery>,
) -> Result<Json<Page<Video>>, Problem> {
    let limit = page::limit(query.limit, page::DEFAULT_LIMIT)?;
    let below = page::position(query.cursor.as_deref())?;
    let text = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let listed = Listed { deleted: query.deleted.unwrap_or(false), text };
    let session = app.db.session().await?;
    let mut rows = videos::page(&session, &listed, below, i64::from(limit) + 1).await?;
    let more = page::cut(&mut rows, limit);
    let items = view::videos(&app, &session, rows).await?;
    let next = items.last().filter(|_| more).map(|video| video.id);
    Ok(Json(page::page(items, next.as_ref())))
}

/// One video with all that its stages reported.
#[utoipa::path(get, path = "/v1/videos/{id}", params(("id" = VideoId, Path)), responses(
    (status = OK, body = Video),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn video(State(app): State<Arc<App>>, Id(id): Id<VideoId>) -> Result<Json<Video>, Problem> {
    read(&app, id).await
}

/// Runs a failed or cancelled video again from the start; finished work is recognised.
#[utoipa::path(post, path = "/v1/videos/{id}/retry", params(("id" = VideoId, Path)), responses(
    (status = OK, body = Video),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn retry_video(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<VideoId>,
) -> Result<Json<Video>, Problem> {
    review::retry_video(&app, &caller, id).await?;
    read(&app, id).await
}

async fn read(app: &App, id: VideoId) -> Result<Json<Video>, Problem> {
    let session = app.db.session().await?;
    let row = videos::by_id(&session, id).await?.filter(|row| row.state != VideoState::Deleted);
    Ok(Json(view::video(app, &session, row.ok_or_else(review::no_video)?).await?))
}
