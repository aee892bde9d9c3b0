use aws_sdk_sfn::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types,
};
use heaters_domain::{Failure, causes};
use serde::Serialize;

/// Step Functions: starts executions, asks after them and answers task tokens.
#[derive(Debug, Clone)]
pub struct Workflows {
    client: Client,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionStatus {
    Running,
    Succeeded,
    /// Failed, timed out or aborted.
    Stopped,
    /// Never started, or forgotten since.
    Unknown,
}

#[derive(Debug, thiserror::Error)]
#[error("{operation} of {subject} failed: {detail}")]
pub struct WorkflowError {
    pub operation: &'static str,
    pub subject: String,
    pub detail: String,
    /// The token or execution is gone, so that trying again is of no use.
    pub gone: bool,
}

impl Workflows {
    pub fn new(config: &aws_config::SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// Starts an execution. Names derive from ids and attempts, so one that exists is the one meant:
    /// starting twice is starting once. Returns whether this call started it.
    pub async fn start<T: Serialize>(&self, machine_arn: &str, name: &str, input: &T) -> Result<bool, WorkflowError> {
        let input = serde_json::to_string(input).map_err(|error| WorkflowError {
            operation: "start",
            subject: name.to_owned(),
            detail: causes(&error),
            gone: false,
        })?;
        match self.client.start_execution().state_machine_arn(machine_arn).name(name).input(input).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("ExecutionAlreadyExists") => Ok(false),
            Err(error) => Err(failed("start", name, &error)),
        }
    }

    pub async fn status(&self, execution_arn: &str) -> Result<ExecutionStatus, WorkflowError> {
        match self.client.describe_execution().execution_arn(execution_arn).send().await {
            Ok(found) => Ok(match found.status {
                types::ExecutionStatus::Running | types::ExecutionStatus::PendingRedrive => ExecutionStatus::Running,
                types::ExecutionStatus::Succeeded => ExecutionStatus::Succeeded,
                _ => ExecutionStatus::Stopped,
            }),
            Err(error) if error.code() == Some("ExecutionDoesNotExist") => Ok(ExecutionStatus::Unknown),
            Err(error) => Err(failed("describe", execution_arn, &error)),
        }
    }

    pub async fn stop(&self, execution_arn: &str, cause: &str) -> Result<(), WorkflowError> {
        let call = self.client.stop_execution().execution_arn(execution_arn).cause(cause);
        call.send().await.map(drop).map_err(|error| failed("stop", execution_arn, &error))
    }

    /// Stops a machine's execution of this name. One that never started, or is forgotten, needs no stop.
    pub async fn stop_named(&self, machine_arn: &str, name: &str, cause: &str) -> Result<(), WorkflowError> {
        let call = self.client.stop_execution().execution_arn(execution_arn(machine_arn, name)).cause(cause);
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ExecutionDoesNotExist") => Ok(()),
            Err(error) => Err(failed("stop", name, &error)),
        }
    }

    /// Answers a task token with a result.
    pub async fn succeed<T: Serialize>(&self, token: &str, output: &T) -> Result<(), WorkflowError> {
        let output = serde_json::to_string(output).unwrap_or_else(|_| "{}".to_owned());
        let call = self.client.send_task_success().task_token(token).output(output);
        call.send().await.map(drop).map_err(|error| failed("answer", "task token", &error))
    }

    /// Answers a task token with a failure, in the form that a failing function gives it.
    pub async fn fail(&self, token: &str, failure: &Failure) -> Result<(), WorkflowError> {
        let message = serde_json::to_string(failure).unwrap_or_default();
        let cause = serde_json::json!({ "errorType": failure.class.as_str(), "errorMessage": message });
        let call = self.client.send_task_failure().task_token(token).error(failure.class.as_str());
        call.cause(cause.to_string()).send().await.map(drop).map_err(|error| failed("answer", "task token", &error))
    }
}

/// The ARN of a state machine's execution.
pub fn execution_arn(machine_arn: &str, name: &str) -> String {
    format!("{}:{name}", machine_arn.replacen(":stateMachine:", ":execution:", 1))
}

fn failed<E, R>(operation: &'static str, subject: &str, error: &SdkError<E, R>) -> WorkflowError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let gone = matches!(error.code(), Some("TaskTimedOut" | "TaskDoesNotExist" | "InvalidToken"));
    WorkflowError { operation, subject: subject.to_owned(), detail: causes(error), gone }
}

#[cfg(test)]
mod tests {
    use super::execution_arn;

    #[test]
    fn an_executions_arn_follows_from_its_machine_and_name() {
        let arn = execution_arn("arn:aws:states:us-east-1:123456789012:stateMachine:ingest", "ingest-1");
        assert_eq!(arn, "arn:aws:states:us-east-1:123456789012:execution:ingest:ingest-1");
    }
}
