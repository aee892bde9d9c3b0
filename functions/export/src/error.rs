use crate::verify::VerifyError;
use heaters_aws::StoreError;
use heaters_domain::ErrorClass;
use heaters_media::{RunError, clip, index::IndexError};
use heaters_runtime::{ScratchError, StageError};
use std::io;

pub(crate) type CutError = clip::CutError<StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error("the video's frame index can't be used")]
    Index(#[from] IndexError),
    #[error(transparent)]
    Cut(#[from] CutError),
    #[error("the exported clip is not what it should be")]
    Verify(#[from] VerifyError),
    #[error(transparent)]
    Tool(#[from] RunError),
    #[error("the scratch file of the clip can't be used")]
    File(#[from] io::Error),
    #[error("the work was broken off")]
    Stopped(#[from] tokio::task::JoinError),
}

impl StageError for ExportError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Store(error) => error.class(),
            Self::Scratch(error) => error.class(),
            Self::Index(error) => error.class(),
            Self::Cut(error) => error.storage().map_or_else(|| error.class(), StoreError::class),
            Self::Verify(error) => error.class(),
            Self::Tool(error) => error.class(),
            Self::File(_) => ErrorClass::Transient,
            Self::Stopped(_) => ErrorClass::Internal,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Store(error) => error.sentence(),
            Self::Scratch(error) => error.sentence(),
            Self::Index(error) => error.sentence(),
            Self::Cut(error) => error.storage().map_or_else(|| error.sentence(), StageError::sentence),
            Self::Verify(_) => "The exported clip did not pass its check, so it was thrown away. Retry it.".to_owned(),
            Self::Tool(error) => error.sentence(),
            Self::File(_) => "The temporary disk could not be used. Retry it.".to_owned(),
            Self::Stopped(_) => "The clip could not be exported. Retry it.".to_owned(),
        }
    }
}
