//! The API's description, made from the handlers themselves.

use crate::{routes, types::SharedSchemas};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(
    info(title = "Heaters", description = "Review, search and watch over videos and their clips."),
    modifiers(&BearerToken),
    nest((path = "/", api = SharedSchemas)),
)]
pub(crate) struct Document;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
        document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    }
}

/// The document as it lies in `web/openapi.json`.
pub fn text() -> String {
    let (_, document) = OpenApiRouter::with_openapi(Document::openapi()).merge(routes::all()).split_for_parts();
    let json = document.to_pretty_json().unwrap_or_default();
    format!("{json}\n")
}
