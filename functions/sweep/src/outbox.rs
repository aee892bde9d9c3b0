use crate::{BATCH, Sweep, SweepError, SweepOutput};
use heaters_db::outbox::{self, OutboxKind};
use heaters_domain::causes;

/// Starts what was asked for and is not started. A start that fails is tried after all others next time.
pub(crate) async fn send(sweep: &Sweep, output: &mut SweepOutput) -> Result<(), SweepError> {
    let session = sweep.database.session().await?;
    for row in outbox::unsent(&session, BATCH).await? {
        let machine = match row.kind {
            OutboxKind::StartIngest => &sweep.settings.ingest_machine,
            OutboxKind::StartPublish => &sweep.settings.publish_machine,
        };
        match sweep.workflows.start(machine, &row.execution_name, &row.payload).await {
            Ok(_) => {
                outbox::mark_sent(&session, row.id).await?;
                output.started += 1;
            }
            Err(error) => {
                tracing::warn!(execution = row.execution_name, detail = %causes(&error), "not started");
                outbox::mark_failed(&session, row.id, &error.to_string()).await?;
            }
        }
    }
    Ok(())
}
