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
use heaters_db::{clips, queue};
use heaters_domain::{ClipFilters, ClipId};
use std::sync::Arc;

/// A grid shows many.
const MAX_LIMIT: u32 = 500;

/// Clips by filters and in an order.
#[utoipa::path(get, path = "/v1/clips", params(ClipFilters, ClipsQuery), responses(
    (status = OK, body = Page<Clip>),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn list_clips(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Params(filters): Params<ClipFilters>,
    Params(query): Params<ClipsQuery>,
) -> Result<Json<Page<Clip>>, Problem> {
    let limit = page::limit_up_to(MAX_LIMIT, query.limit, page::DEFAULT_LIMIT)?;
    let after = page::position(query.cursor.as_deref())?;
    let (filters, order) = (review::filters(filters)?, query.order.unwrap_or_default());
    let session = app.db.session().await?;
    let wanted = queue::Wanted { state: query.state, filters, order, after, limit: limit + 1 };
    let mut rows = queue::page(&session, &wanted).await?;
    let more = page::cut(&mut rows, limit);
    let items = view::clips(&app, &caller, &session, rows).await?;
    let next = items.last().filter(|_| more).map(|clip| clip.id);
    Ok(Json(page::page(items, next.as_ref())))
}

#[utoipa::path(get, path = "/v1/clips/{id}", params(("id" = ClipId, Path)), responses(
    (status = OK, body = Clip),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn clip(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<ClipId>,
) -> Result<Json<Clip>, Problem> {
    read(&app, &caller, id).await
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
    read(&app, &caller, id).await
}

async fn read(app: &App, caller: &Caller, id: ClipId) -> Result<Json<Clip>, Problem> {
    let session = app.db.session().await?;
    let row = clips::by_id(&session, id).await?.ok_or_else(review::no_clip)?;
    Ok(Json(view::clip(app, caller, &session, row).await?))
}
