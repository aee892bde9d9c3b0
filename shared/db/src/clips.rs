//! Clips and the cuts between them.

use crate::{
    DbError, Work,
    query::{Params, as_json, count, execute, find, get, maybe_json, maybe_name, name, one, rows, sql},
    review::{self, Claim},
    videos::{VideoRow, fps},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    ClipId, ClipState, Failure, Frame, FrameRange, Rational, VideoId,
    cuts::CutError,
    review::{Doing, EventAction, VideoReview},
    scenes::{Boundary, BoundaryKind},
};
use std::collections::{BTreeMap, HashMap};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

/// The actor of what nobody did by hand, and the name for people.
pub const SYSTEM: &str = "heaters";
const SYSTEM_NAME: &str = "Heaters";

/// Why a video's clips were not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateClipsError {
    #[error("the detected boundaries don't divide the video")]
    Boundaries(#[from] CutError),
    #[error(transparent)]
    Database(#[from] DbError),
}

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
    pub group: Option<Uuid>,
    pub tags: Vec<String>,
    pub note: Option<String>,
    /// Of the less certain of its cuts.
    pub confidence: Option<f64>,
    pub start_cut: Option<BoundaryKind>,
    pub end_cut: Option<BoundaryKind>,
    /// Where it stands among look-alikes.
    pub look: i64,
    /// Who has it on a page now.
    pub claim: Option<Claim>,
}

impl ClipRow {
    pub(crate) fn from_row(row: &Row) -> Result<Self, DbError> {
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
            group: get(row, "group_id")?,
            tags: get(row, "tags")?,
            note: get(row, "note")?,
            confidence: get(row, "confidence")?,
            start_cut: maybe_name(row, "start_cut")?,
            end_cut: maybe_name(row, "end_cut")?,
            look: get(row, "look")?,
            claim: review::claim_of(row)?,
        })
    }
}

/// A query with what it reads of each clip filled in.
pub(crate) fn with_clip(sql: &str) -> String {
    sql.replace("{clip}", sql!("clips/select").trim_end())
}

/// Inserts a video's cuts and a pending clip for each segment between them, as the first event of its log, unless
/// it has clips already. Returns whether it inserted. The video has to be locked. `look` says where a clip stands
/// among look-alikes.
pub async fn create(
    work: &Work<'_>,
    video: &VideoRow,
    frames: Frame,
    boundaries: &[Boundary],
    look: impl Fn(FrameRange) -> i64,
) -> Result<bool, CreateClipsError> {
    let exist = one(work, "looking for clips", sql!("clips/exist"), &[&video.number]).await?;
    if get(&exist, "exists")? {
        return Ok(false);
    }
    let event = review::next_id(work).await?;
    let change = {
        let mut doing = Doing { event, name: SYSTEM_NAME, at: OffsetDateTime::now_utc(), new_id: &mut Uuid::now_v7 };
        VideoReview::detect(frames, boundaries, &mut doing)?
    };
    let looks = change.after.clips.iter().map(|clip| (clip.id, look(clip.range))).collect();
    let recording = review::Recording {
        event,
        action: EventAction::Detect,
        change: &change,
        undoes: None,
        source: review::Source { actor: SYSTEM, actor_name: SYSTEM_NAME, took_ms: None, request_id: Uuid::now_v7() },
        claim: None,
        publishing: review::Publishing { bucket: "", model: "" },
    };
    review::record_with_looks(work, video, None, &recording, &looks).await?;
    Ok(true)
}

pub async fn by_id(client: &impl GenericClient, id: ClipId) -> Result<Option<ClipRow>, DbError> {
    find(client, "reading a clip", &with_clip(sql!("clips/by_id")), &[&id.0], ClipRow::from_row).await
}

/// The clips with these ids, in the order of video and frame.
pub async fn by_ids(client: &impl GenericClient, ids: &[ClipId]) -> Result<Vec<ClipRow>, DbError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found = rows(client, "reading clips", &with_clip(sql!("clips/by_ids")), &[&ids]).await?;
    let mut clips: Vec<ClipRow> = found.iter().map(ClipRow::from_row).collect::<Result<_, _>>()?;
    clips.sort_by_key(|clip| (clip.video_number, clip.range));
    Ok(clips)
}

/// Locks a clip until the transaction ends; its video is locked before.
pub async fn lock(client: &impl GenericClient, id: ClipId) -> Result<Option<ClipRow>, DbError> {
    find(client, "locking a clip", &with_clip(sql!("clips/lock")), &[&id.0], ClipRow::from_row).await
}

/// The clips with these numbers, by number.
pub async fn by_numbers(client: &impl GenericClient, numbers: &[i64]) -> Result<HashMap<i64, ClipRow>, DbError> {
    let found = rows(client, "reading clips", &with_clip(sql!("clips/by_numbers")), &[&numbers]).await?;
    found.iter().map(|row| ClipRow::from_row(row).map(|clip| (clip.number, clip))).collect()
}

pub async fn set_state(client: &impl GenericClient, number: i64, state: ClipState) -> Result<(), DbError> {
    execute(client, "moving a clip", sql!("clips/set_state"), &[&number, &state.as_str()]).await.map(drop)
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
    let found =
        rows(client, "finding stalled clips", &with_clip(sql!("clips/stalled")), &[&states, &idle_seconds, &limit])
            .await?;
    found.iter().map(ClipRow::from_row).collect()
}

/// The keys of the middle stills of those clips that are published, by clip number.
pub async fn middle_keyframes(client: &impl GenericClient, numbers: &[i64]) -> Result<HashMap<i64, String>, DbError> {
    let found = rows(client, "reading stills", sql!("clips/middle_keyframes"), &[&numbers]).await?;
    found.iter().map(|row| Ok((get(row, "clip_number")?, get(row, "key")?))).collect()
}
