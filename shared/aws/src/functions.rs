use aws_sdk_lambda::{Client, primitives::Blob};
use heaters_domain::{Failure, StageReport, causes};
use serde::{Serialize, de::DeserializeOwned};

/// Calls of other functions that wait for the answer.
#[derive(Debug, Clone)]
pub struct Functions {
    client: Client,
}

#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    #[error("calling {function} failed: {detail}")]
    Service { function: String, detail: String },
    /// The function ran and said why it could not do it.
    #[error("{function} failed: {}", .failure.detail)]
    Stage { function: String, failure: Box<Failure> },
    #[error("{function} answered something else than its report: {answer}")]
    Answer { function: String, answer: String },
}

impl Functions {
    pub fn new(config: &aws_config::SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    pub async fn call<I: Serialize, O: DeserializeOwned>(
        &self,
        function: &str,
        input: &I,
    ) -> Result<StageReport<O>, FunctionError> {
        let service = |detail| FunctionError::Service { function: function.to_owned(), detail };
        let payload = serde_json::to_vec(input).map_err(|error| service(causes(&error)))?;
        let answer = self
            .client
            .invoke()
            .function_name(function)
            .payload(Blob::new(payload))
            .send()
            .await
            .map_err(|error| service(causes(&error)))?;
        let body = answer.payload.map(Blob::into_inner).unwrap_or_default();
        let answered = || FunctionError::Answer {
            function: function.to_owned(),
            answer: String::from_utf8_lossy(&body).into_owned(),
        };
        if answer.function_error.is_none() {
            return serde_json::from_slice(&body).map_err(|_| answered());
        }
        let error: serde_json::Value = serde_json::from_slice(&body).map_err(|_| answered())?;
        let message = error.get("errorMessage").and_then(|message| message.as_str()).unwrap_or_default();
        let failure = serde_json::from_str(message).map_err(|_| answered())?;
        Err(FunctionError::Stage { function: function.to_owned(), failure: Box::new(failure) })
    }
}
