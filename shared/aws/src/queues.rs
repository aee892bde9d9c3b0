use aws_sdk_sqs::Client;
use heaters_domain::causes;

/// SQS: takes messages from a queue.
#[derive(Debug, Clone)]
pub struct Queues {
    client: Client,
}

/// A message that was received and not deleted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMessage {
    pub body: String,
    /// What deletes it.
    pub receipt: String,
}

#[derive(Debug, thiserror::Error)]
#[error("{operation} of {queue} failed: {detail}")]
pub struct QueueError {
    pub operation: &'static str,
    pub queue: String,
    pub detail: String,
}

impl Queues {
    pub fn new(config: &aws_config::SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// Up to ten messages, without waiting for any.
    pub async fn receive(&self, queue_url: &str) -> Result<Vec<QueueMessage>, QueueError> {
        let call = self.client.receive_message().queue_url(queue_url).max_number_of_messages(10);
        let answer = call.send().await.map_err(|error| failed("receive", queue_url, &error))?;
        let messages = answer.messages.unwrap_or_default().into_iter();
        Ok(messages
            .filter_map(|message| Some(QueueMessage { body: message.body?, receipt: message.receipt_handle? }))
            .collect())
    }

    pub async fn delete(&self, queue_url: &str, message: &QueueMessage) -> Result<(), QueueError> {
        let call = self.client.delete_message().queue_url(queue_url).receipt_handle(&message.receipt);
        call.send().await.map(drop).map_err(|error| failed("delete", queue_url, &error))
    }
}

fn failed(operation: &'static str, queue: &str, error: &dyn std::error::Error) -> QueueError {
    QueueError { operation, queue: queue.to_owned(), detail: causes(error) }
}
