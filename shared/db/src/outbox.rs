//! What has to be started once a transaction has committed. Rows are sent at once by whoever wrote
//! them, and by the sweep when that did not work.

use crate::{
    DbError,
    query::{Params, count, execute, get, json, optional, rows, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    ClipId, VideoId,
    contract::{IngestStart, Publication, PublicationInput},
};
use std::str::FromStr;
use tokio_postgres::Row;

/// Which state machine a row starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxKind {
    StartIngest,
    StartPublish,
}

impl OutboxKind {
    pub const ALL: &'static [Self] = &[Self::StartIngest, Self::StartPublish];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StartIngest => "start_ingest",
            Self::StartPublish => "start_publish",
        }
    }
}

impl FromStr for OutboxKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| text.to_owned())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct OutboxRow {
    pub id: i64,
    pub kind: OutboxKind,
    pub execution_name: String,
    pub payload: serde_json::Value,
    pub tries: u32,
}

impl OutboxRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: get(row, "id")?,
            kind: crate::query::name(row, "kind")?,
            execution_name: get(row, "execution_name")?,
            payload: json(row, "payload")?,
            tries: count(row, "tries")?,
        })
    }
}

pub fn ingest_execution(video: VideoId, attempt: u32) -> String {
    format!("ingest-{video}-{attempt}")
}

pub fn publish_execution(clip: ClipId, version: u32, attempt: u32) -> String {
    format!("publish-{clip}-v{version}-{attempt}")
}

/// Asks for an ingest and returns its execution's name.
pub async fn ask_for_ingest(client: &impl GenericClient, start: IngestStart) -> Result<String, DbError> {
    let name = ingest_execution(start.video, start.attempt);
    let payload = serde_json::json!({ "video": start.video, "attempt": start.attempt });
    insert(client, OutboxKind::StartIngest, &name, &payload).await?;
    Ok(name)
}

/// Asks for a publication and returns its execution's name.
pub async fn ask_for_publication(client: &impl GenericClient, publication: &Publication) -> Result<String, DbError> {
    let name = publish_execution(publication.clip, publication.version, publication.attempt);
    let input = PublicationInput { publication: publication.clone() };
    let payload = serde_json::to_value(&input)
        .map_err(|error| DbError::Unreadable { operation: "asking for a publication", what: error.to_string() })?;
    insert(client, OutboxKind::StartPublish, &name, &payload).await?;
    Ok(name)
}

async fn insert(
    client: &impl GenericClient,
    kind: OutboxKind,
    execution_name: &str,
    payload: &serde_json::Value,
) -> Result<(), DbError> {
    let params: Params<'_> = &[&kind.as_str(), &execution_name, payload];
    execute(client, "writing to the outbox", sql!("outbox/insert"), params).await.map(drop)
}

/// Rows that are not sent, those tried least first.
pub async fn unsent(client: &impl GenericClient, limit: i64) -> Result<Vec<OutboxRow>, DbError> {
    let found = rows(client, "reading the outbox", sql!("outbox/unsent"), &[&limit]).await?;
    found.iter().map(OutboxRow::from_row).collect()
}

/// The row of an execution, unless it is sent.
pub async fn unsent_by_name(client: &impl GenericClient, execution_name: &str) -> Result<Option<OutboxRow>, DbError> {
    let row = optional(client, "reading the outbox", sql!("outbox/by_name"), &[&execution_name]).await?;
    row.as_ref().map(OutboxRow::from_row).transpose()
}

pub async fn mark_sent(client: &impl GenericClient, id: i64) -> Result<(), DbError> {
    execute(client, "marking a row sent", sql!("outbox/mark_sent"), &[&id]).await.map(drop)
}

pub async fn mark_failed(client: &impl GenericClient, id: i64, error: &str) -> Result<(), DbError> {
    execute(client, "marking a row failed", sql!("outbox/mark_failed"), &[&id, &error]).await.map(drop)
}
