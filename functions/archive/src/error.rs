use heaters_aws::{ObjectRef, StoreError};
use heaters_domain::ErrorClass;
use heaters_runtime::StageError;

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the original {0} is gone")]
    Gone(ObjectRef),
    #[error("the original {object} is not what was ingested: {what} is {found} and was {expected}")]
    Changed { object: Box<ObjectRef>, what: String, expected: String, found: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StageError for ArchiveError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Gone(_) | Self::Changed { .. } => ErrorClass::Conflict,
            Self::Store(error) => error.class(),
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Gone(object) => format!("The original {} is no longer in storage.", object.key),
            Self::Changed { object, .. } => {
                format!(
                    "The original {} is not what was ingested, so it was not archived. Tell an operator.",
                    object.key
                )
            }
            Self::Store(error) => error.sentence(),
        }
    }
}
