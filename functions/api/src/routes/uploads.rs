use crate::{
    extract::{Body, Id},
    problem::Problem,
    state::{App, addresses_end, validity},
    types::{
        ProblemDetails, Upload, UploadPart, UploadParts, UploadPartsRequest, UploadRequest, UploadStatus, Uploaded,
    },
    upload::{self, Ticket},
};
use axum::{Json, extract::State, http::StatusCode};
use std::sync::Arc;

/// No more addresses are given at once.
const ADDRESSES_AT_ONCE: usize = 100;

/// Begins an upload in parts, which the page sends straight to the storage.
#[utoipa::path(post, path = "/v1/uploads", request_body = UploadRequest, responses(
    (status = OK, body = Upload),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn begin_upload(
    State(app): State<Arc<App>>,
    Body(request): Body<UploadRequest>,
) -> Result<Json<Upload>, Problem> {
    let ticket = upload::begin(&app, &request).await?;
    let (part_bytes, parts) = ticket.parts();
    Ok(Json(Upload { upload: ticket.to_text(), key: ticket.key, part_bytes, parts }))
}

/// Which parts of an upload have arrived.
#[utoipa::path(get, path = "/v1/uploads/{upload}", params(("upload" = String, Path)), responses(
    (status = OK, body = UploadStatus),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn upload(State(app): State<Arc<App>>, Id(ticket): Id<Ticket>) -> Result<Json<UploadStatus>, Problem> {
    let (part_bytes, parts) = ticket.parts();
    let arrived = upload::arrived(&app, &ticket).await.map_err(upload::problem)?;
    let parts_done = arrived.into_iter().map(|part| part.number).collect();
    Ok(Json(UploadStatus { key: ticket.key, part_bytes, parts, parts_done }))
}

/// Where to send parts to.
#[utoipa::path(post, path = "/v1/uploads/{upload}/parts", params(("upload" = String, Path)),
    request_body = UploadPartsRequest, responses(
    (status = OK, body = UploadParts),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn upload_parts(
    State(app): State<Arc<App>>,
    Id(ticket): Id<Ticket>,
    Body(request): Body<UploadPartsRequest>,
) -> Result<Json<UploadParts>, Problem> {
    let (_, count) = ticket.parts();
    let numbers = request.numbers;
    if numbers.is_empty() || numbers.len() > ADDRESSES_AT_ONCE {
        return Err(Problem::bad_request(format!("Ask for 1 to {ADDRESSES_AT_ONCE} parts at once.")));
    }
    if numbers.iter().any(|number| !(1..=count).contains(number)) {
        return Err(Problem::bad_request(format!("The upload's parts are numbered from 1 to {count}.")));
    }
    let (object, valid) = (ticket.object(), validity());
    let mut parts = Vec::with_capacity(numbers.len());
    for number in numbers {
        let url = app.uploads.address(&object, number, &valid).await.map_err(upload::problem)?;
        parts.push(UploadPart { number, url });
    }
    Ok(Json(UploadParts { parts, expires_at: addresses_end() }))
}

/// Makes the parts one object, which starts its ingest. Sent again, it gets the same answer.
#[utoipa::path(post, path = "/v1/uploads/{upload}/complete", params(("upload" = String, Path)), responses(
    (status = OK, body = Uploaded),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, description = "Parts are missing.",
     body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn complete_upload(
    State(app): State<Arc<App>>,
    Id(ticket): Id<Ticket>,
) -> Result<Json<Uploaded>, Problem> {
    let version = upload::complete(&app, &ticket).await?;
    Ok(Json(Uploaded { key: ticket.key, version }))
}

/// Gives an upload up and throws its parts away.
#[utoipa::path(delete, path = "/v1/uploads/{upload}", params(("upload" = String, Path)), responses(
    (status = NO_CONTENT),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn abort_upload(State(app): State<Arc<App>>, Id(ticket): Id<Ticket>) -> Result<StatusCode, Problem> {
    app.uploads.abort(&ticket.object()).await.map_err(upload::problem)?;
    Ok(StatusCode::NO_CONTENT)
}
