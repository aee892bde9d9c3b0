//! Who calls: bearer tokens of the configured issuer, checked here whatever stands in front of the API.

mod keys;
mod token;

pub use token::{AuthConfig, Verifier};

use crate::{problem::Problem, state::App};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// One of these has to be among a caller's groups.
const ROLES: [&str; 2] = ["reviewers", "operators"];

/// The one route that anybody may ask.
const OPEN_PATH: &str = "/v1/health";

/// Whoever signed the request's token in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The issuer's name for them, which never changes.
    pub subject: String,
    /// A name for people.
    pub name: String,
    pub roles: Vec<String>,
}

/// Lets only callers with a valid token and a role through, and hands them on as an extension.
pub(crate) async fn require_caller(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    if request.uri().path() == OPEN_PATH && request.method() == Method::GET {
        return next.run(request).await;
    }
    match caller_of(&app, request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn caller_of(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let Some(token) = token else { return Err(Problem::new(StatusCode::UNAUTHORIZED, "Sign in first.")) };
    let caller = app.verifier.verify(token).await?;
    if caller.roles.iter().any(|role| ROLES.contains(&role.as_str())) {
        return Ok(caller);
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "Your account has no role here. Ask an operator to make you a reviewer."))
}
