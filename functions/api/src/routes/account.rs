use crate::{
    auth::Caller,
    state::App,
    types::{Health, Me, ProblemDetails},
};
use axum::{Extension, Json, extract::State};
use std::sync::Arc;

/// Whether the API and its database are up. The one route that needs no token.
#[utoipa::path(get, path = "/v1/health", security(()), responses((status = OK, body = Health)))]
pub(crate) async fn health(State(app): State<Arc<App>>) -> Json<Health> {
    Json(Health { ok: app.db.ping().await })
}

/// Who is signed in.
#[utoipa::path(get, path = "/v1/me", responses(
    (status = OK, body = Me),
    (status = UNAUTHORIZED, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn me(Extension(caller): Extension<Caller>) -> Json<Me> {
    Json(Me { subject: caller.subject, name: caller.name, roles: caller.roles })
}
