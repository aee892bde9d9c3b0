//! How far a video is, in percent.

use crate::state::App;
use futures::future::join_all;
use heaters_aws::{ObjectStore, StoreError};
use heaters_db::videos::VideoRow;
use heaters_domain::{
    VideoState,
    contract::{ChunkProgress, ReadProgress},
    download::DownloadProgress,
    keys::{IngestKeys, SourceKeys},
};
use std::collections::HashSet;

const REGISTERED: f64 = 2.0;
const PROBED: f64 = 5.0;
/// How much more it is where all of the source has to be read before.
const READ: f64 = 15.0;
const CHUNKS_DONE: f64 = 75.0;
const DETECTING: f64 = 85.0;

/// No more progress objects than this are read for one video.
const MOST_RUNNING: usize = 64;

/// The video's progress; while chunks are encoded it is read from what they write beside their outputs.
pub(crate) async fn of(app: &App, video: &VideoRow, done: &HashSet<u32>) -> Result<u8, StoreError> {
    let (read, running) = match video.state {
        VideoState::Preprocessing => (read(app, video).await, running_chunks(app, video, done).await?),
        // What was read stays read, and running chunks do not.
        VideoState::PreprocessFailed => (read(app, video).await, 0.0),
        _ => (0.0, 0.0),
    };
    let chunks = video.chunks_expected.map(|expected| Chunks { expected, done: done.len() as f64 + running });
    Ok(percent(video.state, read, chunks))
}

/// The share of the source that was read to plan its chunks.
async fn read(app: &App, video: &VideoRow) -> f64 {
    let store: &dyn ObjectStore = &*app.store;
    let object = app.object(IngestKeys(video.prefix.clone()).read_progress());
    // An object that is not there yet, or half written, says nothing for now.
    let ReadProgress { bytes_done, bytes_expected } = store.get_json(&object).await.unwrap_or_default();
    (bytes_done as f64 / bytes_expected.max(1) as f64).clamp(0.0, 1.0)
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

#[derive(Clone, Copy)]
struct Chunks {
    expected: u32,
    done: f64,
}

/// The percent for a state, the share of the source that was read to plan it, and its chunks.
fn percent(state: VideoState, read: f64, chunks: Option<Chunks>) -> u8 {
    let percent = match state {
        VideoState::New | VideoState::Cancelled => 0.0,
        VideoState::Downloading | VideoState::Downloaded | VideoState::DownloadFailed => REGISTERED,
        VideoState::Preprocessing | VideoState::PreprocessFailed => match chunks {
            None => REGISTERED + READ * read,
            Some(Chunks { expected, done }) => {
                let share = (done / f64::from(expected.max(1))).clamp(0.0, 1.0);
                let planned = PROBED + READ * read;
                planned + (CHUNKS_DONE - planned) * share
            }
        },
        VideoState::Preprocessed | VideoState::DetectingScenes | VideoState::DetectScenesFailed => DETECTING,
        VideoState::Ready | VideoState::Deleted => 100.0,
    };
    percent as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_that_is_processed_only_comes_nearer() {
        let state = VideoState::Preprocessing;
        let chunks = |done| Some(Chunks { expected: 4, done });
        let small_part_read =
            [percent(state, 0.0, None), percent(state, 0.01, None), percent(state, 0.01, chunks(0.0))];
        assert_eq!(small_part_read, [2, 2, 5]);
        let all_read = [
            percent(state, 0.0, None),
            percent(state, 0.5, None),
            percent(state, 1.0, None),
            percent(state, 1.0, chunks(0.0)),
            percent(state, 1.0, chunks(2.0)),
            percent(state, 1.0, chunks(4.0)),
            percent(VideoState::Preprocessed, 0.0, chunks(4.0)),
        ];
        assert_eq!(all_read, [2, 9, 17, 20, 47, 75, 85]);
    }
}
