//! What has to be started once a transaction has committed. Rows are sent at once by whoever wrote
//! them, and by the sweep when that did not work.

use crate::{
    DbError,
    publications::Withdrawn,
    query::{Params, count, execute, get, json, rows, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    ClipId, VideoId,
    contract::{IngestStart, Publication, PublicationInput},
};
use std::str::FromStr;
use tokio_postgres::Row;

/// What a row starts or stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxKind {
    StartIngest,
    StartPublish,
    StopPublish,
}

impl OutboxKind {
    pub const ALL: &'static [Self] = &[Self::StartIngest, Self::StartPublish, Self::StopPublish];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StartIngest => "start_ingest",
            Self::StartPublish => "start_publish",
            Self::StopPublish => "stop_publish",
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

impl OutboxRow {
    /// The execution that the row asks to stop.
    pub fn stopped_execution(&self) -> &str {
        self.payload.get("execution").and_then(serde_json::Value::as_str).unwrap_or_default()
    }
}

/// Why an execution is stopped, as its history says.
pub const WITHDRAWN: &str = "the approval was taken back or the clip was edited";

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
    insert(client, OutboxKind::StartIngest, &[(name.clone(), payload)]).await?;
    Ok(name)
}

/// Asks for publications and returns the names of their executions.
pub async fn ask_for_publications(
    client: &impl GenericClient,
    publications: &[Publication],
) -> Result<Vec<String>, DbError> {
    let row = |publication: &Publication| {
        let name = publish_execution(publication.clip, publication.version, publication.attempt);
        let payload = serde_json::to_value(PublicationInput { publication: publication.clone() });
        let unreadable = |error: serde_json::Error| DbError::Unreadable { operation: ASKING, what: error.to_string() };
        Ok((name, payload.map_err(unreadable)?))
    };
    let asked = publications.iter().map(row).collect::<Result<Vec<_>, DbError>>()?;
    insert(client, OutboxKind::StartPublish, &asked).await?;
    Ok(asked.into_iter().map(|(name, _)| name).collect())
}

const ASKING: &str = "asking for a publication";

/// Calls off what withdrawn publications asked for: a start that is not sent will not be; an execution that may
/// be at work is asked to stop. Returns the names of the rows that do so. One that starts all the same, since
/// it was being sent just then, is told by the catalog that the approval does not stand.
pub async fn call_off(client: &impl GenericClient, withdrawn: &[Withdrawn]) -> Result<Vec<String>, DbError> {
    let running = withdrawn.iter().filter(|publication| !publication.was_published);
    let names: Vec<String> = running
        .map(|publication| publish_execution(publication.clip, publication.version, publication.attempt))
        .collect();
    let found = rows(client, "calling off a start", sql!("outbox/cancel"), &[&names]).await?;
    let cancelled = found.iter().map(|row| get(row, "execution_name")).collect::<Result<Vec<String>, DbError>>()?;
    let stop = |name: &String| (format!("stop-{name}"), serde_json::json!({ "execution": name }));
    let stops: Vec<_> = names.iter().filter(|name| !cancelled.contains(name)).map(stop).collect();
    insert(client, OutboxKind::StopPublish, &stops).await?;
    Ok(stops.into_iter().map(|(name, _)| name).collect())
}

async fn insert(
    client: &impl GenericClient,
    kind: OutboxKind,
    asked: &[(String, serde_json::Value)],
) -> Result<(), DbError> {
    let kinds = vec![kind.as_str(); asked.len()];
    let (names, payloads): (Vec<&str>, Vec<&serde_json::Value>) =
        asked.iter().map(|(name, payload)| (name.as_str(), payload)).unzip();
    let params: Params<'_> = &[&kinds, &names, &payloads];
    execute(client, "writing to the outbox", sql!("outbox/insert"), params).await.map(drop)
}

/// Rows that are not sent, those tried least first.
pub async fn unsent(client: &impl GenericClient, limit: i64) -> Result<Vec<OutboxRow>, DbError> {
    let found = rows(client, "reading the outbox", sql!("outbox/unsent"), &[&limit]).await?;
    found.iter().map(OutboxRow::from_row).collect()
}

/// Those rows of these names that are not sent.
pub async fn unsent_by_name(client: &impl GenericClient, names: &[String]) -> Result<Vec<OutboxRow>, DbError> {
    let found = rows(client, "reading the outbox", sql!("outbox/by_name"), &[&names]).await?;
    found.iter().map(OutboxRow::from_row).collect()
}

pub async fn mark_sent(client: &impl GenericClient, id: i64) -> Result<(), DbError> {
    execute(client, "marking a row sent", sql!("outbox/mark_sent"), &[&id]).await.map(drop)
}

pub async fn mark_failed(client: &impl GenericClient, id: i64, error: &str) -> Result<(), DbError> {
    execute(client, "marking a row failed", sql!("outbox/mark_failed"), &[&id, &error]).await.map(drop)
}
