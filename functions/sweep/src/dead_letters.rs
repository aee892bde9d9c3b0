use crate::{Sweep, SweepError, SweepOutput};
use heaters_domain::{ErrorClass, Failure, Stage, contract::ExportMessage};

/// No sweep reads more batches of messages than this.
const BATCHES: usize = 20;

/// Answers the task tokens of exports that no function managed, so that their executions fail where
/// people see it, instead of waiting until they time out.
pub(crate) async fn answer(sweep: &Sweep, output: &mut SweepOutput) -> Result<(), SweepError> {
    let queue = &sweep.settings.dead_letter_queue;
    for _ in 0..BATCHES {
        let messages = sweep.queues.receive(queue).await?;
        if messages.is_empty() {
            return Ok(());
        }
        for message in messages {
            match serde_json::from_str::<ExportMessage>(&message.body) {
                Ok(export) => answer_one(sweep, &export).await?,
                Err(error) => tracing::error!(%error, body = message.body, "a dead letter that is not an export"),
            }
            sweep.queues.delete(queue, &message).await?;
            output.dead_letters += 1;
        }
    }
    Ok(())
}

async fn answer_one(sweep: &Sweep, export: &ExportMessage) -> Result<(), SweepError> {
    let failure = Failure {
        class: ErrorClass::ToolFailure,
        stage: Stage::Export,
        subject: export.publication.subject(),
        sentence:
            "The export was tried several times and never finished. Retry it; if it stops again, tell an operator."
                .to_owned(),
        detail: "the export queue gave its message up to the dead-letter queue".to_owned(),
    };
    match sweep.workflows.fail(&export.task_token, &failure).await {
        Err(error) if !error.gone => Err(error.into()),
        _ => Ok(()),
    }
}
