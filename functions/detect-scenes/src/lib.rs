//! Finds where the shots of a video begin, from its thumbnails: those of the chunks, since it works while they are
//! joined, or the video's where they are joined already.
//!
//! The score track is made once a video; boundaries follow from it and the settings, so that other
//! settings cost milliseconds. A failure is an error and never an empty list: that would pass for a
//! video of one shot.

mod looks;
mod thumbs;

use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    Fault, Told,
    contract::{DetectScenesOutput, IngestInput},
    plan::Source,
    scenes::{Boundary, ScoreTrack, ScoreTrackError, decide},
    stage::Done,
    thumbs::ThumbsError,
};
use heaters_runtime::ScratchError;
use heaters_vision::VisionError;
use std::{path::Path, time::Instant};
use thumbs::Thumbs;

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

impl Fault for DetectScenesError {
    fn told(&self) -> Told<'_> {
        let not_detected = "The video's scenes could not be detected. Retry it; if it fails again, tell an operator.";
        match self {
            Self::Store(error) => Told::By(error),
            Self::Scratch(error) => Told::By(error),
            Self::Vision { source: VisionError::Thumbs(ThumbsError::File(_)), .. } => Told::scratch(),
            Self::Vision { source: VisionError::NoFrames, .. } => Told::rejected("The video has no pictures."),
            Self::Vision { source: VisionError::Thumbs(_), .. } => {
                Told::internal("The video's thumbnails are damaged. Retry it; they are made again.")
            }
            Self::Vision { source: VisionError::OpenCv { .. }, .. } => Told::tool_failure(not_detected),
            Self::Scores { .. } | Self::Stopped { .. } => Told::internal(not_detected),
        }
    }
}

/// Reads the thumbnails and `source.json` of an ingest, writes `scores.bin`, `looks.bin` and the boundaries of the
/// ingest's settings. What exists of these is left as it is, and other settings need no thumbnails.
pub async fn run(
    store: &dyn ObjectStore,
    scratch_root: &Path,
    input: IngestInput,
) -> Result<Done<DetectScenesOutput>, DetectScenesError> {
    let ingest = input.ingest;
    let keys = ingest.keys();
    let object = |key: String| ObjectRef::new(&ingest.bucket, key);
    let settings = &ingest.settings.scenes;
    let (scores, boundaries) = (object(keys.scores()), object(keys.boundaries(settings)));
    let looks = object(keys.looks());
    let output = |track: &ScoreTrack, found: &[Boundary]| DetectScenesOutput {
        frames: track.frames.len() as u32,
        boundaries: found.len() as u32,
        scores_key: scores.key.clone(),
        boundaries_key: boundaries.key.clone(),
        looks_key: Some(looks.key.clone()),
    };

    let (stored, has_looks) = (stored_scores(store, &scores).await?, store.exists(&looks).await?);
    if let (Some(track), true, Some(found)) = (&stored, has_looks, stored_boundaries(store, &boundaries).await?) {
        return Ok(Done::already(output(track, &found)));
    }
    let mut milliseconds = 0.0;
    let track = match (stored, has_looks) {
        (Some(track), true) => track,
        (stored, _) => {
            let thumbs = Thumbs::fetch(store, scratch_root, &ingest).await?;
            let started = Instant::now();
            let track = match stored {
                Some(track) => track,
                None => made_scores(store, &thumbs, &scores).await?,
            };
            milliseconds = started.elapsed().as_secs_f64() * 1000.0;
            store.put(&looks, thumbs.looks().await?.into(), "application/octet-stream").await?;
            track
        }
    };
    let source: Source = store.get_json(&object(keys.source())).await?;
    let found = decide(&track, settings, source.mean_fps(track.frames.len()));
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
    thumbs: &Thumbs,
    scores: &ObjectRef,
) -> Result<ScoreTrack, DetectScenesError> {
    let track = thumbs.scores().await?;
    let unstorable = |source| DetectScenesError::Scores { prefix: thumbs.prefix().to_owned(), source };
    let bytes = track.encode().map_err(unstorable)?;
    store.put(scores, bytes.clone().into(), "application/octet-stream").await?;
    // Decisions are always made from what is stored, so that detecting again gives the same ones.
    ScoreTrack::decode(&bytes).map_err(unstorable)
}
