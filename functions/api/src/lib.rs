//! The API of the review site.

pub mod auth;
pub mod cached;
mod etag;
mod extract;
mod library;
mod media;
pub mod openapi;
mod page;
mod problem;
mod progress;
mod review;
mod routes;
pub mod state;
pub mod submission;
pub mod types;
mod upload;
mod view;

use crate::{problem::Problem, state::App};
use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
};
use std::{sync::Arc, time::Duration};
use tower_http::cors::CorsLayer;

/// The whole API. Preflights are answered before anything asks for a token.
pub fn router(app: Arc<App>) -> Router {
    let cors = cors(&app.settings.site_origin);
    let (routes, _) = routes::all().split_for_parts();
    routes
        .fallback(async || Problem::not_found("There is nothing at this address."))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "This address does not take this method.")
        })
        .layer(from_fn(etag::tag))
        .layer(from_fn_with_state(app.clone(), auth::require_caller))
        .layer(cors)
        .with_state(app)
}

/// Lets pages of the site, and of nobody else, call from a browser.
fn cors(site_origin: &str) -> CorsLayer {
    const HEADERS: [HeaderName; 3] = [header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH];
    const METHODS: [Method; 4] = [Method::GET, Method::POST, Method::PATCH, Method::DELETE];
    let layer = CorsLayer::new()
        .allow_methods(METHODS)
        .allow_headers(HEADERS)
        .expose_headers([header::ETAG])
        .max_age(Duration::from_hours(1));
    match HeaderValue::from_str(site_origin) {
        Ok(origin) => layer.allow_origin(origin),
        Err(_) => layer,
    }
}
