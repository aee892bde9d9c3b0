use heaters_aws::StoreError;
use heaters_domain::{ErrorClass, thumbs::ThumbsError};
use heaters_media::{RunError, assembly::AssemblyError, clip, index::IndexError};
use heaters_runtime::{ScratchError, StageError};
use std::io;

pub(crate) type CutError = clip::CutError<StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error("a chunk's index can't be read")]
    Index(#[from] IndexError),
    #[error("a chunk's thumbnails can't be read")]
    Thumbs(#[from] ThumbsError),
    #[error("the chunks' thumbnails number {thumbs} and their frames {frames}")]
    ThumbCount { thumbs: u32, frames: u32 },
    #[error("{0} chunks hold sound packets, and only those of one can be encoded")]
    SoundInChunks(usize),
    #[error(transparent)]
    Assembly(#[from] AssemblyError),
    #[error("the poster's frame can't be cut out")]
    Cut(#[from] CutError),
    #[error(transparent)]
    Tool(#[from] RunError),
    #[error("the scratch file {name} can't be used")]
    File { name: String, source: io::Error },
    #[error("the work was broken off")]
    Stopped(#[from] tokio::task::JoinError),
}

impl StageError for AssembleError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Store(error) => error.class(),
            Self::Scratch(error) => error.class(),
            Self::Index(error) => error.class(),
            Self::Assembly(error) => error.class(),
            Self::Cut(error) => error.storage().map_or_else(|| error.class(), StoreError::class),
            Self::Tool(error) => error.class(),
            Self::ThumbCount { .. } => ErrorClass::ToolFailure,
            Self::File { .. } => ErrorClass::Transient,
            Self::Thumbs(_) | Self::SoundInChunks(_) | Self::Stopped(_) => ErrorClass::Internal,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Store(error) => error.sentence(),
            Self::Scratch(error) => error.sentence(),
            Self::Index(error) => error.sentence(),
            Self::Assembly(error) => error.sentence(),
            Self::Cut(error) => error.storage().map_or_else(|| error.sentence(), StageError::sentence),
            Self::Tool(error) => error.sentence(),
            Self::ThumbCount { .. } => "The review copy does not match the video frame by frame.".to_owned(),
            Self::File { .. } => "The temporary disk could not be used. Retry it.".to_owned(),
            Self::Thumbs(_) | Self::SoundInChunks(_) | Self::Stopped(_) => {
                "The review copy could not be put together. Retry it.".to_owned()
            }
        }
    }
}
