use crate::{
    auth::Caller,
    extract::{Id, Params},
    page,
    problem::Problem,
    review,
    state::App,
    types::{Clip, ClipsQuery, Page, ProblemDetails},
    view,
};
use axum::{Extension, Json, extract::State};
use heaters_db::clips;
use heaters_domain::ClipId;
use std::sync::Arc;

/// The clips in the order of review: the oldest video's first, each from its start.
#[utoipa::path(get, path = "/v1/clips", params(ClipsQuery), responses(
    (status = OK, body = Page<Clip>),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn list_clips(
    State(app): State<Arc<App>>,
    Params(query): Params<ClipsQuery>,
) -> Result<Json<Page<Clip>>, Problem> {
    let limit = page::limit(query.limit, page::DEFAULT_LIMIT)?;
    let after = page::position(query.cursor.as_deref())?;
    let session = app.db.session().await?;
    let mut rows = clips::page(&session, query.state, query.video, after, i64::from(limit) + 1).await?;
    let more = page::cut(&mut rows, limit);
    let items = view::clips(&app, &session, rows).await?;
    let next = items.last().filter(|_| more).map(|clip| clip.id);
    Ok(Json(page::page(items, next.as_ref())))
}

#[utoipa::path(get, path = "/v1/clips/{id}", params(("id" = ClipId, Path)), responses(
    (status = OK, body = Clip),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn clip(State(app): State<Arc<App>>, Id(id): Id<ClipId>) -> Result<Json<Clip>, Problem> {
    read(&app, id).await
}

/// Publishes an approved clip again whose export, stills or vectors failed.
#[utoipa::path(post, path = "/v1/clips/{id}/retry", params(("id" = ClipId, Path)), responses(
    (status = OK, body = Clip),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn retry_clip(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<ClipId>,
) -> Result<Json<Clip>, Problem> {
    review::retry_clip(&app, &caller, id).await?;
    read(&app, id).await
}

async fn read(app: &App, id: ClipId) -> Result<Json<Clip>, Problem> {
    let session = app.db.session().await?;
    let row = clips::by_id(&session, id).await?.ok_or_else(review::no_clip)?;
    Ok(Json(view::clip(app, &session, row).await?))
}
