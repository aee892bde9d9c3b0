use heaters_aws::StoreError;
use heaters_domain::{Fault, Told, thumbs::ThumbsError, tiles::TilesError};
use heaters_media::{
    RunError, clip, index::IndexError, join::JoinError, mkv::MkvError, sound::SoundError, source::SourceError,
};
use heaters_runtime::ScratchError;
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

impl Fault for AssembleError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Store(error) => Told::By(error),
            Self::Scratch(error) => Told::By(error),
            Self::Join(error) => Told::By(error),
            Self::Sound(error) => Told::By(error),
            Self::Cut(error) => Told::By(error),
            Self::Table(error) => Told::By(error),
            Self::Tool(error) => Told::By(error),
            Self::Finished(error) => Told::By(error),
            Self::Index { chunk, .. } => {
                Told::internal(format!("The frame index of section {} is damaged. Tell an operator.", chunk + 1))
            }
            Self::ThumbCount { chunk, .. } => Told::tool_failure(format!(
                "Section {} of the review copy does not match the video frame by frame.",
                chunk + 1
            )),
            Self::Tiles { chunk, .. } => {
                Told::internal(format!("The small pictures of section {} are damaged.", chunk + 1))
            }
            Self::NoMaster(chunk) => {
                Told::tool_failure(format!("Section {} of the video has no lossless copy. Retry it.", chunk + 1))
            }
            Self::Master(MkvError::File(_)) | Self::File { .. } | Self::Thumbs(ThumbsError::File(_)) => Told::scratch(),
            Self::Master(_) => Told::internal("The lossless master could not be put together. Retry it."),
            Self::Thumbs(_) | Self::NoPicture | Self::Stopped(_) => {
                Told::internal("The review copy could not be put together. Retry it.")
            }
        }
    }
}
