//! What the pipeline did becomes rows, and rows say whether the pipeline goes on. Every operation is one
//! transaction and may be repeated: Step Functions retries its tasks.

mod downloaded;
mod error;
pub mod handler;
mod ingest;
mod publish;
mod register;

pub use error::CatalogError;

use heaters_aws::ObjectStore;
use heaters_db::Database;
use heaters_domain::{
    contract::{CatalogResponse, CatalogVerdict},
    settings::IngestSettings,
};
use heaters_runtime::Services;
use std::sync::Arc;

/// What the operations work with.
#[derive(Clone)]
pub struct Catalog {
    pub database: Database,
    pub store: Arc<dyn ObjectStore>,
    /// The bucket of all outputs.
    pub media_bucket: String,
    /// Settings of videos to come.
    pub settings: IngestSettings,
}

impl Catalog {
    pub fn new(services: &Services) -> Result<Self, CatalogError> {
        let config = &services.config;
        let settings = match config.get("INGEST_SETTINGS") {
            Some(text) => IngestSettings::read(text)?,
            None => IngestSettings::default(),
        };
        Ok(Self {
            database: Database::new(config.database_url()?)?,
            store: services.store.clone(),
            media_bucket: config.media_bucket()?.to_owned(),
            settings,
        })
    }
}

fn verdict(verdict: CatalogVerdict) -> CatalogResponse {
    CatalogResponse { verdict, ingest: None, needs_download: false, archive_due: false }
}

fn go_on() -> CatalogResponse {
    verdict(CatalogVerdict::Continue)
}

fn withdrawn() -> CatalogResponse {
    verdict(CatalogVerdict::Withdrawn)
}
