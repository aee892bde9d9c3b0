use crate::{
    auth::Caller,
    extract::Body,
    problem::Problem,
    review::{self, Direction, Request},
    state::App,
    types::{
        ActionAnswer, ActionRequest, Clip, History, HistoryStep, ProblemDetails, ReviewSummary, UndoAnswer, UndoRequest,
    },
    view,
};
use axum::{Extension, Json, extract::State};
use heaters_db::{
    clips,
    review::{self as log, EventRow},
};
use heaters_domain::{ClipId, ClipState, review::Change};
use std::sync::Arc;

/// Does something to clips: one event, which one undo takes back.
#[utoipa::path(post, path = "/v1/actions", request_body = ActionRequest, responses(
    (status = OK, body = ActionAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, description = "The clips are not what the reviewer saw, another reviewer has them, or the cuts don't allow it.",
     body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn act(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<ActionRequest>,
) -> Result<Json<ActionAnswer>, Problem> {
    let by =
        Request { caller: &caller, id: request.request_id, took_ms: Some(request.took_ms), page: Some(request.page) };
    let acted = review::act(&app, by, &request.action).await?;
    let Left { clips, archived, pending } = left(&app, &caller, &acted.change).await?;
    Ok(Json(ActionAnswer { event_id: acted.event_id, clips, archived, pending }))
}

/// Does the caller's latest undone action again.
#[utoipa::path(post, path = "/v1/redo", request_body = UndoRequest, responses(
    (status = OK, body = UndoAnswer),
    (status = NOT_FOUND, description = "There is nothing to do again.",
     body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, description = "Someone else has gone on from there.",
     body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn redo(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<UndoRequest>,
) -> Result<Json<UndoAnswer>, Problem> {
    revert(&app, &caller, &request, Direction::Redo).await
}

/// What the caller's next undo and redo would do.
#[utoipa::path(get, path = "/v1/history", responses((status = OK, body = History)))]
pub(crate) async fn history(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<History>, Problem> {
    let session = app.db.session().await?;
    let step = |event: EventRow| HistoryStep { event_id: event.id, action: event.root_action, at: event.created_at };
    let undo = log::next_undo(&session, &caller.subject).await?.map(step);
    let redo = log::next_redo(&session, &caller.subject).await?.map(step);
    Ok(Json(History { undo, redo }))
}

/// Takes back the caller's latest action that stands, however long ago and on whatever page.
#[utoipa::path(post, path = "/v1/undo", request_body = UndoRequest, responses(
    (status = OK, body = UndoAnswer),
    (status = NOT_FOUND, description = "There is nothing to undo.",
     body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, description = "Someone else has gone on from there.",
     body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn undo(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<UndoRequest>,
) -> Result<Json<UndoAnswer>, Problem> {
    revert(&app, &caller, &request, Direction::Undo).await
}

/// How many clips wait, and where the others are.
#[utoipa::path(get, path = "/v1/review/summary", responses((status = OK, body = ReviewSummary)))]
pub(crate) async fn summary(State(app): State<Arc<App>>) -> Result<Json<ReviewSummary>, Problem> {
    let session = app.db.session().await?;
    let by_state = clips::counts(&session).await?;
    let pending = by_state.get(&ClipState::PendingReview).copied().unwrap_or_default();
    Ok(Json(ReviewSummary { pending, by_state }))
}

async fn revert(
    app: &App,
    caller: &Caller,
    request: &UndoRequest,
    direction: Direction,
) -> Result<Json<UndoAnswer>, Problem> {
    let by = Request { caller, id: request.request_id, took_ms: None, page: request.page };
    let reverted = review::revert(app, by, direction).await?;
    let Left { clips, archived, pending } = left(app, caller, &reverted.change).await?;
    Ok(Json(UndoAnswer {
        event_id: reverted.event_id,
        undone_event_id: reverted.undone_event_id,
        undone_action: reverted.action,
        clips,
        archived,
        pending,
    }))
}

/// What a change left, as it stands now.
struct Left {
    clips: Vec<Clip>,
    archived: Vec<ClipId>,
    pending: u32,
}

async fn left(app: &App, caller: &Caller, change: &Change) -> Result<Left, Problem> {
    let session = app.db.session().await?;
    let active: Vec<ClipId> = change.after.active().iter().map(|clip| clip.id).collect();
    let archived = change.after.clips.iter().filter(|clip| !clip.is_active()).map(|clip| clip.id).collect();
    let rows = clips::by_ids(&session, &active).await?;
    let clips = view::clips(app, caller, &session, rows).await?;
    Ok(Left { clips, archived, pending: clips::pending(&session).await? })
}
