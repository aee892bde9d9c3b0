//! Videos: the rows that everything else hangs on.

use crate::{
    DbError,
    query::{Params, as_json, count, execute, find, get, json, maybe_count, maybe_json, name, one, rows, sql},
    urls::UrlFacts,
};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    ClipState, Failure, Rational, VideoId, VideoState,
    contract::{AssembleOutput, Ingest, SourceMedia, SourceObject},
    download::UrlOrigin,
    settings::{IngestSettings, SceneSettings},
    video::RESTORABLE_DAYS,
};
use std::collections::{BTreeMap, HashMap};
use time::OffsetDateTime;
use tokio_postgres::Row;

#[derive(Debug, Clone, PartialEq)]
pub struct VideoRow {
    /// The internal number; it never leaves the functions.
    pub number: i32,
    pub id: VideoId,
    pub title: String,
    pub state: VideoState,
    pub origin_url: Option<String>,
    pub sources: Vec<SourceObject>,
    pub attempt: u32,
    /// The ARN of the execution that owns the current attempt, once it has registered.
    pub execution: Option<String>,
    pub settings: IngestSettings,
    pub prefix: String,
    pub failure: Option<Failure>,
    pub chunks_expected: Option<u32>,
    pub frames: Option<u32>,
    pub fps: Option<Rational>,
    pub duration_seconds: Option<f64>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub has_sound: Option<bool>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
    pub original_archived_at: Option<OffsetDateTime>,
    /// When it was first ready, if it ever was.
    pub ready_at: Option<OffsetDateTime>,
    pub deleted_at: Option<OffsetDateTime>,
    pub purged_at: Option<OffsetDateTime>,
    /// Counts the edits of the cuts.
    pub edit_version: u32,
    /// The settings of the latest detection that stands.
    pub scenes: SceneSettings,
    pub source_digest: Option<String>,
    pub url: UrlFacts,
}

impl VideoRow {
    pub(crate) fn from_row(row: &Row) -> Result<Self, DbError> {
        let settings: IngestSettings = json(row, "settings")?;
        let scenes = maybe_json(row, "redetected_with")?.unwrap_or(settings.scenes);
        Ok(Self {
            number: get(row, "number")?,
            id: VideoId(get(row, "id")?),
            title: get(row, "title")?,
            state: name(row, "state")?,
            origin_url: get(row, "origin_url")?,
            sources: json(row, "sources")?,
            attempt: count(row, "attempt")?,
            execution: get(row, "execution")?,
            settings,
            prefix: get(row, "prefix")?,
            failure: maybe_json(row, "failure")?,
            chunks_expected: maybe_count(row, "chunks_expected")?,
            frames: maybe_count(row, "frames")?,
            fps: fps(row)?,
            duration_seconds: get(row, "duration_seconds")?,
            width: maybe_count(row, "width")?,
            height: maybe_count(row, "height")?,
            has_sound: get(row, "has_sound")?,
            created_at: get(row, "created_at")?,
            updated_at: get(row, "updated_at")?,
            original_archived_at: get(row, "original_archived_at")?,
            ready_at: get(row, "ready_at")?,
            deleted_at: get(row, "deleted_at")?,
            purged_at: get(row, "purged_at")?,
            edit_version: count(row, "edit_version")?,
            scenes,
            source_digest: get(row, "source_digest")?,
            url: UrlFacts::from_row(row)?,
        })
    }

    /// What the functions of the ingest are given for the current attempt.
    pub fn ingest(&self, bucket: &str) -> Ingest {
        Ingest {
            video: self.id,
            attempt: self.attempt,
            source: self.sources.clone(),
            url: self.origin_url.clone().map(|url| UrlOrigin { url, in_playlist: self.url.in_playlist }),
            settings: self.settings.clone(),
            bucket: bucket.to_owned(),
            prefix: self.prefix.clone(),
        }
    }
}

pub(crate) fn fps(row: &Row) -> Result<Option<Rational>, DbError> {
    let parts = maybe_count(row, "fps_num")?.zip(maybe_count(row, "fps_den")?);
    Ok(parts.and_then(|(num, den)| Rational::new(num, den)))
}

/// A video as an upload makes it.
#[derive(Debug, Clone)]
pub struct NewUpload {
    pub id: VideoId,
    pub title: String,
    pub source: SourceObject,
    pub etag: String,
    /// The ARN of the execution that registers it.
    pub execution: String,
    pub settings: IngestSettings,
    pub prefix: String,
}

/// Inserts a video in state `new`; `None` when the same upload is known already.
pub async fn insert_upload(client: &impl GenericClient, new: &NewUpload) -> Result<Option<VideoRow>, DbError> {
    let version = new.source.version.as_deref().unwrap_or_default();
    let sources = [&new.source];
    find(
        client,
        "inserting a video",
        sql!("videos/insert_upload"),
        &[
            &new.id.0,
            &new.title,
            &new.source.bucket,
            &new.source.key,
            &version,
            &new.etag,
            &as_json(&sources),
            &new.execution,
            &as_json(&new.settings),
            &new.prefix,
        ],
        VideoRow::from_row,
    )
    .await
}

/// Locks the video that an upload made, if it made one; until the transaction ends nobody else registers
/// the same upload.
pub async fn lock_by_source(
    client: &impl GenericClient,
    source: &SourceObject,
    etag: &str,
) -> Result<Option<VideoRow>, DbError> {
    let version = source.version.as_deref().unwrap_or_default();
    let locked: Params<'_> = &[&source.bucket, &source.key, &etag];
    rows(client, "locking an upload", sql!("videos/lock_upload"), locked).await?;
    let sql = sql!("videos/lock_by_source");
    let params: Params<'_> = &[&source.bucket, &source.key, &version, &etag];
    find(client, "finding an upload's video", sql, params, VideoRow::from_row).await
}

pub async fn by_id(client: &impl GenericClient, id: VideoId) -> Result<Option<VideoRow>, DbError> {
    find(client, "reading a video", sql!("videos/by_id"), &[&id.0], VideoRow::from_row).await
}

/// Locks a video until the transaction ends.
pub async fn lock(client: &impl GenericClient, id: VideoId) -> Result<Option<VideoRow>, DbError> {
    find(client, "locking a video", sql!("videos/lock"), &[&id.0], VideoRow::from_row).await
}

/// As [`lock`], by the internal number.
pub async fn lock_by_number(client: &impl GenericClient, number: i32) -> Result<Option<VideoRow>, DbError> {
    find(client, "locking a video", sql!("videos/lock_by_number"), &[&number], VideoRow::from_row).await
}

/// Locks the video of a clip, which comes before locking the clip.
pub async fn lock_of_clip(
    client: &impl GenericClient,
    clip: heaters_domain::ClipId,
) -> Result<Option<VideoRow>, DbError> {
    find(client, "locking a clip's video", sql!("videos/lock_of_clip"), &[&clip.0], VideoRow::from_row).await
}

/// Which videos a list has.
#[derive(Debug, Clone, Default)]
pub struct Listed<'a> {
    /// Those that are deleted and can be restored, instead of the others.
    pub deleted: bool,
    /// A part of the title or of the uploaded object's key, in any case.
    pub text: Option<&'a str>,
}

/// Videos, youngest first, from below one of them.
pub async fn page(
    client: &impl GenericClient,
    listed: &Listed<'_>,
    below: Option<VideoId>,
    limit: i64,
) -> Result<Vec<VideoRow>, DbError> {
    let text = listed.text.map(|text| format!("%{}%", escaped(text)));
    let days = RESTORABLE_DAYS.cast_signed();
    let params: Params<'_> = &[&below.map(|id| id.0), &limit, &listed.deleted, &text, &days];
    let found = rows(client, "listing videos", sql!("videos/page"), params).await?;
    found.iter().map(VideoRow::from_row).collect()
}

/// A text that LIKE takes as it is.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

pub async fn set_state(client: &impl GenericClient, number: i32, state: VideoState) -> Result<(), DbError> {
    execute(client, "moving a video", sql!("videos/set_state"), &[&number, &state.as_str()]).await.map(drop)
}

/// Names the execution that owns the current attempt.
pub async fn claim(client: &impl GenericClient, number: i32, execution: &str) -> Result<(), DbError> {
    execute(client, "claiming a video", sql!("videos/claim"), &[&number, &execution]).await.map(drop)
}

pub async fn store_sources(client: &impl GenericClient, number: i32, sources: &[SourceObject]) -> Result<(), DbError> {
    execute(client, "storing sources", sql!("videos/store_sources"), &[&number, &as_json(&sources)]).await.map(drop)
}

/// Stores what probe found out.
pub async fn store_media(
    client: &impl GenericClient,
    number: i32,
    chunks: u32,
    media: &SourceMedia,
) -> Result<(), DbError> {
    execute(
        client,
        "storing a source's facts",
        sql!("videos/store_media"),
        &[
            &number,
            &(chunks as i32),
            &media.fps.map(|fps| fps.num as i32),
            &media.fps.map(|fps| fps.den as i32),
            &(media.time_base.num as i32),
            &(media.time_base.den as i32),
            &media.duration_seconds,
            &(media.width as i32),
            &(media.height as i32),
            &media.has_sound,
        ],
    )
    .await
    .map(drop)
}

/// Stores what the assembled proxy is like.
pub async fn store_assembled(client: &impl GenericClient, number: i32, proxy: &AssembleOutput) -> Result<(), DbError> {
    execute(
        client,
        "storing a proxy's facts",
        sql!("videos/store_assembled"),
        &[
            &number,
            &(proxy.frames as i32),
            &(proxy.fps.num as i32),
            &(proxy.fps.den as i32),
            &proxy.duration_seconds,
            &(proxy.width as i32),
            &(proxy.height as i32),
            &proxy.has_sound,
        ],
    )
    .await
    .map(drop)
}

pub async fn fail(
    client: &impl GenericClient,
    number: i32,
    state: VideoState,
    failure: &Failure,
) -> Result<(), DbError> {
    let params: Params<'_> = &[&number, &state.as_str(), &as_json(failure)];
    execute(client, "failing a video", sql!("videos/fail"), params).await.map(drop)
}

/// Puts a failed or cancelled video back to `new` and returns the new attempt's number.
pub async fn restart(client: &impl GenericClient, number: i32) -> Result<u32, DbError> {
    count(&one(client, "restarting a video", sql!("videos/restart"), &[&number]).await?, "attempt")
}

/// Videos under way that nothing has moved for a while and whose start is sent.
pub async fn stalled(client: &impl GenericClient, idle_seconds: f64, limit: i64) -> Result<Vec<VideoRow>, DbError> {
    let states: Vec<&str> =
        VideoState::ALL.iter().filter(|state| state.is_under_way()).map(|state| state.as_str()).collect();
    let found =
        rows(client, "finding stalled videos", sql!("videos/stalled"), &[&states, &idle_seconds, &limit]).await?;
    found.iter().map(VideoRow::from_row).collect()
}

/// Notes that the original has moved to the archive.
pub async fn mark_archived(client: &impl GenericClient, number: i32) -> Result<(), DbError> {
    execute(client, "noting an archived original", sql!("videos/mark_archived"), &[&number]).await.map(drop)
}

/// The keys and versions, out of these keys, that some video was made of; "" where there is no version.
pub async fn known_uploads(
    client: &impl GenericClient,
    bucket: &str,
    keys: &[&str],
) -> Result<Vec<(String, String)>, DbError> {
    let found = rows(client, "looking uploads up", sql!("videos/known_uploads"), &[&bucket, &keys]).await?;
    found.iter().map(|row| Ok((get(row, "source_key")?, get(row, "source_version")?))).collect()
}

/// How many clips of each video are in which state.
pub async fn clip_counts(
    client: &impl GenericClient,
    numbers: &[i32],
) -> Result<HashMap<i32, BTreeMap<ClipState, u32>>, DbError> {
    let mut counts: HashMap<i32, BTreeMap<ClipState, u32>> = HashMap::new();
    for row in &rows(client, "counting clips", sql!("videos/clip_counts"), &[&numbers]).await? {
        let of_video = counts.entry(get(row, "video_number")?).or_default();
        of_video.insert(name(row, "state")?, get::<i64>(row, "count")? as u32);
    }
    Ok(counts)
}
