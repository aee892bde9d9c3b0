//! The log of what people did. It only grows.

use crate::{
    DbError,
    query::{Params, execute, find, get, json, name, one, optional, rows, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    ClipId,
    review::{Change, EventAction, EventId},
};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    pub id: EventId,
    pub video_number: i32,
    pub actor: String,
    pub action: EventAction,
    /// What was done first, of an undo or redo; else the action itself.
    pub root: Option<EventId>,
    pub root_action: EventAction,
    /// Nothing, of events that are not about clips.
    pub change: Change,
    pub undoes: Option<EventId>,
    pub created_at: OffsetDateTime,
}

impl EventRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let replayable: bool = get(row, "replayable")?;
        let change = if replayable {
            Change { before: json(row, "before")?, after: json(row, "after")? }
        } else {
            Change::default()
        };
        Ok(Self {
            id: get(row, "id")?,
            video_number: get(row, "video_number")?,
            actor: get(row, "actor")?,
            action: name(row, "action")?,
            root: get(row, "root")?,
            root_action: name(row, "root_action")?,
            change,
            undoes: get(row, "undoes")?,
            created_at: get(row, "created_at")?,
        })
    }
}

/// Who did something, and how it came here.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The subject of the verified token.
    pub actor: &'a str,
    /// A name for people.
    pub actor_name: &'a str,
    /// How long the reviewer took.
    pub took_ms: Option<u32>,
    pub request_id: Uuid,
}

/// An event that is not about the review state of clips, such as a retry.
#[derive(Debug, Clone)]
pub struct OtherEvent<'a> {
    pub video_number: i32,
    pub clip: Option<ClipId>,
    pub action: EventAction,
    pub before: serde_json::Value,
    pub after: serde_json::Value,
    pub source: Source<'a>,
}

/// What the log is given.
pub(super) struct Line<'a> {
    pub id: EventId,
    pub video_number: i32,
    pub action: EventAction,
    pub undoes: Option<EventId>,
    pub root: Option<EventId>,
    pub before: serde_json::Value,
    pub after: serde_json::Value,
    pub replayable: bool,
    pub source: Source<'a>,
}

/// An event's number before it is appended. One that is not used is never used.
pub async fn next_id(client: &impl GenericClient) -> Result<EventId, DbError> {
    get(&one(client, "numbering an event", sql!("review/next_id"), &[]).await?, "id")
}

pub(super) async fn insert(client: &impl GenericClient, line: &Line<'_>) -> Result<(), DbError> {
    let Line { source, .. } = line;
    let params: Params<'_> = &[
        &line.id,
        &line.video_number,
        &None::<i64>,
        &source.actor,
        &source.actor_name,
        &line.action.as_str(),
        &line.before,
        &line.after,
        &source.took_ms.map(|took| i32::try_from(took).unwrap_or(i32::MAX)),
        &line.undoes,
        &line.root,
        &source.request_id,
        &line.replayable,
    ];
    execute(client, "appending an event", sql!("review/insert"), params).await.map(drop)
}

/// Says which clips an event is about. They have to exist.
pub(super) async fn link(client: &impl GenericClient, event: EventId, clips: &[Uuid]) -> Result<(), DbError> {
    execute(client, "linking an event", sql!("review/insert_clips"), &[&event, &clips]).await.map(drop)
}

/// Appends an event that is not about the review state and returns its id.
pub async fn append(client: &impl GenericClient, event: &OtherEvent<'_>) -> Result<EventId, DbError> {
    let id = next_id(client).await?;
    let line = Line {
        id,
        video_number: event.video_number,
        action: event.action,
        undoes: None,
        root: None,
        before: event.before.clone(),
        after: event.after.clone(),
        replayable: false,
        source: event.source,
    };
    insert(client, &line).await?;
    let clips: Vec<Uuid> = event.clip.iter().map(|clip| clip.0).collect();
    link(client, id, &clips).await?;
    Ok(id)
}

/// The event that a request made, if it came before.
pub async fn by_request(client: &impl GenericClient, request_id: Uuid) -> Result<Option<EventRow>, DbError> {
    find(client, "looking a request up", sql!("review/by_request"), &[&request_id], EventRow::from_row).await
}

pub async fn by_id(client: &impl GenericClient, id: EventId) -> Result<Option<EventRow>, DbError> {
    find(client, "reading an event", sql!("review/by_id"), &[&id], EventRow::from_row).await
}

/// Makes an actor's other undos and redos wait: two at once take back two events.
pub async fn lock_actor(client: &impl GenericClient, actor: &str) -> Result<(), DbError> {
    one(client, "locking an actor", sql!("review/lock_actor"), &[&actor]).await.map(drop)
}

/// What an actor's next undo takes back.
pub async fn next_undo(client: &impl GenericClient, actor: &str) -> Result<Option<EventRow>, DbError> {
    find(client, "finding what to undo", sql!("review/next_undo"), &[&actor], EventRow::from_row).await
}

/// The undo that an actor's next redo takes back.
pub async fn next_redo(client: &impl GenericClient, actor: &str) -> Result<Option<EventRow>, DbError> {
    find(client, "finding what to redo", sql!("review/next_redo"), &[&actor], EventRow::from_row).await
}

/// Who made an event and what it was.
pub async fn actor_of(client: &impl GenericClient, id: EventId) -> Result<Option<(String, EventAction)>, DbError> {
    let row = optional(client, "reading an event", sql!("review/actor_of"), &[&id]).await?;
    row.map(|row| Ok((get(&row, "actor_name")?, name(&row, "action")?))).transpose()
}

/// The changes of a video's log, oldest first: from them its review state follows.
pub async fn changes(client: &impl GenericClient, video_number: i32) -> Result<Vec<(EventId, Change)>, DbError> {
    let found = rows(client, "reading a video's log", sql!("review/of_video"), &[&video_number]).await?;
    let change = |row: &Row| Ok(Change { before: json(row, "before")?, after: json(row, "after")? });
    found.iter().map(|row| Ok((get(row, "id")?, change(row)?))).collect()
}

/// The events by which the detector made clips of a video. Clips from before the log have 0.
pub async fn detectors(client: &impl GenericClient, video_number: i32) -> Result<BTreeSet<EventId>, DbError> {
    let found = rows(client, "reading a video's log", sql!("review/detectors"), &[&video_number]).await?;
    let ids = found.iter().map(|row| get(row, "id"));
    ids.chain([Ok(0)]).collect()
}
