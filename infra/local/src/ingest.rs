//! Uploads videos as any uploader would, submits addresses, and waits for all of them.

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
use heaters_domain::{VideoState, download::DownloadProgress};
use indicatif::{MultiProgress, ProgressBar};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};
use time::OffsetDateTime;

/// Larger files go up in parts of this size, so that the bar moves and a fault costs one part only.
const PART_BYTES: u64 = 16 * 1024 * 1024;
/// What the API takes in one request.
const URLS_AT_ONCE: usize = 50;
const POLL: Duration = Duration::from_millis(700);
/// After this time without a video people are told why nothing moves.
const UNKNOWN_FOR: Duration = Duration::from_secs(20);

/// What is to be ingested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    File(LocalFile),
    /// A web address, which the API checks.
    Url(String),
}

/// A file that exists, and the object key it gets: its name, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    path: PathBuf,
    key: String,
    size_bytes: u64,
}

/// What a video is found by.
#[derive(Debug, Clone)]
enum Submitted {
    Upload(Upload),
    Url { url: String, video: String },
}

impl Submitted {
    fn name(&self) -> &str {
        match self {
            Self::Upload(upload) => &upload.key,
            Self::Url { url, .. } => url,
        }
    }

    fn find<'a>(&self, videos: &'a [Video]) -> Option<&'a Video> {
        match self {
            Self::Upload(upload) => find(videos, upload),
            Self::Url { video, .. } => videos.iter().find(|found| found.id == *video),
        }
    }
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
        return Ok(Source::Url(file.to_owned()));
    }
    let path = PathBuf::from(file);
    let found = std::fs::metadata(&path).with_context(|| format!("{file} can't be read"))?;
    if !found.is_file() {
        bail!("{file} is not a file.");
    }
    let Some(key) = path.file_name().and_then(|name| name.to_str()) else {
        bail!("The name of {} is not valid Unicode. Rename it.", path.display());
    };
    Ok(Source::File(LocalFile { key: key.to_owned(), size_bytes: found.len(), path }))
}

pub async fn run(access: &Access, sources: &[Source], anyway: bool, wait: bool) -> anyhow::Result<ExitCode> {
    let s3 = access.s3();
    let mut submitted = Vec::new();
    for source in sources {
        if let Source::File(file) = source {
            submitted.push(Submitted::Upload(upload(&s3, &access.upload_bucket, file).await?));
            println!("Uploaded {}", file.key);
        }
    }
    let urls: Vec<String> = sources.iter().filter_map(Source::url).collect();
    let all_taken = submit(access, &urls, anyway, &mut submitted).await?;
    let ended = if !wait || submitted.is_empty() {
        println!("Follow it on {}", access.site_url);
        ExitCode::SUCCESS
    } else {
        wait_for(access, &submitted).await?
    };
    Ok(if all_taken { ended } else { ExitCode::FAILURE })
}

impl Source {
    fn url(&self) -> Option<String> {
        if let Self::Url(url) = self { Some(url.clone()) } else { None }
    }
}

/// Submits addresses, and says what became of each. Whether all of them were taken, or are here already.
async fn submit(access: &Access, urls: &[String], anyway: bool, all: &mut Vec<Submitted>) -> anyhow::Result<bool> {
    let mut all_taken = true;
    for urls in urls.chunks(URLS_AT_ONCE) {
        for item in Api::new(access)?.submit(urls, anyway).await? {
            let said = item.sentence.unwrap_or_default();
            match (item.outcome.as_str(), item.video) {
                ("refused", _) | (_, None) => {
                    all_taken = false;
                    eprintln!("{}: {said}", item.url);
                }
                ("duplicate", Some(video)) => {
                    println!("{}: {said} Use --anyway to ingest it again.", item.url);
                    all.push(Submitted::Url { url: item.url, video });
                }
                (_, Some(video)) => {
                    println!("Submitted {}", item.url);
                    all.push(Submitted::Url { url: item.url, video });
                }
            }
        }
    }
    Ok(all_taken)
}

async fn upload(s3: &Client, bucket: &str, source: &LocalFile) -> anyhow::Result<Upload> {
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

async fn upload_parts(
    s3: &Client,
    bucket: &str,
    source: &LocalFile,
    bar: &ProgressBar,
) -> anyhow::Result<Option<String>> {
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
    source: &LocalFile,
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
async fn wait_for(access: &Access, submitted: &[Submitted]) -> anyhow::Result<ExitCode> {
    let api = Api::new(access)?;
    let bars = MultiProgress::new();
    let mut patience = Some(Instant::now());
    let mut open: Vec<_> = submitted.iter().map(|one| (one, bars.add(stage_bar(one.name())), String::new())).collect();
    let mut ready = Vec::new();
    let mut failed = Vec::new();
    while !open.is_empty() {
        let videos = api.videos().await?;
        open.retain_mut(|(one, bar, said)| {
            let Some(video) = one.find(&videos) else { return true };
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
            for (one, ..) in open.iter().filter(|(one, ..)| one.find(&videos).is_none()) {
                eprintln!("{} is uploaded but not registered yet; a sweep finds it within minutes.", one.name());
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
    bar.set_message(video.download.map_or_else(|| stage.clone(), |download| format!("{stage}, {}", amount(&download))));
    if !is_terminal() && *said != stage {
        eprintln!("{}: {stage} ({} %)", video.title, video.progress);
        *said = stage;
    }
}

/// What has come of a download, such as "12.3 of 45.6 MB (27 %)".
fn amount(download: &DownloadProgress) -> String {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let of = download.bytes_total.map(|total| format!(" of {:.1}", megabytes(total))).unwrap_or_default();
    let percent = download.percent.map(|percent| format!(" ({percent:.0} %)")).unwrap_or_default();
    format!("{:.1}{of} MB{percent}", megabytes(download.bytes_done))
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
    fn addresses_are_told_from_files() {
        let url = "https://example.org/a.mp4".to_owned();
        assert_eq!(check(std::slice::from_ref(&url)).unwrap(), [Source::Url(url)]);
        assert!(check(&["no such: file.mp4".to_owned()]).is_err());
    }

    #[test]
    fn a_download_is_told_in_megabytes_and_percent() {
        let known = DownloadProgress {
            bytes_done: 12_340_000,
            bytes_total: Some(45_600_000),
            percent: Some(27.06),
            ..DownloadProgress::default()
        };
        assert_eq!(amount(&known), "12.3 of 45.6 MB (27 %)");
        let unknown = DownloadProgress { bytes_total: None, percent: None, ..known };
        assert_eq!(amount(&unknown), "12.3 MB");
    }

    #[test]
    fn a_missing_file_is_named_and_a_name_is_kept_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Ümlaut + space.MP4");
        assert!(
            check(&[path.display().to_string()]).unwrap_err().to_string().contains("Ümlaut + space.MP4 can't be read")
        );
        std::fs::write(&path, "x").unwrap();
        let Source::File(found) = check(&[path.display().to_string()]).unwrap().remove(0) else { panic!("an address") };
        assert_eq!(found.key, "Ümlaut + space.MP4");
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
