//! What is thrown away: playback files beyond their limit, and all of videos that were deleted and not restored.

use crate::{Sweep, SweepError, SweepOutput};
use heaters_aws::{ObjectRef, StoreError};
use heaters_db::{begin, commit, library, playback, videos, videos::VideoRow};
use heaters_domain::{VideoState, keys};

/// How many files one sweep throws away; the next one goes on.
const FILES: i64 = 1000;
/// Videos have thousands of objects.
const VIDEOS: i64 = 5;

/// Keeps the playback files within their limits. The rows are locked until the objects are gone, so that a page that
/// asks for one meanwhile finds that it has to be made.
pub(crate) async fn evict(sweep: &Sweep, output: &mut SweepOutput) -> Result<(), SweepError> {
    let mut session = sweep.database.session().await?;
    let work = begin(&mut session).await?;
    let keys = playback::lock_superfluous(&work, &sweep.settings.playback, FILES).await?;
    if keys.is_empty() {
        return Ok(());
    }
    sweep.store.delete_all(&sweep.settings.media_bucket, &keys).await?;
    playback::forget(&work, &keys).await?;
    commit(work).await?;
    output.evicted_files += keys.len() as u32;
    Ok(())
}

/// Removes the objects of videos that can't be restored any more; what is known about them stays.
pub(crate) async fn purge(sweep: &Sweep, output: &mut SweepOutput) -> Result<(), SweepError> {
    let session = sweep.database.session().await?;
    let found = library::purgeable(&session, VIDEOS).await?;
    drop(session);
    for seen in found {
        let mut session = sweep.database.session().await?;
        let work = begin(&mut session).await?;
        let video = videos::lock(&work, seen.id).await?;
        let Some(video) = video.filter(|video| video.state == VideoState::Deleted && video.purged_at.is_none()) else {
            continue;
        };
        remove_objects(sweep, &video).await?;
        library::mark_purged(&work, video.number).await?;
        commit(work).await?;
        output.purged_videos += 1;
    }
    Ok(())
}

async fn remove_objects(sweep: &Sweep, video: &VideoRow) -> Result<(), StoreError> {
    let bucket = &sweep.settings.media_bucket;
    let made = sweep.store.list(bucket, &keys::video_prefix(video.id)).await?;
    sweep.store.delete_all(bucket, &made).await?;
    for source in video.sources.iter().filter(|source| source.bucket != *bucket) {
        sweep.store.delete(&ObjectRef::from(source)).await?;
    }
    Ok(())
}
