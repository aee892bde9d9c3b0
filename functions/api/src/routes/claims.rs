use crate::{
    auth::Caller,
    extract::Body,
    problem::Problem,
    state::App,
    types::{ClaimAnswer, ClaimRequest, ClaimedClips, ProblemDetails, ReleaseAnswer, RenewAnswer},
};
use axum::{Extension, Json, extract::State, http::StatusCode};
use std::sync::Arc;

/// Leases the next pending clips to a page, so that no other page gets them.
#[utoipa::path(post, path = "/v1/claims", request_body = ClaimRequest, responses(
    (status = OK, body = ClaimAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn claim(
    State(_app): State<Arc<App>>,
    Extension(_caller): Extension<Caller>,
    Body(_request): Body<ClaimRequest>,
) -> Result<Json<ClaimAnswer>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "Not yet."))
}

/// Makes the claims of clips that are still shown last another lease.
#[utoipa::path(post, path = "/v1/claims/renew", request_body = ClaimedClips, responses(
    (status = OK, body = RenewAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn renew(
    State(_app): State<Arc<App>>,
    Extension(_caller): Extension<Caller>,
    Body(_request): Body<ClaimedClips>,
) -> Result<Json<RenewAnswer>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "Not yet."))
}

/// Gives up a page's claims, so that others get the clips at once.
#[utoipa::path(post, path = "/v1/claims/release", request_body = ClaimedClips, responses(
    (status = OK, body = ReleaseAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn release(
    State(_app): State<Arc<App>>,
    Extension(_caller): Extension<Caller>,
    Body(_request): Body<ClaimedClips>,
) -> Result<Json<ReleaseAnswer>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "Not yet."))
}
