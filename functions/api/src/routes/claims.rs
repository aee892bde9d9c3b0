use crate::{
    auth::Caller,
    extract::Body,
    problem::Problem,
    review::filters,
    state::App,
    types::{ClaimAnswer, ClaimRequest, ClaimedClips, LeaveRequest, ProblemDetails, ReleaseAnswer, RenewAnswer},
    view,
};
use axum::{Extension, Json, extract::State};
use heaters_db::{
    begin,
    claims::{self, Claimer},
    clips, commit,
    queue::Wanted,
};
use heaters_domain::{ClipId, ClipState};
use std::sync::Arc;
use uuid::Uuid;

const MAX_CLAIMS: u32 = 12;
/// A page renews what it shows and what it has fetched ahead.
const MAX_RENEWED: usize = 100;

/// Leases the next pending clips to a page, so that no other page gets them.
#[utoipa::path(post, path = "/v1/claims", request_body = ClaimRequest, responses(
    (status = OK, body = ClaimAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn claim(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<ClaimRequest>,
) -> Result<Json<ClaimAnswer>, Problem> {
    if !(1..=MAX_CLAIMS).contains(&request.limit) {
        return Err(Problem::bad_request(format!("A page claims 1 to {MAX_CLAIMS} clips.")));
    }
    let (state, filters) = (Some(ClipState::PendingReview), filters(request.filters)?);
    let wanted = Wanted { state, filters, order: request.order, after: request.after, limit: request.limit };
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let rows = if claims::is_here(&work, request.page, &caller.subject).await? {
        claims::claim(&work, &wanted, &claimer(&app, &caller, request.page)).await?
    } else {
        Vec::new()
    };
    commit(work).await?;
    let clips = view::clips(&app, &caller, &session, rows).await?;
    let pending = clips::pending(&session).await?;
    Ok(Json(ClaimAnswer { clips, lease_seconds: app.settings.lease_seconds, pending }))
}

/// Makes the claims of clips that are still shown last another lease.
#[utoipa::path(post, path = "/v1/claims/renew", request_body = ClaimedClips, responses(
    (status = OK, body = RenewAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn renew(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<ClaimedClips>,
) -> Result<Json<RenewAnswer>, Problem> {
    check(&request.clips)?;
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let claimed = if claims::is_here(&work, request.page, &caller.subject).await? {
        claims::renew(&work, &claimer(&app, &caller, request.page), &request.clips).await?
    } else {
        Vec::new()
    };
    commit(work).await?;
    let (kept, lost) = request.clips.into_iter().partition(|clip| claimed.contains(clip));
    Ok(Json(RenewAnswer { kept, lost }))
}

/// Ends a page: others get its clips at once, and requests of it that arrive later claim nothing.
#[utoipa::path(post, path = "/v1/claims/leave", request_body = LeaveRequest, responses(
    (status = OK, body = ReleaseAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn leave(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<LeaveRequest>,
) -> Result<Json<ReleaseAnswer>, Problem> {
    check(&request.keep)?;
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let released = claims::leave(&work, request.page, &caller.subject, &request.keep).await?;
    commit(work).await?;
    Ok(Json(ReleaseAnswer { released }))
}

fn check(clips: &[ClipId]) -> Result<(), Problem> {
    if clips.len() > MAX_RENEWED {
        return Err(Problem::bad_request(format!("A page holds up to {MAX_RENEWED} clips.")));
    }
    Ok(())
}

fn claimer<'a>(app: &App, caller: &'a Caller, page: Uuid) -> Claimer<'a> {
    let lease_seconds = app.settings.lease_seconds.into();
    Claimer { actor: &caller.subject, name: &caller.name, page, lease_seconds }
}
