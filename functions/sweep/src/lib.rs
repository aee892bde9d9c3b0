//! Puts right what was interrupted: starts what was asked for and never started, resumes what stopped,
//! answers exports that no function managed, and registers uploads whose event was lost. Throws away what nobody
//! needs any more.

mod dead_letters;
mod error;
mod outbox;
mod stalled;
mod storage;
mod uploads;

pub use error::SweepError;

use heaters_aws::{ObjectStore, Queues, Workflows};
use heaters_db::{Database, playback};
use heaters_domain::{Failure, Fault, Stage, StageReport, Subject, causes, stage::Done};
use heaters_runtime::{Services, Stopwatch, failure_of};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How many rows of a kind one sweep looks at; the next one goes on.
pub(crate) const BATCH: i64 = 200;

/// A file that somebody was given so short a time ago may still be on its way to a page.
const PLAYBACK_IN_USE_SECONDS: f64 = 600.0;

pub struct Sweep {
    pub database: Database,
    pub store: Arc<dyn ObjectStore>,
    pub workflows: Workflows,
    pub queues: Queues,
    pub settings: Settings,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub ingest_machine: String,
    pub publish_machine: String,
    pub upload_bucket: String,
    pub media_bucket: String,
    pub dead_letter_queue: String,
    /// How long nothing may have happened to work under way before its execution is asked after.
    pub grace_seconds: f64,
    /// An attempt with this number is not followed by another one of the sweep's.
    pub max_attempts: u32,
    /// Which playback files are kept.
    pub playback: playback::Limits,
}

/// What a sweep did, in counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepOutput {
    /// Executions that were asked for and are started now, or stopped.
    pub started: u32,
    /// Videos and clips whose work goes on with a new attempt.
    pub resumed: u32,
    /// Videos and clips that were interrupted too often and are shown as failed.
    pub given_up: u32,
    /// Exports that were answered with a failure, for no function took them.
    pub dead_letters: u32,
    /// Uploads whose event was lost.
    pub found_uploads: u32,
    /// Playback files that were thrown away.
    pub evicted_files: u32,
    /// Deleted videos whose objects are gone now.
    pub purged_videos: u32,
}

impl Sweep {
    pub fn new(services: &Services) -> Result<Self, SweepError> {
        let config = &services.config;
        Ok(Self {
            database: Database::new(config.database_url()?)?,
            store: services.store.clone(),
            workflows: services.workflows.clone(),
            queues: Queues::new(&services.sdk),
            settings: Settings {
                ingest_machine: config.require("INGEST_STATE_MACHINE_ARN")?.to_owned(),
                publish_machine: config.require("PUBLISH_STATE_MACHINE_ARN")?.to_owned(),
                upload_bucket: config.require("UPLOAD_BUCKET")?.to_owned(),
                dead_letter_queue: config.require("EXPORT_DLQ_URL")?.to_owned(),
                grace_seconds: config.parse_or("SWEEP_GRACE_SECONDS", 120.0)?,
                max_attempts: config.parse_or("SWEEP_MAX_ATTEMPTS", 5)?,
                media_bucket: config.media_bucket()?.to_owned(),
                playback: playback::Limits {
                    bytes: config.parse_or("PLAYBACK_LIMIT_BYTES", 1_000_000_000)?,
                    days: config.parse_or("PLAYBACK_DAYS", 7)?,
                    in_use_seconds: PLAYBACK_IN_USE_SECONDS,
                },
            },
        })
    }
}

/// Runs the function. The failure is logged here and nowhere else.
pub async fn handle(sweep: &Sweep) -> Result<StageReport<SweepOutput>, Failure> {
    let watch = Stopwatch::start();
    match run(sweep).await {
        Ok(output) => {
            tracing::info!(?output, "swept");
            let done = if output == SweepOutput::default() { Done::already(output) } else { Done::completed(output) };
            Ok(watch.report(Stage::Sweep, Subject::default(), 1, done))
        }
        Err(error) => {
            let failure = failure_of(&error, Stage::Sweep, Subject::default());
            tracing::error!(class = %failure.class, detail = %failure.detail, "not swept");
            Err(failure)
        }
    }
}

/// Does every part, so that one that fails does not keep the others from being done; the first error is
/// returned at the end. What is resumed is sent in the same sweep.
pub async fn run(sweep: &Sweep) -> Result<SweepOutput, SweepError> {
    let mut output = SweepOutput::default();
    let results = [
        dead_letters::answer(sweep, &mut output).await,
        stalled::resume_videos(sweep, &mut output).await,
        stalled::resume_clips(sweep, &mut output).await,
        uploads::find_lost(sweep, &mut output).await,
        storage::evict(sweep, &mut output).await,
        storage::purge(sweep, &mut output).await,
        outbox::send(sweep, &mut output).await,
    ];
    let mut first = None;
    for error in results.into_iter().filter_map(Result::err) {
        tracing::warn!(class = %error.class(), detail = %causes(&error), "a part of the sweep failed");
        first = first.or(Some(error));
    }
    first.map_or(Ok(output), Err)
}
