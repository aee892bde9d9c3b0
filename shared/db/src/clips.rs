//! Clips and the cuts between them.

use crate::{
    DbError,
    query::{Params, as_json, count, execute, get, maybe_json, name, one, optional, rows, sql},
    videos::fps,
};
use deadpool_postgres::GenericClient;
use heaters_domain::{ClipId, ClipState, Failure, FrameRange, Rational, VideoId, cuts::Tiling, scenes::Boundary};
use std::collections::{BTreeMap, HashMap};
use time::OffsetDateTime;
use tokio_postgres::Row;

/// A clip with what it takes from its video.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipRow {
    /// The internal number; it never leaves the functions.
    pub number: i64,
    pub id: ClipId,
    pub video_number: i32,
    pub video_id: VideoId,
    pub video_title: String,
    /// The prefix of the video's ingest.
    pub prefix: String,
    pub fps: Rational,
    pub range: FrameRange,
    pub state: ClipState,
    pub version: u32,
    pub failure: Option<Failure>,
    pub reviewed_at: Option<OffsetDateTime>,
    pub reviewed_by: Option<String>,
}

impl ClipRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            number: get(row, "number")?,
            id: ClipId(get(row, "id")?),
            video_number: get(row, "video_number")?,
            video_id: VideoId(get(row, "video_id")?),
            video_title: get(row, "video_title")?,
            prefix: get(row, "prefix")?,
            fps: fps(row)?.unwrap_or(Rational { num: 25, den: 1 }),
            range: FrameRange { start: count(row, "start_frame")?, end: count(row, "end_frame")? },
            state: name(row, "state")?,
            version: count(row, "version")?,
            failure: maybe_json(row, "failure")?,
            reviewed_at: get(row, "reviewed_at")?,
            reviewed_by: get(row, "reviewed_by")?,
        })
    }
}

/// Inserts a video's cuts and a pending clip for each segment between them, unless it has clips already.
/// Returns whether it inserted. The video has to be locked.
pub async fn create(
    client: &impl GenericClient,
    video_number: i32,
    tiling: &Tiling,
    boundaries: &[Boundary],
) -> Result<bool, DbError> {
    let exist = one(client, "looking for clips", sql!("clips/exist"), &[&video_number]).await?;
    if get(&exist, "exists")? {
        return Ok(false);
    }
    for boundary in boundaries {
        let params: Params<'_> = &[
            &video_number,
            &(boundary.frame as i32),
            &boundary.kind.as_str(),
            &(boundary.start_frame as i32),
            &(boundary.end_frame as i32),
            &boundary.confidence,
        ];
        execute(client, "inserting a cut", sql!("clips/insert_cut"), params).await?;
    }
    for range in tiling.segments() {
        let params: Params<'_> = &[&ClipId::generate().0, &video_number, &(range.start as i32), &(range.end as i32)];
        execute(client, "inserting a clip", sql!("clips/insert"), params).await?;
    }
    Ok(true)
}

pub async fn by_id(client: &impl GenericClient, id: ClipId) -> Result<Option<ClipRow>, DbError> {
    let row = optional(client, "reading a clip", sql!("clips/by_id"), &[&id.0]).await?;
    row.as_ref().map(ClipRow::from_row).transpose()
}

/// Locks a clip until the transaction ends; its video is locked before.
pub async fn lock(client: &impl GenericClient, id: ClipId) -> Result<Option<ClipRow>, DbError> {
    let row = optional(client, "locking a clip", sql!("clips/lock"), &[&id.0]).await?;
    row.as_ref().map(ClipRow::from_row).transpose()
}

/// The clips with these numbers, by number.
pub async fn by_numbers(client: &impl GenericClient, numbers: &[i64]) -> Result<HashMap<i64, ClipRow>, DbError> {
    let found = rows(client, "reading clips", sql!("clips/by_numbers"), &[&numbers]).await?;
    found.iter().map(|row| ClipRow::from_row(row).map(|clip| (clip.number, clip))).collect()
}

/// The clips of a state (of all but `archived` where none is named) in the order of review, after one of
/// them.
pub async fn page(
    client: &impl GenericClient,
    state: Option<ClipState>,
    video: Option<VideoId>,
    after: Option<ClipId>,
    limit: i64,
) -> Result<Vec<ClipRow>, DbError> {
    let params: Params<'_> = &[&state.map(ClipState::as_str), &video.map(|id| id.0), &after.map(|id| id.0), &limit];
    rows(client, "listing clips", sql!("clips/page"), params).await?.iter().map(ClipRow::from_row).collect()
}

pub async fn set_state(client: &impl GenericClient, number: i64, state: ClipState) -> Result<(), DbError> {
    execute(client, "moving a clip", sql!("clips/set_state"), &[&number, &state.as_str()]).await.map(drop)
}

/// Gives a clip the state of a decision and its reviewer's name.
pub async fn review(client: &impl GenericClient, number: i64, state: ClipState, reviewer: &str) -> Result<(), DbError> {
    let params: Params<'_> = &[&number, &state.as_str(), &reviewer];
    execute(client, "reviewing a clip", sql!("clips/review"), params).await.map(drop)
}

/// Puts a clip back to `pending_review` under a new version.
pub async fn reopen(client: &impl GenericClient, number: i64) -> Result<(), DbError> {
    execute(client, "reopening a clip", sql!("clips/reopen"), &[&number]).await.map(drop)
}

pub async fn fail(
    client: &impl GenericClient,
    number: i64,
    state: ClipState,
    failure: &Failure,
) -> Result<(), DbError> {
    let params: Params<'_> = &[&number, &state.as_str(), &as_json(failure)];
    execute(client, "failing a clip", sql!("clips/fail"), params).await.map(drop)
}

/// Puts a clip whose publishing failed back to `review_approved`.
pub async fn approve_again(client: &impl GenericClient, number: i64) -> Result<(), DbError> {
    let params: Params<'_> = &[&number, &ClipState::ReviewApproved.as_str()];
    execute(client, "approving a clip again", sql!("clips/clear_failure"), params).await.map(drop)
}

/// How many clips are in which state.
pub async fn counts(client: &impl GenericClient) -> Result<BTreeMap<ClipState, u32>, DbError> {
    let found = rows(client, "counting clips", sql!("clips/counts"), &[]).await?;
    found.iter().map(|row| Ok((name(row, "state")?, get::<i64>(row, "count")? as u32))).collect()
}

pub async fn pending(client: &impl GenericClient) -> Result<u32, DbError> {
    let row = one(client, "counting pending clips", sql!("clips/pending"), &[]).await?;
    Ok(get::<i64>(&row, "count")? as u32)
}

/// Whether every active clip of a video is decided and every approved one published.
pub async fn all_finished(client: &impl GenericClient, video_number: i32) -> Result<bool, DbError> {
    let finished = [ClipState::ReviewSkipped, ClipState::ReviewArchived, ClipState::Embedded].map(ClipState::as_str);
    let params: Params<'_> = &[&video_number, &finished.as_slice()];
    let row = one(client, "counting unfinished clips", sql!("clips/unfinished"), params).await?;
    Ok(get::<i64>(&row, "count")? == 0)
}

/// Clips on their way out that nothing has moved for a while and whose start is sent.
pub async fn stalled(client: &impl GenericClient, idle_seconds: f64, limit: i64) -> Result<Vec<ClipRow>, DbError> {
    let states: Vec<&str> =
        ClipState::ALL.iter().filter(|state| state.is_under_way()).map(|state| state.as_str()).collect();
    let found = rows(client, "finding stalled clips", sql!("clips/stalled"), &[&states, &idle_seconds, &limit]).await?;
    found.iter().map(ClipRow::from_row).collect()
}

/// The keys of the middle stills of those clips that are published, by clip number.
pub async fn middle_keyframes(client: &impl GenericClient, numbers: &[i64]) -> Result<HashMap<i64, String>, DbError> {
    let found = rows(client, "reading stills", sql!("clips/middle_keyframes"), &[&numbers]).await?;
    found.iter().map(|row| Ok((get(row, "clip_number")?, get(row, "key")?))).collect()
}
