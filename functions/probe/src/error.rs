use heaters_aws::StoreError;
use heaters_domain::ErrorClass;
use heaters_media::{ProbeError as MediaError, RunError, source::SourceError};
use heaters_runtime::{ScratchError, StageError};

#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error(transparent)]
    Source(SourceError<StoreError>),
    #[error(transparent)]
    Tool(#[from] RunError),
    #[error("the ingest names no object with a picture")]
    NoSource,
    #[error("the examination was broken off")]
    Stopped(#[from] tokio::task::JoinError),
}

impl From<SourceError<StoreError>> for ProbeError {
    fn from(error: SourceError<StoreError>) -> Self {
        match error {
            SourceError::Fetch(error) => Self::Store(error),
            error => Self::Source(error),
        }
    }
}

impl StageError for ProbeError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Store(error) => error.class(),
            Self::Scratch(error) => error.class(),
            Self::Media(error) => error.class(),
            Self::Source(error) => error.class(),
            Self::Tool(error) => error.class(),
            Self::NoSource | Self::Stopped(_) => ErrorClass::Internal,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Store(StoreError::NotFound { .. }) => {
                "The uploaded file is gone from storage. Upload it again.".to_owned()
            }
            Self::Store(error) => error.sentence(),
            Self::Scratch(error) => error.sentence(),
            Self::Media(error) => error.sentence(),
            Self::Source(error) => error.sentence(),
            Self::Tool(error) => error.sentence(),
            Self::NoSource | Self::Stopped(_) => "The video could not be examined. Retry it.".to_owned(),
        }
    }
}
