//! Uploads videos as any uploader would, and waits for them.

use crate::{
    access::Access,
    api::{Api, Video},
    output::{byte_bar, is_terminal, stage_bar},
};
use anyhow::{Context, bail};
use aws_sdk_s3::{
    Client,
    primitives::{ByteStream, Length},
    types::{CompletedMultipartUpload, CompletedPart},
};
use heaters_domain::VideoState;
use indicatif::{MultiProgress, ProgressBar};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};
use time::OffsetDateTime;

/// Larger files go up in parts of this size, so that the bar moves and a fault costs one part only.
const PART_BYTES: u64 = 16 * 1024 * 1024;
const POLL: Duration = Duration::from_millis(700);
/// After this time without a video people are told why nothing moves.
const UNKNOWN_FOR: Duration = Duration::from_secs(20);

/// A file that exists, and the object key it gets: its name, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    path: PathBuf,
    key: String,
    size_bytes: u64,
}

/// An upload, by which its video is found.
#[derive(Debug, Clone)]
struct Upload {
    key: String,
    version: Option<String>,
    begun_at: OffsetDateTime,
}

/// Checks all files before any is uploaded.
pub fn check(files: &[String]) -> anyhow::Result<Vec<Source>> {
    files.iter().map(|file| check_one(file)).collect()
}

fn check_one(file: &str) -> anyhow::Result<Source> {
    if file.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(char::is_alphanumeric)) {
        bail!("Submitting a URL is not possible yet: download the file and ingest it.");
    }
    let path = PathBuf::from(file);
    let found = std::fs::metadata(&path).with_context(|| format!("{file} can't be read"))?;
    if !found.is_file() {
        bail!("{file} is not a file.");
    }
    let Some(key) = path.file_name().and_then(|name| name.to_str()) else {
        bail!("The name of {} is not valid Unicode. Rename it.", path.display());
    };
    Ok(Source { key: key.to_owned(), size_bytes: found.len(), path })
}

pub async fn run(access: &Access, sources: &[Source], wait: bool) -> anyhow::Result<ExitCode> {
    let s3 = access.s3();
    let mut uploads = Vec::new();
    for source in sources {
        uploads.push(upload(&s3, &access.upload_bucket, source).await?);
        println!("Uploaded {}", source.key);
    }
    if !wait {
        println!("Follow it on {}", access.site_url);
        return Ok(ExitCode::SUCCESS);
    }
    wait_for(access, &uploads).await
}

async fn upload(s3: &Client, bucket: &str, source: &Source) -> anyhow::Result<Upload> {
    // The database's clock may differ a little from this one.
    let begun_at = OffsetDateTime::now_utc() - time::Duration::seconds(2);
    let bar = byte_bar(&source.key, source.size_bytes);
    let version = if source.size_bytes <= PART_BYTES {
        let body = ByteStream::from_path(&source.path).await?;
        s3.put_object()
            .bucket(bucket)
            .key(&source.key)
            .body(body)
            .send()
            .await
            .map(|done| done.version_id)
            .with_context(|| format!("{} could not be uploaded", source.key))?
    } else {
        upload_parts(s3, bucket, source, &bar).await?
    };
    bar.finish_and_clear();
    Ok(Upload { key: source.key.clone(), version, begun_at })
}

async fn upload_parts(s3: &Client, bucket: &str, source: &Source, bar: &ProgressBar) -> anyhow::Result<Option<String>> {
    let failed = || format!("{} could not be uploaded", source.key);
    let begun = s3.create_multipart_upload().bucket(bucket).key(&source.key).send().await.with_context(failed)?;
    let id = begun.upload_id.with_context(failed)?;
    let parts = match send_parts(s3, bucket, source, &id, bar).await {
        Ok(parts) => CompletedMultipartUpload::builder().set_parts(Some(parts)).build(),
        Err(error) => {
            // Unfinished parts cost storage; the bucket's lifecycle rule is the safety net.
            let _ = s3.abort_multipart_upload().bucket(bucket).key(&source.key).upload_id(id).send().await;
            return Err(error).with_context(failed);
        }
    };
    let call = s3.complete_multipart_upload().bucket(bucket).key(&source.key).upload_id(id);
    Ok(call.multipart_upload(parts).send().await.with_context(failed)?.version_id)
}

async fn send_parts(
    s3: &Client,
    bucket: &str,
    source: &Source,
    id: &str,
    bar: &ProgressBar,
) -> anyhow::Result<Vec<CompletedPart>> {
    // S3 takes 10,000 parts at most.
    let part_bytes = PART_BYTES.max(source.size_bytes.div_ceil(10_000));
    let mut parts = Vec::new();
    for offset in (0..source.size_bytes).step_by(part_bytes as usize) {
        let length = part_bytes.min(source.size_bytes - offset);
        let number = parts.len() as i32 + 1;
        let call = s3.upload_part().bucket(bucket).key(&source.key).upload_id(id).part_number(number);
        let done = call.body(piece(&source.path, offset, length).await?).send().await?;
        parts.push(CompletedPart::builder().part_number(number).set_e_tag(done.e_tag).build());
        bar.inc(length);
    }
    Ok(parts)
}

async fn piece(path: &Path, offset: u64, length: u64) -> anyhow::Result<ByteStream> {
    Ok(ByteStream::read_from().path(path).offset(offset).length(Length::Exact(length)).build().await?)
}

/// Follows all uploads until each is ready or failed.
async fn wait_for(access: &Access, uploads: &[Upload]) -> anyhow::Result<ExitCode> {
    let api = Api::new(access)?;
    let bars = MultiProgress::new();
    let mut patience = Some(Instant::now());
    let mut open: Vec<_> =
        uploads.iter().map(|upload| (upload, bars.add(stage_bar(&upload.key)), String::new())).collect();
    let mut ready = Vec::new();
    let mut failed = Vec::new();
    while !open.is_empty() {
        let videos = api.videos().await?;
        open.retain_mut(|(upload, bar, said)| {
            let Some(video) = find(&videos, upload) else { return true };
            show(bar, said, video);
            if video.state != VideoState::Ready && !video.state.can_retry() && video.state != VideoState::Deleted {
                return true;
            }
            bar.finish_and_clear();
            if video.state == VideoState::Ready { &mut ready } else { &mut failed }.push(video.clone());
            false
        });
        if patience.is_some_and(|since| since.elapsed() > UNKNOWN_FOR) {
            patience = None;
            for (upload, ..) in open.iter().filter(|(upload, ..)| find(&videos, upload).is_none()) {
                eprintln!("{} is uploaded but not registered yet; a sweep finds it within minutes.", upload.key);
            }
        }
        if !open.is_empty() {
            tokio::time::sleep(POLL).await;
        }
    }
    Ok(report(access, &ready, &failed))
}

fn show(bar: &ProgressBar, said: &mut String, video: &Video) {
    bar.set_position(video.progress.into());
    let stage = video.state.as_str().replace('_', " ");
    bar.set_message(stage.clone());
    if !is_terminal() && *said != stage {
        eprintln!("{}: {stage} ({} %)", video.title, video.progress);
        *said = stage;
    }
}

fn report(access: &Access, ready: &[Video], failed: &[Video]) -> ExitCode {
    for video in ready {
        let pending = video.clips.get("pending_review").copied().unwrap_or_default();
        let clips = if pending == 1 { "clip waits" } else { "clips wait" };
        println!("{} is ready: {pending} {clips} for review.", video.title);
    }
    if !ready.is_empty() {
        println!("Review them: {}", access.page("review.html"));
    }
    for video in failed {
        let sentence = video.failure.as_ref().map_or("It was stopped.", |failure| failure.sentence.as_str());
        eprintln!("{} failed: {sentence} Try again with `heaters retry {}`.", video.title, video.id);
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The upload's video. The version names it; where the API does not tell it, the name and time do.
fn find<'a>(videos: &'a [Video], upload: &Upload) -> Option<&'a Video> {
    let by_version = videos.iter().find(|video| {
        upload.version.is_some()
            && video.source_version == upload.version
            && video.source_key.as_deref() == Some(&upload.key)
    });
    by_version.or_else(|| {
        let stem = upload.key.rsplit_once('.').map_or(upload.key.as_str(), |(stem, _)| stem);
        videos.iter().find(|video| {
            let named =
                video.source_key.as_deref() == Some(&upload.key) || video.title == upload.key || video.title == stem;
            video.source_version.is_none() && named && video.created_at >= upload.begun_at
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn video(title: &str, key: Option<&str>, version: Option<&str>, created_at: &str) -> Video {
        serde_json::from_value(json!({
            "id": title, "title": title, "state": "ready", "progress": 100, "failure": null, "frames": null, "fps": null,
            "duration_seconds": null, "clips": {}, "created_at": created_at, "stages": [],
            "source_key": key, "source_version": version,
        }))
        .unwrap()
    }

    fn upload(key: &str, version: Option<&str>) -> Upload {
        let begun_at = time::macros::datetime!(2026-01-02 00:00 UTC);
        Upload { key: key.to_owned(), version: version.map(str::to_owned), begun_at }
    }

    #[test]
    fn an_address_is_refused_in_one_sentence() {
        let error = check(&["https://example.org/a.mp4".to_owned()]).unwrap_err();
        assert_eq!(error.to_string(), "Submitting a URL is not possible yet: download the file and ingest it.");
    }

    #[test]
    fn a_missing_file_is_named_and_a_name_is_kept_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Ümlaut + space.MP4");
        assert!(
            check(&[path.display().to_string()]).unwrap_err().to_string().contains("Ümlaut + space.MP4 can't be read")
        );
        std::fs::write(&path, "x").unwrap();
        assert_eq!(check(&[path.display().to_string()]).unwrap()[0].key, "Ümlaut + space.MP4");
        assert!(check(&[folder.path().display().to_string()]).is_err(), "a folder is not a file");
    }

    #[test]
    fn the_version_tells_two_files_of_one_name_apart() {
        let videos = [
            video("a", Some("a.mp4"), Some("1"), "2026-01-02T00:00:01Z"),
            video("a2", Some("a.mp4"), Some("2"), "2026-01-02T00:00:02Z"),
        ];
        assert_eq!(find(&videos, &upload("a.mp4", Some("2"))).unwrap().id, "a2");
        assert!(find(&videos, &upload("a.mp4", Some("3"))).is_none());
    }

    #[test]
    fn without_versions_name_and_time_tell() {
        let videos =
            [video("a", None, None, "2026-01-01T00:00:00Z"), video("a.mp4", None, None, "2026-01-02T00:00:05Z")];
        assert_eq!(find(&videos, &upload("a.mp4", Some("2"))).unwrap().id, "a.mp4");
    }
}
