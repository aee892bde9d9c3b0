//! The log for people.

use crate::{
    DbError,
    query::{get, maybe_count, maybe_json, name, rows, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    ClipId,
    review::{Change, EventAction, EventId, Snapshot},
};
use time::OffsetDateTime;
use tokio_postgres::{Row, types::ToSql};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct ActivityRow {
    pub id: EventId,
    pub at: OffsetDateTime,
    pub actor_name: String,
    pub action: EventAction,
    pub root_action: EventAction,
    pub took_ms: Option<u32>,
    /// What it did, but for what the detector did: that is about all clips.
    pub change: Option<Change>,
    /// How many clips it was about.
    pub clips: u32,
    /// The first hundred of them.
    pub clip_ids: Vec<ClipId>,
    pub undone: bool,
}

impl ActivityRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let replayable: bool = get(row, "replayable")?;
        let snapshot = |column| maybe_json::<Snapshot>(row, column);
        let (before, after) = if replayable { (snapshot("before")?, snapshot("after")?) } else { (None, None) };
        let change = before.zip(after).map(|(before, after)| Change { before, after });
        let clip_ids: Vec<ClipId> = get::<Vec<Uuid>>(row, "clip_ids")?.into_iter().map(ClipId).collect();
        let clips = if replayable { maybe_count(row, "clips")?.unwrap_or_default() } else { clip_ids.len() as u32 };
        Ok(Self {
            id: get(row, "id")?,
            at: get(row, "created_at")?,
            actor_name: get(row, "actor_name")?,
            action: name(row, "action")?,
            root_action: name(row, "root_action")?,
            took_ms: maybe_count(row, "took_ms")?,
            change,
            clips,
            clip_ids,
            undone: get(row, "undone")?,
        })
    }
}

/// The events of a video, latest first, from below one of them.
pub async fn of_video(
    client: &impl GenericClient,
    video_number: i32,
    below: Option<EventId>,
    limit: i64,
) -> Result<Vec<ActivityRow>, DbError> {
    activity(client, "review_events.video_number = $1", &video_number, below, limit).await
}

/// The events of a clip and of those that it was made of, latest first, from below one of them.
pub async fn of_clip(
    client: &impl GenericClient,
    clip_number: i64,
    below: Option<EventId>,
    limit: i64,
) -> Result<Vec<ActivityRow>, DbError> {
    activity(client, sql!("review/of_clip_condition"), &clip_number, below, limit).await
}

async fn activity(
    client: &impl GenericClient,
    which: &str,
    subject: &(dyn ToSql + Sync),
    below: Option<EventId>,
    limit: i64,
) -> Result<Vec<ActivityRow>, DbError> {
    let sql = sql!("review/activity").replace("{which}", which);
    let found = rows(client, "reading the log", &sql, &[subject, &below, &limit]).await?;
    found.iter().map(ActivityRow::from_row).collect()
}

/// The tags of active clips with how many carry them, the most frequent first.
pub async fn tags(client: &impl GenericClient) -> Result<Vec<(String, u32)>, DbError> {
    let found = rows(client, "counting tags", sql!("review/tags"), &[]).await?;
    found.iter().map(|row| Ok((get(row, "tag")?, get::<i64>(row, "count")? as u32))).collect()
}
