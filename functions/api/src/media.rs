//! What is read of an ingest's outputs, by way of the caches.

use crate::{
    cached::{Board, Scored},
    problem::Problem,
    state::App,
    types::StoryboardTile,
};
use heaters_aws::{ObjectStore, StoreError};
use heaters_db::videos::VideoRow;
use heaters_domain::{
    causes,
    contract::{DetectScenesOutput, IngestInput},
    index::{self, Head},
    keys::IngestKeys,
    plan::Source,
    scenes::{ScoreTrack, ScoreTrackError},
    storyboard,
};
use std::{sync::Arc, time::Duration};

/// Less than the function has for an answer.
const SCORED_WITHIN: Duration = Duration::from_secs(20);

/// The score track of a video that got that far.
pub(crate) async fn scores(app: &App, video: &VideoRow) -> Result<Arc<Scored>, Problem> {
    // Calling a function takes a large future, which all callers would hold.
    Box::pin(app.cached.scores.get_or_make(video.prefix.clone(), read_scores(app, video))).await
}

async fn read_scores(app: &App, video: &VideoRow) -> Result<Scored, Problem> {
    let (store, keys): (&dyn ObjectStore, _) = (&*app.store, IngestKeys(video.prefix.clone()));
    let scores = app.object(keys.scores());
    let source: Source = store.get_json(&app.object(keys.source())).await.map_err(missing)?;
    let track = match ScoreTrack::decode(&store.get(&scores, None).await.map_err(missing)?) {
        Err(ScoreTrackError::Header) => {
            score_anew(app, video).await?;
            ScoreTrack::decode(&store.get(&scores, None).await.map_err(missing)?)
        }
        track => track,
    };
    let track = track.map_err(|error| Problem::internal(&error))?;
    let fps = source.mean_fps(track.frames.len());
    Ok(Scored { track, fps })
}

/// Lets scores that another version of Heaters made be made anew, which takes some seconds for an hour of video.
async fn score_anew(app: &App, video: &VideoRow) -> Result<(), Problem> {
    let input = IngestInput { ingest: video.ingest(&app.settings.media_bucket) };
    let call = app.functions.call::<_, DetectScenesOutput>(&app.settings.detect_scenes_function, &input);
    match tokio::time::timeout(SCORED_WITHIN, call).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            tracing::error!(video = %video.id, detail = %causes(&error), "no scores");
            Err(Problem::of_function(error, "The video's scenes could not be scored anew just now. Try again."))
        }
        // It goes on: the answer is what is not waited for.
        Err(_) => Err(Problem::conflict(
            "This video was scored by another version of Heaters and is being scored anew. Try again in a minute.",
        )),
    }
}

fn missing(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound { .. } => Problem::conflict("This video's scenes are not detected yet."),
        error => error.into(),
    }
}

/// The storyboard of an ingest that is assembled. A video may have none: then it has no tiles.
pub(crate) async fn storyboard(app: &App, prefix: &str) -> Result<Arc<Board>, Problem> {
    app.cached.storyboards.get_or_make(prefix.to_owned(), read_storyboard(app, prefix)).await
}

async fn read_storyboard(app: &App, prefix: &str) -> Result<Board, Problem> {
    let keys = IngestKeys(prefix.to_owned());
    let text = match app.store.get(&app.object(keys.storyboard()), None).await {
        Ok(text) => text,
        Err(StoreError::NotFound { .. }) => return Ok(Board::default()),
        Err(error) => return Err(error.into()),
    };
    let index = app.object(keys.index());
    let head = app.store.get(&index, Some(0..index::HEAD_BYTES)).await?;
    let head = Head::decode(&head).map_err(|error| Problem::internal(&error))?;
    let records = app.store.get(&index, Some(head.all_frame_bytes())).await?;
    let frames = index::decode_frames(&records).map_err(|error| Problem::internal(&error))?;
    let text = String::from_utf8_lossy(&text);
    let cues = storyboard::read(&text).ok_or_else(|| Problem::internal(&NotAStoryboard))?;
    let starts = storyboard::first_frames(&cues, &head, &frames);
    let ends = starts.iter().skip(1).copied().chain([head.frames]);
    let tiles = cues.iter().zip(starts.iter().zip(ends)).map(|(cue, (start, end))| StoryboardTile {
        start_frame: *start,
        end_frame: end,
        sheet: cue.sheet,
        x: cue.x,
        y: cue.y,
    });
    Ok(Board {
        tile_width: cues.first().map_or(0, |cue| cue.width),
        tile_height: cues.first().map_or(0, |cue| cue.height),
        sheets: cues.last().map_or(0, |cue| cue.sheet + 1),
        tiles: tiles.collect(),
    })
}

#[derive(Debug, thiserror::Error)]
#[error("a storyboard is not one of ours")]
struct NotAStoryboard;
