use crate::{
    auth::Caller,
    extract::{Id, Params},
    page,
    problem::Problem,
    review,
    state::{ADDRESS_VALID_FOR, App},
    types::{Clip, ClipsQuery, Page, Playback, ProblemDetails},
    view,
};
use axum::{Extension, Json, extract::State, http::StatusCode};
use heaters_aws::{FunctionError, ObjectStore};
use heaters_db::{clips, clips::ClipRow, queue};
use heaters_domain::{
    ClipId, causes,
    contract::{PlaybackInput, PlaybackOutput},
    keys,
};
use std::sync::Arc;
use time::OffsetDateTime;

/// A grid shows many.
const MAX_LIMIT: u32 = 500;

/// Clips by filters and in an order.
#[utoipa::path(get, path = "/v1/clips", params(ClipsQuery), responses(
    (status = OK, body = Page<Clip>),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn list_clips(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Params(query): Params<ClipsQuery>,
) -> Result<Json<Page<Clip>>, Problem> {
    let limit = page::limit_up_to(MAX_LIMIT, query.limit, page::DEFAULT_LIMIT)?;
    let after = page::position(query.cursor.as_deref())?;
    let order = review::order(query.order.unwrap_or_default());
    let filters = queue::Filters { state: query.state, ..review::filters(query.into())? };
    let session = app.db.session().await?;
    let mut rows = queue::page(&session, &queue::Wanted { filters, order, after, limit: limit + 1 }).await?;
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

/// The clip's exact MP4, made on demand.
#[utoipa::path(get, path = "/v1/clips/{id}/playback", params(("id" = ClipId, Path)), responses(
    (status = OK, body = Playback),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = BAD_GATEWAY, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn playback(State(app): State<Arc<App>>, Id(id): Id<ClipId>) -> Result<Json<Playback>, Problem> {
    let session = app.db.session().await?;
    let clip = clips::by_id(&session, id).await?.ok_or_else(review::no_clip)?;
    drop(session);
    let key = keys::playback(clip.video_id, clip.range);
    let store: &dyn ObjectStore = &*app.store;
    if !store.exists(&app.object(&key)).await? {
        make_playback(&app, &clip).await?;
    }
    let frames = clip.range.len();
    Ok(Json(Playback {
        url: app.address(key).await?,
        expires_at: OffsetDateTime::now_utc() + ADDRESS_VALID_FOR,
        frames,
        fps: clip.fps,
        duration_seconds: f64::from(frames) / clip.fps.as_f64(),
    }))
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

async fn make_playback(app: &App, clip: &ClipRow) -> Result<(), Problem> {
    let input = PlaybackInput {
        video: clip.video_id,
        range: clip.range,
        bucket: app.settings.media_bucket.clone(),
        prefix: clip.prefix.clone(),
    };
    match app.functions.call::<_, PlaybackOutput>(&app.settings.playback_function, &input).await {
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::error!(clip = %clip.id, detail = %causes(&error), "no playback");
            let sentence = match error {
                FunctionError::Stage { failure, .. } => failure.sentence,
                _ => "The clip could not be made playable just now. Try again.".to_owned(),
            };
            Err(Problem::new(StatusCode::BAD_GATEWAY, sentence))
        }
    }
}
