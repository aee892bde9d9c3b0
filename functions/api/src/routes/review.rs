use crate::{
    auth::Caller,
    extract::{Body, Id},
    problem::Problem,
    review,
    state::App,
    types::{Clip, DecisionAnswer, DecisionRequest, ProblemDetails, ReviewSummary, UndoAnswer, UndoRequest},
    view,
};
use axum::{Extension, Json, extract::State};
use heaters_db::clips;
use heaters_domain::{ClipId, ClipState};
use std::sync::Arc;

/// Decides about a pending clip.
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
