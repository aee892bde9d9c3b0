//! The approved versions of clips and how far they are published.

use crate::{
    DbError,
    query::{Params, as_json, count, execute, get, json, one, optional, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::contract::{ExportOutput, Publication};
use tokio_postgres::Row;

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

pub async fn create(client: &impl GenericClient, clip_number: i64, publication: &Publication) -> Result<(), DbError> {
    let params: Params<'_> = &[&clip_number, &(publication.version as i32), &as_json(publication)];
    execute(client, "creating a publication", sql!("publications/create"), params).await.map(drop)
}

pub async fn get_version(
    client: &impl GenericClient,
    clip_number: i64,
    version: u32,
) -> Result<Option<PublicationRow>, DbError> {
    let params: Params<'_> = &[&clip_number, &(version as i32)];
    let row = optional(client, "reading a publication", sql!("publications/get"), params).await?;
    row.as_ref().map(PublicationRow::from_row).transpose()
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

/// Marks the clip's active publication withdrawn and takes it out of the search.
pub async fn withdraw(client: &impl GenericClient, clip_number: i64) -> Result<(), DbError> {
    execute(client, "withdrawing a publication", sql!("publications/withdraw"), &[&clip_number]).await?;
    execute(client, "taking vectors out", sql!("search/remove_embeddings"), &[&clip_number]).await.map(drop)
}

/// Begins another attempt of an active publication and returns it.
pub async fn restart(client: &impl GenericClient, clip_number: i64, version: u32) -> Result<PublicationRow, DbError> {
    let params: Params<'_> = &[&clip_number, &(version as i32)];
    PublicationRow::from_row(&one(client, "publishing again", sql!("publications/restart"), params).await?)
}
