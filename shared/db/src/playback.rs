//! Clips that were made as files, and when they were last of use.

use crate::{
    DbError,
    query::{Params, execute, get, rows, sql},
};
use deadpool_postgres::GenericClient;

/// Notes that a file is used, before it is looked for: what is used is not thrown away under its user.
pub async fn mark_used(client: &impl GenericClient, key: &str, video_number: i32) -> Result<(), DbError> {
    execute(client, "noting a use", sql!("playback/use"), &[&key, &video_number]).await.map(drop)
}

/// Notes that a file is made.
pub async fn mark_made(client: &impl GenericClient, key: &str, size_bytes: u64) -> Result<(), DbError> {
    execute(client, "noting a file", sql!("playback/made"), &[&key, &size_bytes.cast_signed()]).await.map(drop)
}

/// What may be kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The files used last are kept up to this size together.
    pub bytes: u64,
    /// No file is kept longer.
    pub days: u32,
    /// Files used in so many seconds are kept anyway.
    pub in_use_seconds: f64,
}

/// The keys of files that are to go, locked until the transaction ends.
pub async fn lock_superfluous(client: &impl GenericClient, limits: &Limits, most: i64) -> Result<Vec<String>, DbError> {
    let Limits { bytes, days, in_use_seconds } = *limits;
    let params: Params<'_> = &[&bytes.cast_signed(), &days.cast_signed(), &in_use_seconds, &most];
    let found = rows(client, "finding files to evict", sql!("playback/lock_superfluous"), params).await?;
    found.iter().map(|row| get(row, "key")).collect()
}

pub async fn forget(client: &impl GenericClient, keys: &[String]) -> Result<(), DbError> {
    execute(client, "forgetting files", sql!("playback/forget"), &[&keys]).await.map(drop)
}
