//! Videos that come from URLs.

use crate::{
    DbError,
    query::{Params, as_json, execute, find, get, one, rows, sql},
    videos::VideoRow,
};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    VideoId,
    contract::SourceObject,
    download::{DownloadOutput, UrlOrigin},
    settings::IngestSettings,
};
use time::OffsetDateTime;
use tokio_postgres::Row;

/// What a row says about a video's URL beyond the URL itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UrlFacts {
    pub site: Option<String>,
    pub published_at: Option<OffsetDateTime>,
    pub format: Option<String>,
    /// The subject of whoever submitted it.
    pub submitted_by: Option<String>,
    /// Asked for in spite of the same video being there.
    pub anyway: bool,
    pub in_playlist: bool,
    /// The video with the same bytes.
    pub duplicate_of: Option<VideoId>,
}

impl UrlFacts {
    pub(crate) fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            site: get(row, "site")?,
            published_at: get(row, "published_at")?,
            format: get(row, "source_format")?,
            submitted_by: get(row, "submitted_by")?,
            anyway: get(row, "anyway")?,
            in_playlist: get(row, "in_playlist")?,
            duplicate_of: get::<Option<_>>(row, "duplicate_of")?.map(VideoId),
        })
    }
}

/// A video as a submitted URL makes it.
#[derive(Debug, Clone)]
pub struct NewUrl {
    pub id: VideoId,
    pub title: String,
    pub origin: UrlOrigin,
    /// See [`heaters_domain::egress::url_key`].
    pub key: String,
    pub submitted_by: Option<String>,
    pub anyway: bool,
    pub settings: IngestSettings,
    pub prefix: String,
}

/// Keeps others from submitting what has the same key, until the transaction ends.
pub async fn lock_key(client: &impl GenericClient, key: &str) -> Result<(), DbError> {
    rows(client, "locking a URL", sql!("urls/lock_key"), &[&key]).await.map(drop)
}

/// Inserts a video in state `new`.
pub async fn insert(client: &impl GenericClient, new: &NewUrl) -> Result<(), DbError> {
    let params: Params<'_> = &[
        &new.id.0,
        &new.title,
        &new.origin.url,
        &new.key,
        &new.submitted_by,
        &new.anyway,
        &new.origin.in_playlist,
        &as_json(&new.settings),
        &new.prefix,
    ];
    execute(client, "inserting a video", sql!("urls/insert"), params).await.map(drop)
}

/// The oldest video of the same URL that has not failed.
pub async fn by_key(client: &impl GenericClient, key: &str) -> Result<Option<VideoRow>, DbError> {
    find(client, "looking a URL up", sql!("urls/by_key"), &[&key], VideoRow::from_row).await
}

/// How many URLs somebody has submitted within the last seconds.
pub async fn submitted_within(client: &impl GenericClient, subject: &str, seconds: f64) -> Result<u64, DbError> {
    let params: Params<'_> = &[&subject, &seconds];
    let row = one(client, "counting submitted URLs", sql!("urls/submitted_since"), params).await?;
    Ok(get::<i64>(&row, "count")? as u64)
}

/// Stores what the download found out. The title stays where the site gives none.
pub async fn store_facts(client: &impl GenericClient, number: i32, output: &DownloadOutput) -> Result<(), DbError> {
    let facts = &output.facts;
    let params: Params<'_> = &[
        &number,
        &facts.title,
        &facts.site,
        &facts.published_at,
        &facts.format,
        &output.digest,
        &facts.duration_seconds,
    ];
    execute(client, "storing a download's facts", sql!("urls/store_facts"), params).await.map(drop)
}

/// Videos that have the same bytes, and uploads that have as many, oldest first.
pub async fn same_bytes(
    client: &impl GenericClient,
    number: i32,
    digest: Option<&str>,
    sources: &[SourceObject],
) -> Result<Vec<VideoRow>, DbError> {
    // Uploads are one object.
    let size: Option<i64> = match sources {
        [one] => Some(one.size_bytes as i64),
        _ => None,
    };
    let found = rows(client, "finding equal videos", sql!("urls/same_bytes"), &[&number, &digest, &size]).await?;
    found.iter().map(VideoRow::from_row).collect()
}

pub async fn set_duplicate(client: &impl GenericClient, number: i32, of: VideoId) -> Result<(), DbError> {
    execute(client, "noting a duplicate", sql!("urls/set_duplicate"), &[&number, &of.0]).await.map(drop)
}
