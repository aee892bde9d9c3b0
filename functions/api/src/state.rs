//! What the handlers work with.

use crate::{
    auth::{AuthConfig, Verifier},
    submission::{Submission, SubmissionError},
};
use heaters_aws::{Functions, ObjectRef, ObjectStore, Workflows};
use heaters_db::{Database, DbError, outbox, outbox::OutboxKind};
use heaters_domain::causes;
use heaters_runtime::{ConfigError, Services};
use std::{sync::Arc, time::Duration};

/// How long an address of an object is valid.
pub const ADDRESS_VALID_FOR: Duration = Duration::from_hours(1);

/// A request does not wait longer than this for what it starts: the sweep starts it otherwise.
const START_WITHIN: Duration = Duration::from_secs(3);

pub struct App {
    pub db: Database,
    pub store: Arc<dyn ObjectStore>,
    pub workflows: Workflows,
    pub functions: Functions,
    pub verifier: Verifier,
    pub settings: Settings,
    pub submission: Submission,
}

/// The function's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub media_bucket: String,
    pub ingest_machine: String,
    pub publish_machine: String,
    /// The name of the function that makes MP4s of clips.
    pub playback_function: String,
    /// The one origin that browsers may call from.
    pub site_origin: String,
    /// The embedding model that clips are published with and searched by.
    pub model: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Database(#[from] DbError),
    #[error(transparent)]
    Submission(#[from] SubmissionError),
}

impl App {
    pub fn new(services: &Services) -> Result<Self, SetUpError> {
        let config = &services.config;
        let settings = Settings {
            media_bucket: config.media_bucket()?.to_owned(),
            ingest_machine: config.require("INGEST_STATE_MACHINE_ARN")?.to_owned(),
            publish_machine: config.require("PUBLISH_STATE_MACHINE_ARN")?.to_owned(),
            playback_function: config.require("PLAYBACK_FUNCTION")?.to_owned(),
            site_origin: config.require("SITE_ORIGIN")?.to_owned(),
            model: config.get("EMBEDDING_MODEL").unwrap_or("descriptor-v1").to_owned(),
        };
        Ok(Self {
            db: Database::new(config.database_url()?)?,
            store: services.store.clone(),
            workflows: services.workflows.clone(),
            functions: services.functions.clone(),
            verifier: Verifier::new(AuthConfig::from_config(config)?),
            settings,
            submission: Submission::from_config(config)?,
        })
    }

    pub(crate) fn object(&self, key: impl Into<String>) -> ObjectRef {
        ObjectRef::new(&self.settings.media_bucket, key)
    }

    /// An address that anybody who has it can read the object at, for an hour.
    pub(crate) async fn address(&self, key: impl Into<String>) -> Result<String, heaters_aws::StoreError> {
        self.store.presign_get(&self.object(key), ADDRESS_VALID_FOR).await
    }

    /// Starts what a committed transaction asked for. What fails here is left to the sweep, so that the
    /// decision, which stands, is not answered with an error.
    pub(crate) async fn dispatch(&self, execution_name: &str) {
        match tokio::time::timeout(START_WITHIN, self.try_dispatch(execution_name)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(execution_name, detail = %causes(&error), "left to the sweep"),
            Err(_) => tracing::warn!(execution_name, "starting took too long; left to the sweep"),
        }
    }

    async fn try_dispatch(&self, execution_name: &str) -> Result<(), DbError> {
        let session = self.db.session().await?;
        let Some(row) = outbox::unsent_by_name(&session, execution_name).await? else { return Ok(()) };
        let machine = match row.kind {
            OutboxKind::StartIngest => &self.settings.ingest_machine,
            OutboxKind::StartPublish => &self.settings.publish_machine,
        };
        match self.workflows.start(machine, &row.execution_name, &row.payload).await {
            Ok(_) => outbox::mark_sent(&session, row.id).await,
            Err(error) => {
                tracing::warn!(execution_name, detail = %causes(&error), "left to the sweep");
                outbox::mark_failed(&session, row.id, &error.to_string()).await
            }
        }
    }
}
