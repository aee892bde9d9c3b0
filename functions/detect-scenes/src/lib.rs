//! Finds where the shots of a video begin, from its thumbnails.
//!
//! The score track is made once a video; boundaries follow from it and the settings, so that other
//! settings cost milliseconds. A failure is an error and never an empty list: that would pass for a
//! video of one shot.

use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    ErrorClass,
    contract::{DetectScenesOutput, IngestInput},
    plan::Source,
    scenes::{Boundary, ScoreTrack, ScoreTrackError, decide},
    stage::Done,
    thumbs::ThumbsError,
};
use heaters_runtime::{Scratch, ScratchError, StageError};
use heaters_vision::VisionError;
use std::{path::Path, time::Instant};

const THUMBS_FILE: &str = "thumbs.bin";

#[derive(Debug, thiserror::Error)]
pub enum DetectScenesError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error("scoring the thumbnails {object} failed")]
    Vision { object: ObjectRef, source: VisionError },
    #[error("the scores of {object} can't be stored")]
    Scores { object: ObjectRef, source: ScoreTrackError },
    #[error("scoring the thumbnails {object} stopped in the middle")]
    Stopped { object: ObjectRef, source: tokio::task::JoinError },
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

/// Reads `thumbs.bin` and `source.json` of an ingest, writes `scores.bin` and the boundaries of the
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
        let track = made_scores(store, scratch_root, &object(keys.thumbs()), &scores).await?;
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
    thumbs: &ObjectRef,
    scores: &ObjectRef,
) -> Result<ScoreTrack, DetectScenesError> {
    let head = store.head(thumbs).await?.ok_or_else(|| StoreError::NotFound { object: thumbs.clone() })?;
    // A long video's thumbnails are too large for the memory, and they are read twice.
    let scratch = Scratch::prepare(scratch_root, head.size_bytes)?;
    let file = scratch.file(THUMBS_FILE);
    store.get_to_file(thumbs, &file).await?;
    let result = tokio::task::spawn_blocking(move || heaters_vision::score_file(&file)).await;
    let result = result.map_err(|source| DetectScenesError::Stopped { object: thumbs.clone(), source })?;
    let track = result.map_err(|source| DetectScenesError::Vision { object: thumbs.clone(), source })?;
    let bytes = track.encode().map_err(|source| DetectScenesError::Scores { object: thumbs.clone(), source })?;
    store.put(scores, bytes.clone().into(), "application/octet-stream").await?;
    // Decisions are always made from what is stored, so that detecting again gives the same ones.
    ScoreTrack::decode(&bytes).map_err(|source| DetectScenesError::Scores { object: thumbs.clone(), source })
}
