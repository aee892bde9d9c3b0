use crate::verify::VerifyError;
use heaters_aws::StoreError;
use heaters_domain::{Fault, Told};
use heaters_media::{RunError, clip, index::IndexError};
use heaters_runtime::ScratchError;
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

impl Fault for ExportError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Store(error) => Told::By(error),
            Self::Scratch(error) => Told::By(error),
            Self::Index(error) => Told::By(error),
            Self::Cut(error) => Told::By(error),
            Self::Verify(error) => Told::By(error),
            Self::Tool(error) => Told::By(error),
            Self::File(_) => Told::scratch(),
            Self::Stopped(_) => Told::internal("The clip could not be exported. Retry it."),
        }
    }
}
