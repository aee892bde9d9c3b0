//! The one user-facing error: `application/problem+json`, with a sentence for people.

use crate::types::ProblemDetails;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use heaters_aws::FunctionError;
use heaters_domain::{ErrorClass, Fault, causes};

/// An answer that is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// Another function could not do its part. What it says of it is for people, but for what calling it met.
    pub fn of_function(error: FunctionError, otherwise: &str) -> Self {
        let detail = match error {
            FunctionError::Stage { failure, .. } => failure.sentence,
            FunctionError::Service { .. } | FunctionError::Answer { .. } => otherwise.to_owned(),
        };
        Self::new(StatusCode::BAD_GATEWAY, detail)
    }

    /// A fault of ours: logged here with its causes, of which the caller learns nothing.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(detail = %causes(error), "request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on the server. Try again.")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let details = ProblemDetails {
            kind: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let mut response = (self.status, axum::Json(details)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
        }
        response
    }
}

impl From<heaters_db::DbError> for Problem {
    fn from(error: heaters_db::DbError) -> Self {
        match error.class() {
            ErrorClass::Transient => {
                tracing::error!(detail = %causes(&error), "request failed");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "The database did not answer. Try again.")
            }
            _ => Self::internal(&error),
        }
    }
}

impl From<heaters_aws::StoreError> for Problem {
    fn from(error: heaters_aws::StoreError) -> Self {
        Self::internal(&error)
    }
}
