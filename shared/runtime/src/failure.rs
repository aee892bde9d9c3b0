use heaters_domain::{ErrorClass, Failure, Stage, Subject, causes};
use std::error::Error;

/// A stage's typed error: which class it is of, and what a person is told.
pub trait StageError: Error + Send + Sync + 'static {
    fn class(&self) -> ErrorClass;

    /// One sentence for people, without jargon: what is wrong and what they can do.
    fn sentence(&self) -> String;
}

pub fn failure_of(error: &impl StageError, stage: Stage, subject: Subject) -> Failure {
    Failure { class: error.class(), stage, subject, sentence: error.sentence(), detail: causes(error) }
}

impl StageError for heaters_aws::StoreError {
    fn class(&self) -> ErrorClass {
        Self::class(self)
    }

    fn sentence(&self) -> String {
        match self {
            Self::NotFound { object } => format!("A file that should be in storage is missing: {}.", object.key),
            Self::Service { .. } | Self::File { .. } => "Storage did not answer as it should. Retry it.".to_owned(),
            Self::Json { object, .. } => format!("A stored file is damaged: {}.", object.key),
        }
    }
}

impl StageError for crate::ConfigError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn sentence(&self) -> String {
        "Heaters is not set up completely. Tell an operator.".to_owned()
    }
}
