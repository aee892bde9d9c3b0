use crate::{
    auth::Caller,
    extract::{Body, Id},
    problem::Problem,
    review,
    state::App,
    types::{
        ActionAnswer, ActionRequest, Clip, DecisionAnswer, DecisionRequest, History, ProblemDetails, ReviewSummary,
        UndoAnswer, UndoRequest,
    },
    view,
};
use axum::{Extension, Json, extract::State, http::StatusCode};
use heaters_db::clips;
use heaters_domain::{ClipId, ClipState};
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
    State(_app): State<Arc<App>>,
    Extension(_caller): Extension<Caller>,
    Body(_request): Body<ActionRequest>,
) -> Result<Json<ActionAnswer>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "Not yet."))
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
    State(_app): State<Arc<App>>,
    Extension(_caller): Extension<Caller>,
    Body(_request): Body<UndoRequest>,
) -> Result<Json<UndoAnswer>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "Not yet."))
}

/// What the caller's next undo and redo would do.
#[utoipa::path(get, path = "/v1/history", responses((status = OK, body = History)))]
pub(crate) async fn history(
    State(_app): State<Arc<App>>,
    Extension(_caller): Extension<Caller>,
) -> Result<Json<History>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "Not yet."))
}

/// Decides about a pending clip. Goes: `/v1/actions` does it.
#[utoipa::path(post, path = "/v1/clips/{id}/decisions", params(("id" = ClipId, Path)), request_body = DecisionRequest, responses(
    (status = OK, body = DecisionAnswer),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, description = "The clip is not pending, or the version is not its latest.",
     body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn decide(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<ClipId>,
    Body(request): Body<DecisionRequest>,
) -> Result<Json<DecisionAnswer>, Problem> {
    let decided = review::decide(&app, &caller, id, &request).await?;
    let (clip, pending) = now(&app, decided.clip).await?;
    Ok(Json(DecisionAnswer { event_id: decided.event_id, clip, pending }))
}

/// Undoes the caller's latest decision that is not undone yet.
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
    let undone = review::undo(&app, &caller, request.request_id).await?;
    let (clip, pending) = now(&app, undone.clip).await?;
    Ok(Json(UndoAnswer {
        event_id: undone.event_id,
        undone_event_id: undone.decision.id,
        undone_action: undone.decision.action,
        clips: vec![clip.clone()],
        archived: Vec::new(),
        clip,
        pending,
    }))
}

/// How many clips wait, and where the others are.
#[utoipa::path(get, path = "/v1/review/summary", responses((status = OK, body = ReviewSummary)))]
pub(crate) async fn summary(State(app): State<Arc<App>>) -> Result<Json<ReviewSummary>, Problem> {
    let session = app.db.session().await?;
    let by_state = clips::counts(&session).await?;
    let pending = by_state.get(&ClipState::PendingReview).copied().unwrap_or_default();
    Ok(Json(ReviewSummary { pending, by_state }))
}

/// The clip as it stands now and how many are pending.
async fn now(app: &App, id: ClipId) -> Result<(Clip, u32), Problem> {
    let session = app.db.session().await?;
    let row = clips::by_id(&session, id).await?.ok_or_else(review::no_clip)?;
    Ok((view::clip(app, &session, row).await?, clips::pending(&session).await?))
}
