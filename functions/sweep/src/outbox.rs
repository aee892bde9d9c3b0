use crate::{BATCH, Sweep, SweepError, SweepOutput};
use heaters_db::outbox::{self, OutboxKind, WITHDRAWN};
use heaters_domain::causes;

/// Starts, or stops, what was asked for and is not yet. A row that fails is tried after all others next time.
pub(crate) async fn send(sweep: &Sweep, output: &mut SweepOutput) -> Result<(), SweepError> {
    let session = sweep.database.session().await?;
    for row in outbox::unsent(&session, BATCH).await? {
        let (ingest, publish) = (&sweep.settings.ingest_machine, &sweep.settings.publish_machine);
        let sent = match row.kind {
            OutboxKind::StartIngest => sweep.workflows.start(ingest, &row.execution_name, &row.payload).await.map(drop),
            OutboxKind::StartPublish => {
                sweep.workflows.start(publish, &row.execution_name, &row.payload).await.map(drop)
            }
            OutboxKind::StopPublish => sweep.workflows.stop_named(publish, row.stopped_execution(), WITHDRAWN).await,
        };
        match sent {
            Ok(()) => {
                outbox::mark_sent(&session, row.id).await?;
                output.started += 1;
            }
            Err(error) => {
                tracing::warn!(execution = row.execution_name, detail = %causes(&error), "not sent");
                outbox::mark_failed(&session, row.id, &error.to_string()).await?;
            }
        }
    }
    Ok(())
}
