use heaters_aws::StoreError;
use heaters_domain::{ErrorClass, thumbs::ThumbsError, tiles::TilesError};
use heaters_media::{
    RunError, clip, index::IndexError, join::JoinError, mkv::MkvError, sound::SoundError, source::SourceError,
};
use heaters_runtime::{ScratchError, StageError};
use std::io;

pub(crate) type CutError = clip::CutError<StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error("the index of chunk {chunk} can't be read")]
    Index { chunk: u32, source: IndexError },
    #[error("the finished index can't be read")]
    Finished(#[from] IndexError),
    #[error("the thumbnails can't be joined")]
    Thumbs(#[from] ThumbsError),
    #[error("chunk {chunk} has {thumbs} thumbnails and {frames} frames")]
    ThumbCount { chunk: u32, thumbs: u32, frames: u32 },
    #[error("the storyboard tiles of chunk {chunk} can't be read")]
    Tiles { chunk: u32, source: TilesError },
    #[error(transparent)]
    Join(#[from] JoinError),
    #[error(transparent)]
    Sound(#[from] SoundError),
    #[error("the lossless master can't be put together")]
    Master(#[source] MkvError),
    #[error("chunk {0} has no lossless picture")]
    NoMaster(u32),
    #[error("the source has no object that its proxy could be")]
    NoPicture,
    #[error("the source's packet table can't be read")]
    Table(#[from] SourceError<StoreError>),
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
            Self::Join(error) => error.class(),
            Self::Sound(error) => error.class(),
            Self::Cut(error) => error.storage().map_or_else(|| error.class(), StoreError::class),
            Self::Table(error) => error.storage().map_or_else(|| error.class(), StoreError::class),
            Self::Tool(error) => error.class(),
            Self::ThumbCount { .. } | Self::NoMaster(_) => ErrorClass::ToolFailure,
            Self::File { .. } | Self::Thumbs(ThumbsError::File(_)) | Self::Master(MkvError::File(_)) => {
                ErrorClass::Transient
            }
            Self::Index { .. }
            | Self::Finished(_)
            | Self::Thumbs(_)
            | Self::Tiles { .. }
            | Self::Master(_)
            | Self::NoPicture
            | Self::Stopped(_) => ErrorClass::Internal,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Store(error) => error.sentence(),
            Self::Scratch(error) => error.sentence(),
            Self::Join(error) => error.sentence(),
            Self::Sound(error) => error.sentence(),
            Self::Cut(error) => error.storage().map_or_else(|| error.sentence(), StageError::sentence),
            Self::Table(error) => error.storage().map_or_else(|| error.sentence(), StageError::sentence),
            Self::Tool(error) => error.sentence(),
            Self::Index { chunk, .. } => {
                format!("The frame index of section {} is damaged. Tell an operator.", chunk + 1)
            }
            Self::Finished(error) => error.sentence(),
            Self::ThumbCount { chunk, .. } => {
                format!("Section {} of the review copy does not match the video frame by frame.", chunk + 1)
            }
            Self::Tiles { chunk, .. } => format!("The small pictures of section {} are damaged.", chunk + 1),
            Self::Master(MkvError::File(_)) | Self::File { .. } | Self::Thumbs(ThumbsError::File(_)) => {
                "The temporary disk could not be used. Retry it.".to_owned()
            }
            Self::Master(_) => "The lossless master could not be put together. Retry it.".to_owned(),
            Self::NoMaster(chunk) => format!("Section {} of the video has no lossless copy. Retry it.", chunk + 1),
            Self::Thumbs(_) | Self::NoPicture | Self::Stopped(_) => {
                "The review copy could not be put together. Retry it.".to_owned()
            }
        }
    }
}
