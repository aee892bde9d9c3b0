use heaters_aws::StoreError;
use heaters_domain::{Fault, Told};
use heaters_media::{RunError, index::IndexError, pass::PassError, source::SourceError};
use heaters_runtime::ScratchError;

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

impl Fault for PreprocessError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Store(error) => Told::By(error),
            Self::Scratch(error) => Told::By(error),
            Self::Source(error) => Told::By(error),
            Self::Tool(error) => Told::By(error),
            Self::Pass(error) => Told::By(error),
            Self::Index(error) => Told::By(error),
            Self::NoPicture => Told::internal("The video has no picture. Upload it again."),
            Self::Stopped(_) => Told::internal("The video could not be prepared for review. Retry it."),
        }
    }
}
