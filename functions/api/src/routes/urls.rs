use crate::{
    auth::Caller,
    extract::Body,
    problem::Problem,
    state::App,
    submission,
    types::{ProblemDetails, UrlsAnswer, UrlsRequest},
};
use axum::{Extension, Json, extract::State};
use std::sync::Arc;

/// How many addresses one request may hold.
const MOST_URLS: usize = 50;

/// Makes a video of each address, which is then downloaded in the best quality there is. What is here already, and
/// what can't be fetched, is said for each; the others go on.
#[utoipa::path(post, path = "/v1/videos/urls", request_body = UrlsRequest, responses(
    (status = OK, body = UrlsAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn submit_urls(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<UrlsRequest>,
) -> Result<Json<UrlsAnswer>, Problem> {
    if request.urls.is_empty() || request.urls.len() > MOST_URLS {
        return Err(Problem::bad_request(format!("Submit 1 to {MOST_URLS} addresses at once.")));
    }
    let mut items = Vec::with_capacity(request.urls.len());
    for url in request.urls {
        items.push(submission::submit(&app, &caller, url, request.anyway).await?);
    }
    Ok(Json(UrlsAnswer { items }))
}
