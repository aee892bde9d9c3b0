//! From a request to the operation it names, and from an error to what Step Functions is told.

use crate::{Catalog, CatalogError, ingest, publish, register};
use heaters_domain::{
    Failure, Stage, Subject,
    contract::{CatalogRequest, CatalogResponse},
};
use heaters_runtime::failure_of;

/// Does what is asked. The failure is logged here and nowhere else.
pub async fn handle(catalog: &Catalog, request: CatalogRequest) -> Result<CatalogResponse, Failure> {
    let (stage, subject) = about(&request);
    let operation = name(&request);
    match perform(catalog, request).await {
        Ok(response) => {
            tracing::info!(operation, %subject, verdict = %response.verdict, "recorded");
            Ok(response)
        }
        Err(error) => {
            let failure = failure_of(&error, stage, subject);
            tracing::error!(operation, subject = %failure.subject, class = %failure.class, detail = %failure.detail, "not recorded");
            Err(failure)
        }
    }
}

async fn perform(catalog: &Catalog, request: CatalogRequest) -> Result<CatalogResponse, CatalogError> {
    match request {
        CatalogRequest::Register { execution, input } => register::register(catalog, &execution, input).await,
        CatalogRequest::RecordIngest { ingest, report } => ingest::record(catalog, &ingest, &report).await,
        CatalogRequest::CreateClips { ingest, report } => ingest::create_clips(catalog, &ingest, &report).await,
        CatalogRequest::FailIngest { ingest, error } => ingest::fail(catalog, &ingest, &error).await,
        CatalogRequest::BeginPublish { publication } => publish::begin_publish(catalog, &publication).await,
        CatalogRequest::RecordPublish { publication, report } => publish::record(catalog, &publication, &report).await,
        CatalogRequest::FailPublish { publication, error } => publish::fail(catalog, &publication, &error).await,
    }
}

fn name(request: &CatalogRequest) -> &'static str {
    match request {
        CatalogRequest::Register { .. } => "register",
        CatalogRequest::RecordIngest { .. } => "record_ingest",
        CatalogRequest::CreateClips { .. } => "create_clips",
        CatalogRequest::FailIngest { .. } => "fail_ingest",
        CatalogRequest::BeginPublish { .. } => "begin_publish",
        CatalogRequest::RecordPublish { .. } => "record_publish",
        CatalogRequest::FailPublish { .. } => "fail_publish",
    }
}

/// The stage that a failure of the catalog itself is put down to, and its subject.
fn about(request: &CatalogRequest) -> (Stage, Subject) {
    match request {
        CatalogRequest::Register { .. } => (Stage::Register, Subject::default()),
        CatalogRequest::RecordIngest { ingest, report } => (report.stage, ingest.subject()),
        CatalogRequest::CreateClips { ingest, .. } => (Stage::CreateClips, ingest.subject()),
        CatalogRequest::FailIngest { ingest, .. } => (Stage::Register, ingest.subject()),
        CatalogRequest::RecordPublish { publication, report } => (report.stage, publication.subject()),
        CatalogRequest::BeginPublish { publication } | CatalogRequest::FailPublish { publication, .. } => {
            (Stage::Export, publication.subject())
        }
    }
}
