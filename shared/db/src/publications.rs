//! The approved versions of clips and how far they are published.

use crate::{
    DbError,
    query::{Params, as_json, count, execute, find, get, json, one, rows, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    ClipId,
    contract::{ExportOutput, Publication},
};
use tokio_postgres::Row;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct PublicationRow {
    pub clip_number: i64,
    pub version: u32,
    pub attempt: u32,
    /// Whether the approval stands.
    pub active: bool,
    /// As the current attempt's execution is given it.
    pub payload: Publication,
    pub export_key: Option<String>,
}

impl PublicationRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            clip_number: get(row, "clip_number")?,
            version: count(row, "version")?,
            attempt: count(row, "attempt")?,
            active: get::<&str>(row, "state")? == "active",
            payload: json(row, "payload")?,
            export_key: get(row, "export_key")?,
        })
    }
}

/// Makes the versions known that go out.
pub async fn create(client: &impl GenericClient, publications: &[Publication]) -> Result<(), DbError> {
    let clips: Vec<Uuid> = publications.iter().map(|publication| publication.clip.0).collect();
    let versions: Vec<i32> = publications.iter().map(|publication| publication.version as i32).collect();
    let payloads: Vec<_> = publications.iter().map(as_json).collect();
    let params: Params<'_> = &[&clips, &versions, &payloads];
    execute(client, "creating publications", sql!("publications/create_many"), params).await.map(drop)
}

pub async fn get_version(
    client: &impl GenericClient,
    clip_number: i64,
    version: u32,
) -> Result<Option<PublicationRow>, DbError> {
    let params: Params<'_> = &[&clip_number, &(version as i32)];
    find(client, "reading a publication", sql!("publications/get"), params, PublicationRow::from_row).await
}

pub async fn store_export(
    client: &impl GenericClient,
    clip_number: i64,
    version: u32,
    export: &ExportOutput,
) -> Result<(), DbError> {
    let params: Params<'_> = &[
        &clip_number,
        &(version as i32),
        &export.key,
        &(export.frames as i32),
        &(export.size_bytes as i64),
        &export.sha256,
    ];
    execute(client, "storing an export", sql!("publications/store_export"), params).await.map(drop)
}

pub async fn mark_published(client: &impl GenericClient, clip_number: i64, version: u32) -> Result<(), DbError> {
    let params: Params<'_> = &[&clip_number, &(version as i32)];
    execute(client, "noting a publication", sql!("publications/mark_published"), params).await.map(drop)
}

/// A publication that does not count any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawn {
    pub clip: ClipId,
    pub version: u32,
    /// The latest attempt.
    pub attempt: u32,
    /// Whether it was out already, so that nothing is at work on it.
    pub was_published: bool,
}

/// Marks the clips' active publications withdrawn, or superseded where an edit is the reason, and takes them out
/// of the search. What they made stays where it is.
pub async fn withdraw(client: &impl GenericClient, clips: &[(ClipId, bool)]) -> Result<Vec<Withdrawn>, DbError> {
    let state = |superseded: bool| if superseded { "superseded" } else { "withdrawn" };
    let (ids, states): (Vec<Uuid>, Vec<&str>) = clips.iter().map(|(clip, by_edit)| (clip.0, state(*by_edit))).unzip();
    let found = rows(client, "withdrawing publications", sql!("publications/withdraw"), &[&ids, &states]).await?;
    execute(client, "taking vectors out", sql!("search/remove_embeddings"), &[&ids]).await?;
    let withdrawn = |row: &Row| {
        Ok(Withdrawn {
            clip: ClipId(get(row, "id")?),
            version: count(row, "version")?,
            attempt: count(row, "attempt")?,
            was_published: get(row, "is_published")?,
        })
    };
    found.iter().map(withdrawn).collect()
}

/// Begins another attempt of an active publication and returns it.
pub async fn restart(client: &impl GenericClient, clip_number: i64, version: u32) -> Result<PublicationRow, DbError> {
    let params: Params<'_> = &[&clip_number, &(version as i32)];
    PublicationRow::from_row(&one(client, "publishing again", sql!("publications/restart"), params).await?)
}
