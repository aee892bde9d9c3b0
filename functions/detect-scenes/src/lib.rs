//! Finds where the shots of a video begin, from its thumbnails: those of the chunks, since it works while they are
//! joined, or the video's where they are joined already.
//!
//! The score track is made once a video; boundaries follow from it and the settings, so that other
//! settings cost milliseconds. A failure is an error and never an empty list: that would pass for a
//! video of one shot.

use futures::{StreamExt, TryStreamExt, future::BoxFuture, stream};
use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    ErrorClass,
    contract::{DetectScenesOutput, Ingest, IngestInput},
    plan::{Chunk, Source},
    scenes::{Boundary, ScoreTrack, ScoreTrackError, decide},
    stage::Done,
    thumbs::ThumbsError,
};
use heaters_runtime::{Scratch, ScratchError, StageError};
use heaters_vision::VisionError;
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

/// How many requests are under way at once.
const AT_ONCE: usize = 16;

#[derive(Debug, thiserror::Error)]
pub enum DetectScenesError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error("scoring the thumbnails of {prefix} failed")]
    Vision { prefix: String, source: VisionError },
    #[error("the scores of {prefix} can't be stored")]
    Scores { prefix: String, source: ScoreTrackError },
    #[error("scoring the thumbnails of {prefix} stopped in the middle")]
    Stopped { prefix: String, source: tokio::task::JoinError },
}

impl StageError for DetectScenesError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Store(error) => error.class(),
            Self::Scratch(error) => error.class(),
            Self::Vision { source: VisionError::Thumbs(ThumbsError::File(_)), .. } => ErrorClass::Transient,
            Self::Vision { source: VisionError::NoFrames, .. } => ErrorClass::RejectedInput,
            Self::Vision { source: VisionError::OpenCv { .. }, .. } => ErrorClass::ToolFailure,
            Self::Vision { source: VisionError::Thumbs(_), .. } | Self::Scores { .. } | Self::Stopped { .. } => {
                ErrorClass::Internal
            }
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Store(error) => error.sentence(),
            Self::Scratch(error) => error.sentence(),
            Self::Vision { source: VisionError::Thumbs(ThumbsError::File(_)), .. } => {
                "The temporary disk could not be used. Retry it.".to_owned()
            }
            Self::Vision { source: VisionError::NoFrames, .. } => "The video has no pictures.".to_owned(),
            Self::Vision { source: VisionError::Thumbs(_), .. } => {
                "The video's thumbnails are damaged. Retry it; they are made again.".to_owned()
            }
            Self::Vision { .. } | Self::Scores { .. } | Self::Stopped { .. } => {
                "The video's scenes could not be detected. Retry it; if it fails again, tell an operator.".to_owned()
            }
        }
    }
}

/// Reads the thumbnails and `source.json` of an ingest, writes `scores.bin` and the boundaries of the
/// ingest's settings. What exists of these two is left as it is.
pub async fn run(
    store: &dyn ObjectStore,
    scratch_root: &Path,
    input: IngestInput,
) -> Result<Done<DetectScenesOutput>, DetectScenesError> {
    let ingest = input.ingest;
    let keys = ingest.keys();
    let object = |key: String| ObjectRef::new(&ingest.bucket, key);
    let (scores, boundaries) = (object(keys.scores()), object(keys.boundaries(&ingest.settings.scenes)));
    let output = |track: &ScoreTrack, found: &[Boundary]| DetectScenesOutput {
        frames: track.frames.len() as u32,
        boundaries: found.len() as u32,
        scores_key: scores.key.clone(),
        boundaries_key: boundaries.key.clone(),
    };

    let stored = stored_scores(store, &scores).await?;
    if let (Some(track), Some(found)) = (&stored, stored_boundaries(store, &boundaries).await?) {
        return Ok(Done::already(output(track, &found)));
    }
    let mut milliseconds = 0.0;
    let track = if let Some(track) = stored {
        track
    } else {
        let started = Instant::now();
        let track = made_scores(store, scratch_root, &ingest, &scores).await?;
        milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        track
    };
    let source: Source = store.get_json(&object(keys.source())).await?;
    let found = decide(&track, &ingest.settings.scenes, source.mean_fps(track.frames.len()));
    store.put_json(&boundaries, &found).await?;

    let frames = track.frames.len() as f64;
    Ok(Done::completed(output(&track, &found))
        .metric("frames", frames)
        .metric("boundaries", found.len() as f64)
        .metric("ms_per_1000_frames", milliseconds / frames * 1000.0)
        .tool("opencv", heaters_vision::opencv_version()))
}

/// `None` where there are none yet, or only some that can't be read: then they are made again.
async fn stored_scores(store: &dyn ObjectStore, scores: &ObjectRef) -> Result<Option<ScoreTrack>, StoreError> {
    match store.get(scores, None).await {
        Ok(bytes) => Ok(ScoreTrack::decode(&bytes).ok()),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn stored_boundaries(
    store: &dyn ObjectStore,
    boundaries: &ObjectRef,
) -> Result<Option<Vec<Boundary>>, StoreError> {
    match store.get_json(boundaries).await {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::NotFound { .. } | StoreError::Json { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn made_scores(
    store: &dyn ObjectStore,
    scratch_root: &Path,
    ingest: &Ingest,
    scores: &ObjectRef,
) -> Result<ScoreTrack, DetectScenesError> {
    let tracks = tracks(store, ingest).await?;
    // A long video's thumbnails are too large for the memory, and they are read twice.
    let scratch = Scratch::prepare(scratch_root, tracks.iter().map(|(_, size_bytes)| size_bytes).sum())?;
    let files: Vec<PathBuf> = (0..tracks.len()).map(|number| scratch.file(&format!("thumbs-{number}"))).collect();
    let loads: Vec<BoxFuture<'_, _>> =
        tracks.iter().zip(&files).map(|((object, _), file)| Box::pin(store.get_to_file(object, file)) as _).collect();
    stream::iter(loads).buffer_unordered(AT_ONCE).try_for_each(|_| async { Ok(()) }).await?;
    let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let result = tokio::task::spawn_blocking(move || heaters_vision::score_files(&files, cores)).await;
    let prefix = || ingest.prefix.clone();
    let result = result.map_err(|source| DetectScenesError::Stopped { prefix: prefix(), source })?;
    let track = result.map_err(|source| DetectScenesError::Vision { prefix: prefix(), source })?;
    let bytes = track.encode().map_err(|source| DetectScenesError::Scores { prefix: prefix(), source })?;
    store.put(scores, bytes.clone().into(), "application/octet-stream").await?;
    // Decisions are always made from what is stored, so that detecting again gives the same ones.
    ScoreTrack::decode(&bytes).map_err(|source| DetectScenesError::Scores { prefix: prefix(), source })
}

/// The thumbnail tracks that make up the video, and their sizes in bytes.
async fn tracks(store: &dyn ObjectStore, ingest: &Ingest) -> Result<Vec<(ObjectRef, u64)>, DetectScenesError> {
    let keys = ingest.keys();
    let object = |key: String| ObjectRef::new(&ingest.bucket, key);
    let joined = object(keys.thumbs());
    if let Some(head) = store.head(&joined).await? {
        return Ok(vec![(joined, head.size_bytes)]);
    }
    let plan: Vec<Chunk> = store.get_json(&object(keys.plan())).await?;
    let sizes: Vec<BoxFuture<'_, _>> =
        plan.iter().map(|chunk| Box::pin(with_size(store, object(keys.chunk(chunk.index).thumbs()))) as _).collect();
    Ok(stream::iter(sizes).buffered(AT_ONCE).try_collect().await?)
}

async fn with_size(store: &dyn ObjectStore, object: ObjectRef) -> Result<(ObjectRef, u64), StoreError> {
    match store.head(&object).await? {
        Some(head) => Ok((object, head.size_bytes)),
        None => Err(StoreError::NotFound { object }),
    }
}
