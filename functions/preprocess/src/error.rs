use heaters_aws::StoreError;
use heaters_domain::ErrorClass;
use heaters_media::{RunError, index::IndexError, pass::PassError, source::SourceError};
use heaters_runtime::{ScratchError, StageError};

#[derive(Debug, thiserror::Error)]
pub enum PreprocessError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error("none of the source's objects has a picture")]
    NoPicture,
    #[error(transparent)]
    Source(#[from] SourceError<StoreError>),
    #[error(transparent)]
    Tool(#[from] RunError),
    #[error(transparent)]
    Pass(#[from] PassError),
    #[error("the finished chunk's index can't be read")]
    Index(#[from] IndexError),
    #[error("the work was broken off")]
    Stopped(#[from] tokio::task::JoinError),
}

impl StageError for PreprocessError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Store(error) => error.class(),
            Self::Scratch(error) => error.class(),
            Self::Source(error) => error.storage().map_or_else(|| error.class(), StoreError::class),
            Self::Tool(error) => error.class(),
            Self::Pass(error) => error.class(),
            Self::Index(error) => error.class(),
            Self::NoPicture | Self::Stopped(_) => ErrorClass::Internal,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Store(error) => error.sentence(),
            Self::Scratch(error) => error.sentence(),
            Self::Source(error) => error.storage().map_or_else(|| error.sentence(), StageError::sentence),
            Self::Tool(error) => error.sentence(),
            Self::Pass(error) => error.sentence(),
            Self::Index(error) => error.sentence(),
            Self::NoPicture => "The video has no picture. Upload it again.".to_owned(),
            Self::Stopped(_) => "The video could not be prepared for review. Retry it.".to_owned(),
        }
    }
}
