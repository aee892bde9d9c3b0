use crate::{
    extract::{Body, Id, Params},
    problem::Problem,
    state::App,
    types::*,
};
use axum::{Json, extract::State, http::StatusCode};
use heaters_domain::{ClipId, VideoId};
use std::sync::Arc;

/// Begins an upload in parts, which the page sends straight to the storage.
#[utoipa::path(post, path = "/v1/uploads", request_body = UploadRequest, responses(
    (status = OK, body = Upload),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn begin_upload(
    State(_app): State<Arc<App>>,
    Body(_r): Body<UploadRequest>,
) -> Result<Json<Upload>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}

/// Which parts of an upload have arrived.
#[utoipa::path(get, path = "/v1/uploads/{upload}", params(("upload" = String, Path)), responses(
    (status = OK, body = UploadStatus),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn upload(State(_app): State<Arc<App>>, Id(_u): Id<String>) -> Result<Json<UploadStatus>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}

/// Where to send parts to.
#[utoipa::path(post, path = "/v1/uploads/{upload}/parts", params(("upload" = String, Path)), request_body = UploadPartsRequest, responses(
    (status = OK, body = UploadParts),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn upload_parts(
    State(_app): State<Arc<App>>,
    Id(_u): Id<String>,
    Body(_r): Body<UploadPartsRequest>,
) -> Result<Json<UploadParts>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}

/// Makes the parts one object, which starts its ingest.
#[utoipa::path(post, path = "/v1/uploads/{upload}/complete", params(("upload" = String, Path)), responses(
    (status = OK, body = Uploaded),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn complete_upload(
    State(_app): State<Arc<App>>,
    Id(_u): Id<String>,
) -> Result<Json<Uploaded>, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}

/// Gives an upload up and throws its parts away.
#[utoipa::path(delete, path = "/v1/uploads/{upload}", params(("upload" = String, Path)), responses(
    (status = NO_CONTENT),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn abort_upload(State(_app): State<Arc<App>>, Id(_u): Id<String>) -> Result<StatusCode, Problem> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}
