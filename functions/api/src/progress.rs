//! How far a video is, in percent.

use crate::state::App;
use futures::future::join_all;
use heaters_aws::{ObjectStore, StoreError};
use heaters_db::videos::VideoRow;
use heaters_domain::{
    VideoState,
    contract::ChunkProgress,
    download::DownloadProgress,
    keys::{IngestKeys, SourceKeys},
};
use std::collections::HashSet;

const REGISTERED: f64 = 2.0;
const PROBED: f64 = 5.0;
const CHUNKS_DONE: f64 = 75.0;
const DETECTING: f64 = 85.0;

/// No more progress objects than this are read for one video.
const MOST_RUNNING: usize = 64;

/// The video's progress; while chunks are encoded it is read from what they write beside their outputs.
pub(crate) async fn of(app: &App, video: &VideoRow, done: &HashSet<u32>) -> Result<u8, StoreError> {
    let running = match video.state {
        VideoState::Preprocessing => running_chunks(app, video, done).await?,
        _ => 0.0,
    };
    Ok(percent(video, done.len() as f64 + running))
}

/// How far the download of a video is that is being downloaded.
pub(crate) async fn of_download(app: &App, video: &VideoRow) -> Option<DownloadProgress> {
    if video.state != VideoState::Downloading {
        return None;
    }
    let store: &dyn ObjectStore = &*app.store;
    // An object that is not there yet, or half written, says nothing for now.
    store.get_json(&app.object(SourceKeys(video.id).progress())).await.ok()
}

/// The share of the work that running chunks have done, in chunks.
async fn running_chunks(app: &App, video: &VideoRow, done: &HashSet<u32>) -> Result<f64, StoreError> {
    let keys = IngestKeys(video.prefix.clone());
    let finished: HashSet<String> = done.iter().map(|chunk| keys.chunk(*chunk).progress()).collect();
    let listed = app.store.list(&app.settings.media_bucket, &keys.chunks()).await?;
    let running = listed.into_iter().filter(|key| key.ends_with("/progress.json") && !finished.contains(key));
    let store: &dyn ObjectStore = &*app.store;
    let reads = running.take(MOST_RUNNING).map(|key| async move {
        // An object that is gone or half written says nothing for now.
        store.get_json::<ChunkProgress>(&app.object(key)).await.map_or(0.0, share)
    });
    Ok(join_all(reads).await.into_iter().sum())
}

fn share(progress: ChunkProgress) -> f64 {
    (f64::from(progress.frames_done) / f64::from(progress.frames_expected.max(1))).clamp(0.0, 1.0)
}

/// The percent for a state, and for chunks the share of them.
fn percent(video: &VideoRow, chunks_done: f64) -> u8 {
    let percent = match video.state {
        VideoState::New | VideoState::Cancelled => 0.0,
        VideoState::Downloading | VideoState::Downloaded | VideoState::DownloadFailed => REGISTERED,
        VideoState::Preprocessing | VideoState::PreprocessFailed => match video.chunks_expected {
            None => REGISTERED,
            Some(expected) => {
                let share = (chunks_done / f64::from(expected.max(1))).clamp(0.0, 1.0);
                PROBED + (CHUNKS_DONE - PROBED) * share
            }
        },
        VideoState::Preprocessed | VideoState::DetectingScenes | VideoState::DetectScenesFailed => DETECTING,
        VideoState::Ready | VideoState::Deleted => 100.0,
    };
    percent as u8
}
