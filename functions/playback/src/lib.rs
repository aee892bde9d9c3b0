//! Makes the MP4 of a range of the proxy for a browser: no decode, no encode.

use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    ErrorClass,
    contract::{PlaybackInput, PlaybackOutput},
    keys::{self, IngestKeys},
    stage::Done,
};
use heaters_media::{clip, index};
use heaters_runtime::{Scratch, ScratchError, StageError};
use std::{fs::File, io, path::Path};

const FILE: &str = "clip.mp4";

type CutError = clip::CutError<StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum PlaybackError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error(transparent)]
    Cut(#[from] CutError),
    #[error("the clip's file can't be made")]
    File(#[source] io::Error),
}

impl StageError for PlaybackError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Store(error) => error.class(),
            Self::Scratch(error) => error.class(),
            Self::Cut(error) => error.storage().map_or_else(|| error.class(), StoreError::class),
            Self::File(_) => ErrorClass::Transient,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Store(error) => error.sentence(),
            Self::Scratch(error) => error.sentence(),
            Self::Cut(error) => error.storage().map_or_else(|| error.sentence(), StageError::sentence),
            Self::File(_) => "The temporary disk could not be written. Retry it.".to_owned(),
        }
    }
}

/// The tag by which the media bucket's lifecycle rule in `infra/template.yaml` forgets playback files.
pub const PLAYBACK_TAG: (&str, &str) = ("heaters-kind", "playback");

pub async fn run(
    store: &dyn ObjectStore,
    scratch_root: &Path,
    input: PlaybackInput,
) -> Result<Done<PlaybackOutput>, PlaybackError> {
    let PlaybackInput { video, range, bucket, prefix } = input;
    let key = keys::playback(video, range);
    let target = ObjectRef::new(&bucket, &key);
    let output = |size_bytes| PlaybackOutput { key: key.clone(), frames: range.len(), size_bytes };
    if let Some(found) = store.head(&target).await? {
        return Ok(Done::already(output(found.size_bytes)));
    }
    let keys = IngestKeys(prefix);
    let (index, proxy) = (ObjectRef::new(&bucket, keys.index()), ObjectRef::new(&bucket, keys.proxy()));
    let slice = index::read_slice(&|bytes| store.get(&index, Some(bytes)), range).await.map_err(CutError::from)?;
    let clip = clip::of_slice(&slice).map_err(CutError::from)?;

    let scratch = Scratch::prepare(scratch_root, clip.size_bytes())?;
    let path = scratch.file(FILE);
    let mut file = File::create(&path).map_err(PlaybackError::File)?;
    clip::write(&clip, &|bytes| store.get(&proxy, Some(bytes)), &mut file).await.map_err(CutError::from)?;
    drop(file);
    store.put_file(&target, &path, "video/mp4").await?;
    store.tag(&target, &[PLAYBACK_TAG]).await?;
    Ok(Done::completed(output(clip.size_bytes()))
        .metric("frames", f64::from(clip.frames))
        .metric("written_bytes", clip.size_bytes() as f64))
}
