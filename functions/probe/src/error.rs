use heaters_aws::StoreError;
use heaters_domain::{Fault, Told};
use heaters_media::{ProbeError as MediaError, RunError, source::SourceError};
use heaters_runtime::ScratchError;

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

impl Fault for ProbeError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Store(StoreError::NotFound { .. }) => {
                Told::internal("The uploaded file is gone from storage. Upload it again.")
            }
            Self::Store(error) => Told::By(error),
            Self::Scratch(error) => Told::By(error),
            Self::Media(error) => Told::By(error),
            Self::Source(error) => Told::By(error),
            Self::Tool(error) => Told::By(error),
            Self::NoSource | Self::Stopped(_) => Told::internal("The video could not be examined. Retry it."),
        }
    }
}
