use crate::{ExportError, Exporter, Indexes};
use heaters_aws::{WorkflowError, Workflows};
use heaters_domain::{
    ErrorClass, Failure, Stage, StageReport,
    contract::{ExportMessage, ExportOutput},
};
use heaters_runtime::run_stage;
use serde::{Deserialize, Serialize};

/// A batch of messages as Lambda hands it over.
#[derive(Debug, Deserialize)]
pub struct SqsEvent {
    #[serde(rename = "Records")]
    pub records: Vec<SqsRecord>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsRecord {
    pub message_id: String,
    /// The JSON of an [`ExportMessage`].
    pub body: String,
}

/// Which messages the queue has to deliver again.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    pub batch_item_failures: Vec<FailedItem>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedItem {
    pub item_identifier: String,
}

/// Where the answers to task tokens go: Step Functions, and a list in tests.
pub trait Answers {
    fn succeed(
        &self,
        token: &str,
        report: &StageReport<ExportOutput>,
    ) -> impl Future<Output = Result<(), WorkflowError>> + Send;

    fn fail(&self, token: &str, failure: &Failure) -> impl Future<Output = Result<(), WorkflowError>> + Send;
}

impl Answers for Workflows {
    async fn succeed(&self, token: &str, report: &StageReport<ExportOutput>) -> Result<(), WorkflowError> {
        Self::succeed(self, token, report).await
    }

    async fn fail(&self, token: &str, failure: &Failure) -> Result<(), WorkflowError> {
        Self::fail(self, token, failure).await
    }
}

impl Exporter<'_> {
    /// Works on each message apart. A message comes again when a transient error, or an answer that did not
    /// arrive, leaves its execution waiting; messages that can't be read come again until the dead-letter
    /// queue takes them.
    pub async fn batch(&self, answers: &(impl Answers + Sync), event: SqsEvent) -> BatchResponse {
        let mut response = BatchResponse::default();
        let mut indexes = Indexes::default();
        for (id, message) in sorted(event.records) {
            let handled = match message {
                Ok(message) => self.handle(answers, message, &mut indexes).await,
                Err(error) => {
                    tracing::error!(message = %id, %error, "a message of the export queue can't be read");
                    false
                }
            };
            if !handled {
                response.batch_item_failures.push(FailedItem { item_identifier: id });
            }
        }
        response
    }

    /// Whether the message is done with.
    async fn handle(&self, answers: &(impl Answers + Sync), message: ExportMessage, indexes: &mut Indexes) -> bool {
        let token = message.task_token.clone();
        let work = |message: ExportMessage| async move {
            let result: Result<_, ExportError> = self.export(&message.publication, indexes).await;
            result
        };
        let answered = match run_stage(Stage::Export, message, work).await {
            Ok(report) => answers.succeed(&token, &report).await,
            Err(failure) if failure.class == ErrorClass::Transient => return false,
            Err(failure) => answers.fail(&token, &failure).await,
        };
        match answered {
            Ok(()) => true,
            Err(error) if error.gone => {
                tracing::warn!(%error, "nobody waits for this export any more");
                true
            }
            Err(error) => {
                tracing::error!(%error, "the export's result could not be handed back");
                false
            }
        }
    }
}

type Parsed = Result<ExportMessage, serde_json::Error>;

/// The messages with those of one video together, so that its index stays at hand.
fn sorted(records: Vec<SqsRecord>) -> Vec<(String, Parsed)> {
    let parse = |record: SqsRecord| (record.message_id, serde_json::from_str::<ExportMessage>(&record.body));
    let mut messages: Vec<_> = records.into_iter().map(parse).collect();
    messages.sort_by_key(|(_, message)| {
        message.as_ref().ok().map(|message| (message.publication.video, message.publication.range))
    });
    messages
}
