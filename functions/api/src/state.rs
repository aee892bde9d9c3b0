//! What the handlers work with.

use crate::{
    auth::{AuthConfig, Verifier},
    cached::Cached,
    submission::{Submission, SubmissionError},
};
use futures::stream::{self, StreamExt, TryStreamExt};
use heaters_aws::{Functions, ObjectRef, ObjectStore, Uploads, Validity, Workflows};
use heaters_db::{
    Database, DbError, Session,
    outbox::{self, OutboxKind, OutboxRow, WITHDRAWN},
};
use heaters_domain::causes;
use heaters_runtime::{ConfigError, Services};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use time::OffsetDateTime;

/// How long an address of an object is valid at least, once it is given.
const ADDRESS_VALID_FOR: Duration = Duration::from_hours(1);

/// So long an object's address stays the same, so that answers that hold it do too.
const ADDRESS_STEP: Duration = Duration::from_mins(30);

/// 500 GB, unless the configuration says otherwise.
const UPLOAD_LIMIT_BYTES: u64 = 500_000_000_000;

/// A request does not wait longer than this for what it starts: the sweep starts it otherwise.
const START_WITHIN: Duration = Duration::from_secs(3);

/// How many of a bulk approval's publications are started at the same time.
const STARTS_AT_ONCE: usize = 8;

pub struct App {
    pub db: Database,
    pub store: Arc<dyn ObjectStore>,
    pub workflows: Workflows,
    pub functions: Functions,
    pub verifier: Verifier,
    pub uploads: Uploads,
    pub cached: Cached,
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
    /// The name of the function that scores the scenes of a video.
    pub detect_scenes_function: String,
    /// The one origin that browsers may call from.
    pub site_origin: String,
    /// The largest file that may be uploaded.
    pub upload_limit_bytes: u64,
    /// The embedding model that clips are published with and searched by.
    pub model: String,
    /// How long a page has a clip to itself unless it says that it still shows it.
    pub lease_seconds: u32,
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
            detect_scenes_function: config.require("DETECT_SCENES_FUNCTION")?.to_owned(),
            site_origin: config.require("SITE_ORIGIN")?.to_owned(),
            upload_limit_bytes: config.parse_or("UPLOAD_LIMIT_BYTES", UPLOAD_LIMIT_BYTES)?,
            model: config.get("EMBEDDING_MODEL").unwrap_or("descriptor-v1").to_owned(),
            lease_seconds: config.parse_or("REVIEW_LEASE_SECONDS", 60)?,
        };
        Ok(Self {
            db: Database::new(config.database_url()?)?,
            store: services.store.clone(),
            workflows: services.workflows.clone(),
            functions: services.functions.clone(),
            verifier: Verifier::new(AuthConfig::from_config(config)?),
            uploads: Uploads::new(&services.sdk, config.require("UPLOAD_BUCKET")?),
            cached: Cached::default(),
            settings,
            submission: Submission::from_config(config)?,
        })
    }

    pub(crate) fn object(&self, key: impl Into<String>) -> ObjectRef {
        ObjectRef::new(&self.settings.media_bucket, key)
    }

    /// An address that anybody who has it can read the object at, for an hour at least.
    pub(crate) async fn address(&self, key: impl Into<String>) -> Result<String, heaters_aws::StoreError> {
        self.store.presign_get(&self.object(key), &validity()).await
    }

    /// Starts, or stops, what a committed transaction asked for. What fails here is left to the sweep, so that the
    /// decision, which stands, is not answered with an error.
    pub(crate) async fn dispatch(&self, names: &[String]) {
        if names.is_empty() {
            return;
        }
        match tokio::time::timeout(START_WITHIN, self.try_dispatch(names)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(?names, detail = %causes(&error), "left to the sweep"),
            Err(_) => tracing::warn!(?names, "starting took too long; left to the sweep"),
        }
    }

    async fn try_dispatch(&self, names: &[String]) -> Result<(), DbError> {
        let session = self.db.session().await?;
        let rows = outbox::unsent_by_name(&session, names).await?;
        let session = &session;
        let sent = stream::iter(rows).map(async |row| self.send(session, row).await).buffer_unordered(STARTS_AT_ONCE);
        sent.try_collect().await
    }

    async fn send(&self, session: &Session, row: OutboxRow) -> Result<(), DbError> {
        let sent = match row.kind {
            OutboxKind::StartIngest => {
                self.workflows.start(&self.settings.ingest_machine, &row.execution_name, &row.payload).await.map(drop)
            }
            OutboxKind::StartPublish => {
                self.workflows.start(&self.settings.publish_machine, &row.execution_name, &row.payload).await.map(drop)
            }
            OutboxKind::StopPublish => {
                self.workflows.stop_named(&self.settings.publish_machine, row.stopped_execution(), WITHDRAWN).await
            }
        };
        match sent {
            Ok(()) => outbox::mark_sent(session, row.id).await,
            Err(error) => {
                tracing::warn!(name = row.execution_name, detail = %causes(&error), "left to the sweep");
                outbox::mark_failed(session, row.id, &error.to_string()).await
            }
        }
    }
}

/// Of addresses that are made now.
pub(crate) fn validity() -> Validity {
    Validity::stable(SystemTime::now(), ADDRESS_STEP, ADDRESS_VALID_FOR)
}

/// When addresses that are made now end.
pub(crate) fn addresses_end() -> OffsetDateTime {
    validity().ends().into()
}
