//! The log of what people did. It only grows.

use crate::{
    DbError,
    query::{Params, get, json, name, one, optional, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{ClipId, review::EventAction};
use tokio_postgres::Row;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    pub id: i64,
    pub clip_number: Option<i64>,
    pub clip_id: Option<ClipId>,
    pub actor: String,
    pub action: EventAction,
    pub before: serde_json::Value,
    pub after: serde_json::Value,
    pub undoes: Option<i64>,
}

impl EventRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: get(row, "id")?,
            clip_number: get(row, "clip_number")?,
            clip_id: get::<Option<Uuid>>(row, "clip_id")?.map(ClipId),
            actor: get(row, "actor")?,
            action: name(row, "action")?,
            before: json(row, "before")?,
            after: json(row, "after")?,
            undoes: get(row, "undoes")?,
        })
    }
}

/// An event to be appended.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    pub video_number: i32,
    pub clip_number: Option<i64>,
    /// The subject of the verified token.
    pub actor: &'a str,
    pub actor_name: &'a str,
    pub action: EventAction,
    pub before: serde_json::Value,
    pub after: serde_json::Value,
    pub took_ms: Option<u32>,
    pub undoes: Option<i64>,
    pub request_id: Uuid,
}

/// Appends an event and returns its id.
pub async fn append(client: &impl GenericClient, event: &NewEvent<'_>) -> Result<i64, DbError> {
    let params: Params<'_> = &[
        &event.video_number,
        &event.clip_number,
        &event.actor,
        &event.actor_name,
        &event.action.as_str(),
        &event.before,
        &event.after,
        &event.took_ms.map(|took| i32::try_from(took).unwrap_or(i32::MAX)),
        &event.undoes,
        &event.request_id,
    ];
    get(&one(client, "appending an event", sql!("review/insert"), params).await?, "id")
}

/// The event that a request made, if it came before.
pub async fn by_request(client: &impl GenericClient, request_id: Uuid) -> Result<Option<EventRow>, DbError> {
    let row = optional(client, "looking a request up", sql!("review/by_request"), &[&request_id]).await?;
    row.as_ref().map(EventRow::from_row).transpose()
}

pub async fn by_id(client: &impl GenericClient, id: i64) -> Result<Option<EventRow>, DbError> {
    let row = optional(client, "reading an event", sql!("review/by_id"), &[&id]).await?;
    row.as_ref().map(EventRow::from_row).transpose()
}

/// Makes an actor's other transactions of this kind wait: two undos at once undo two decisions.
pub async fn lock_actor(client: &impl GenericClient, actor: &str) -> Result<(), DbError> {
    one(client, "locking an actor", sql!("review/lock_actor"), &[&actor]).await.map(drop)
}

/// An actor's latest decision that is not undone.
pub async fn latest_decision(client: &impl GenericClient, actor: &str) -> Result<Option<EventRow>, DbError> {
    let row = optional(client, "finding the latest decision", sql!("review/latest_decision"), &[&actor]).await?;
    row.as_ref().map(EventRow::from_row).transpose()
}

pub async fn is_undone(client: &impl GenericClient, event: i64) -> Result<bool, DbError> {
    get(&one(client, "looking for an undo", sql!("review/is_undone"), &[&event]).await?, "exists")
}

/// Whether someone else did something to the clip after an event.
pub async fn someone_went_on(
    client: &impl GenericClient,
    clip_number: i64,
    event: i64,
    actor: &str,
) -> Result<bool, DbError> {
    let params: Params<'_> = &[&clip_number, &event, &actor];
    get(&one(client, "looking for later events", sql!("review/someone_went_on"), params).await?, "exists")
}
