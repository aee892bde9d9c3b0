use crate::{
    auth::Caller,
    extract::Body,
    problem::Problem,
    review::{filters, order},
    state::App,
    types::{ClaimAnswer, ClaimRequest, ClaimedClips, ProblemDetails, ReleaseAnswer, RenewAnswer},
    view,
};
use axum::{Extension, Json, extract::State};
use heaters_db::{
    clips,
    queue::{self, Claimer},
};
use heaters_domain::ClipState;
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
    let filters = queue::Filters { state: Some(ClipState::PendingReview), ..filters(request.filters)? };
    let wanted = queue::Wanted { filters, order: order(request.order), after: request.after, limit: request.limit };
    let session = app.db.session().await?;
    let rows = queue::claim(&session, &wanted, &claimer(&app, &caller, request.page)).await?;
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
    check(&request)?;
    let session = app.db.session().await?;
    let claimed = queue::renew(&session, &claimer(&app, &caller, request.page), &request.clips).await?;
    let (kept, lost) = request.clips.into_iter().partition(|clip| claimed.contains(clip));
    Ok(Json(RenewAnswer { kept, lost }))
}

/// Gives up a page's claims, so that others get the clips at once.
#[utoipa::path(post, path = "/v1/claims/release", request_body = ClaimedClips, responses(
    (status = OK, body = ReleaseAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn release(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<ClaimedClips>,
) -> Result<Json<ReleaseAnswer>, Problem> {
    check(&request)?;
    let session = app.db.session().await?;
    let released = queue::release(&session, request.page, &caller.subject, &request.clips).await?;
    Ok(Json(ReleaseAnswer { released }))
}

fn check(request: &ClaimedClips) -> Result<(), Problem> {
    if request.clips.len() > MAX_RENEWED {
        return Err(Problem::bad_request(format!("A page holds up to {MAX_RENEWED} clips.")));
    }
    Ok(())
}

fn claimer<'a>(app: &App, caller: &'a Caller, page: Uuid) -> Claimer<'a> {
    let lease_seconds = app.settings.lease_seconds.into();
    Claimer { actor: &caller.subject, name: &caller.name, page, lease_seconds }
}
