//! The start of an ingest: an upload becomes a video once, and an attempt gets one execution.

use crate::{Catalog, CatalogError, go_on, verdict};
use heaters_db::{Work, begin, commit, videos};
use heaters_domain::{
    VideoId, VideoState,
    contract::{CatalogResponse, CatalogVerdict, IngestStart, SourceObject, SourceRole},
    keys, title,
};
use serde::Deserialize;

/// An EventBridge event of S3, as far as it matters.
#[derive(Debug, Deserialize)]
struct UploadEvent {
    detail: UploadDetail,
}

#[derive(Debug, Deserialize)]
struct UploadDetail {
    bucket: Named,
    object: UploadedObject,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

#[derive(Debug, Deserialize)]
struct UploadedObject {
    key: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    etag: String,
    #[serde(default, rename = "version-id")]
    version_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Start {
    Video(IngestStart),
    Upload(UploadEvent),
}

pub(crate) async fn register(
    catalog: &Catalog,
    execution: &str,
    input: serde_json::Value,
) -> Result<CatalogResponse, CatalogError> {
    let text = input.to_string();
    match serde_json::from_value(input) {
        Ok(Start::Video(start)) => register_video(catalog, execution, start).await,
        Ok(Start::Upload(event)) => register_upload(catalog, execution, event.detail).await,
        Err(_) => Err(CatalogError::UnknownStart(text)),
    }
}

async fn register_upload(
    catalog: &Catalog,
    execution: &str,
    upload: UploadDetail,
) -> Result<CatalogResponse, CatalogError> {
    let UploadedObject { key, size, etag, version_id } = upload.object;
    // Consoles make such an object when somebody creates a folder.
    if key.ends_with('/') && size == 0 {
        return Ok(verdict(CatalogVerdict::Duplicate));
    }
    let id = VideoId::generate();
    let new = videos::NewUpload {
        id,
        title: title_of(&key),
        source: SourceObject {
            role: SourceRole::Both,
            bucket: upload.bucket.name,
            key,
            version: version_id.filter(|version| !version.is_empty() && version != "null"),
            size_bytes: size,
        },
        // S3 quotes entity tags in headers and leaves the quotes out in events.
        etag: etag.trim_matches('"').to_owned(),
        execution: execution.to_owned(),
        settings: catalog.settings.clone(),
        prefix: keys::ingest_prefix(id, &catalog.settings),
    };
    let mut session = catalog.database.session().await?;
    let work = begin(&mut session).await?;
    let video = match videos::lock_by_source(&work, &new.source, &new.etag).await? {
        Some(video) => Some(video),
        None => videos::insert_upload(&work, &new).await?,
    };
    let Some(video) = video.filter(|video| video.execution.as_deref() == Some(execution)) else {
        return Ok(verdict(CatalogVerdict::Duplicate));
    };
    let response = start(catalog, &work, &video, execution).await?;
    commit(work).await?;
    Ok(response)
}

async fn register_video(
    catalog: &Catalog,
    execution: &str,
    start_of: IngestStart,
) -> Result<CatalogResponse, CatalogError> {
    let mut session = catalog.database.session().await?;
    let work = begin(&mut session).await?;
    let subject = heaters_domain::Subject::video(start_of.video);
    let video = videos::lock(&work, start_of.video).await?.ok_or(CatalogError::Unknown(subject))?;
    let claimed_by_another = video.execution.as_deref().is_some_and(|owner| owner != execution);
    if video.attempt != start_of.attempt || claimed_by_another {
        return Ok(verdict(CatalogVerdict::Duplicate));
    }
    if !video.state.is_under_way() {
        return Ok(verdict(CatalogVerdict::Withdrawn));
    }
    let response = start(catalog, &work, &video, execution).await?;
    commit(work).await?;
    Ok(response)
}

/// Gives the attempt its execution and says what to do first.
async fn start(
    catalog: &Catalog,
    work: &Work<'_>,
    video: &videos::VideoRow,
    execution: &str,
) -> Result<CatalogResponse, CatalogError> {
    let needs_download = video.sources.is_empty() && video.origin_url.is_some();
    videos::claim(work, video.number, execution).await?;
    if video.state == VideoState::New {
        let next = if needs_download { VideoState::Downloading } else { VideoState::Downloaded };
        videos::set_state(work, video.number, next).await?;
    }
    Ok(CatalogResponse { ingest: Some(video.ingest(&catalog.media_bucket)), needs_download, ..go_on() })
}

/// The file's name without its extension, as the uploader wrote it but for what can't be seen.
fn title_of(key: &str) -> String {
    let name = key.rsplit('/').find(|part| !part.is_empty()).unwrap_or(key);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem });
    match title::tidy(stem) {
        nothing if nothing.is_empty() => "video".to_owned(),
        title => title,
    }
}

#[cfg(test)]
mod tests {
    use super::title_of;

    #[test]
    fn a_title_is_the_files_name_as_written() {
        assert_eq!(title_of("2024/Ünïcode + spaces.v2.MP4"), "Ünïcode + spaces.v2");
        assert_eq!(title_of(".mp4"), ".mp4");
        assert_eq!(title_of("folder/"), "folder");
        assert_eq!(title_of("no extension"), "no extension");
        assert_eq!(title_of("a\u{202e}4pm\n.mp4"), "a 4pm");
        assert_eq!(title_of("\u{202e}.mp4"), "video");
    }
}
