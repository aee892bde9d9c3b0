//! What is done to whole videos: another title, deletion, and what follows from it.

use crate::{
    DbError,
    query::{execute, rows, sql},
    videos::VideoRow,
};
use deadpool_postgres::GenericClient;
use heaters_domain::video::RESTORABLE_DAYS;

pub async fn rename(client: &impl GenericClient, number: i32, title: &str) -> Result<(), DbError> {
    execute(client, "renaming a video", sql!("library/rename"), &[&number, &title]).await.map(drop)
}

/// Takes a video out of library, queue and search. It can be brought back.
pub async fn delete(client: &impl GenericClient, number: i32) -> Result<(), DbError> {
    execute(client, "deleting a video", sql!("library/delete"), &[&number]).await?;
    execute(client, "hiding vectors", sql!("library/hide_vectors"), &[&number]).await.map(drop)
}

/// Brings a deleted video back that was ready. Others start again, by [`crate::videos::restart`].
pub async fn restore_ready(client: &impl GenericClient, number: i32) -> Result<(), DbError> {
    execute(client, "restoring a video", sql!("library/restore_ready"), &[&number]).await?;
    execute(client, "showing vectors", sql!("library/show_vectors"), &[&number]).await.map(drop)
}

/// Videos that were deleted too long ago to be restored, and whose objects are still there.
pub async fn purgeable(client: &impl GenericClient, limit: i64) -> Result<Vec<VideoRow>, DbError> {
    let days = RESTORABLE_DAYS.cast_signed();
    let found = rows(client, "finding videos to purge", sql!("library/purgeable"), &[&days, &limit]).await?;
    found.iter().map(VideoRow::from_row).collect()
}

/// Notes that a video's objects are gone.
pub async fn mark_purged(client: &impl GenericClient, number: i32) -> Result<(), DbError> {
    execute(client, "forgetting vectors", sql!("library/forget_vectors"), &[&number]).await?;
    execute(client, "forgetting playback files", sql!("playback/forget_video"), &[&number]).await?;
    execute(client, "noting a purge", sql!("library/mark_purged"), &[&number]).await.map(drop)
}
