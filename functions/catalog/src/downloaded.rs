//! What follows from a download: its facts, the other videos of its playlist, and whether the same bytes are here
//! already.

use crate::{
    Catalog, CatalogError,
    ingest::{failed_report, output},
};
use heaters_aws::{ObjectRef, StoreError};
use heaters_db::{Work, outbox, reports, urls, videos, videos::VideoRow};
use heaters_domain::{
    ErrorClass, Failure, Stage, Subject, VideoId, VideoState,
    contract::{IngestStart, SourceObject},
    download::{DownloadOutput, UrlOrigin},
    egress::{Reach, check_url, url_key},
    keys, title,
};
use std::ops::Range;

const SAMPLES: u64 = 16;
const SAMPLE_BYTES: u64 = 64 << 10;

/// Stores what the download found out, and makes videos of what else is in the playlist.
pub(crate) async fn store(
    work: &Work<'_>,
    catalog: &Catalog,
    video: &VideoRow,
    found: &DownloadOutput,
) -> Result<(), CatalogError> {
    videos::store_sources(work, video.number, &found.sources).await?;
    urls::store_facts(work, video.number, found).await?;
    for url in &found.playlist {
        add(work, catalog, video, url).await?;
    }
    Ok(())
}

/// Makes a video of a playlist's entry, unless its URL is here already.
async fn add(work: &Work<'_>, catalog: &Catalog, first: &VideoRow, url: &str) -> Result<(), CatalogError> {
    // Where it leads is checked when it is fetched; here it has to be a URL at all.
    let anywhere = Reach { loopback: true, ..Reach::default() };
    let Ok(parsed) = check_url(url, &anywhere) else {
        tracing::warn!(url, "an entry of a playlist is no web address");
        return Ok(());
    };
    let key = url_key(&parsed);
    urls::lock_key(work, &key).await?;
    if !first.url.anyway && urls::by_key(work, &key).await?.is_some() {
        return Ok(());
    }
    let id = VideoId::generate();
    let new = urls::NewUrl {
        id,
        title: title::of_url(&parsed),
        origin: UrlOrigin { url: parsed.into(), in_playlist: true },
        key,
        submitted_by: first.url.submitted_by.clone(),
        anyway: first.url.anyway,
        settings: catalog.settings.clone(),
        prefix: keys::ingest_prefix(id, &catalog.settings),
    };
    urls::insert(work, &new).await?;
    // The sweep starts it.
    outbox::ask_for_ingest(work, IngestStart { video: id, attempt: 1 }).await?;
    Ok(())
}

/// Whether the same bytes are here already and nobody asked for them anyway. Then the video fails with a sentence
/// that names the other, and a retry goes on with it all the same.
pub(crate) async fn is_duplicate(
    work: &Work<'_>,
    catalog: &Catalog,
    video: &VideoRow,
    report: &reports::Report,
) -> Result<bool, CatalogError> {
    if video.url.anyway || video.url.duplicate_of.is_some() || video.state != VideoState::Downloading {
        return Ok(false);
    }
    let found: DownloadOutput = output(report)?;
    let same = urls::same_bytes(work, video.number, found.digest.as_deref(), &found.sources).await?;
    for other in same {
        let by_digest = found.digest.is_some() && other.source_digest == found.digest;
        if !by_digest && !same_samples(catalog, &found.sources, &other.sources).await? {
            continue;
        }
        store(work, catalog, video, &found).await?;
        urls::set_duplicate(work, video.number, other.id).await?;
        let failure = Failure {
            class: ErrorClass::Conflict,
            stage: Stage::Download,
            subject: Subject::video(video.id),
            sentence: format!(
                "The same video is here already, as “{}”. Retry this one to ingest it anyway.",
                other.title
            ),
            detail: format!("the bytes are those of video {}", other.id),
        };
        videos::fail(work, video.number, VideoState::DownloadFailed, &failure).await?;
        reports::upsert(work, video.number, None, &failed_report(&failure, video.attempt)).await?;
        return Ok(true);
    }
    Ok(false)
}

/// Whether two objects of the same size are the same, by the checksums of samples of them: an upload is not read as a
/// whole for it.
async fn same_samples(catalog: &Catalog, ours: &[SourceObject], theirs: &[SourceObject]) -> Result<bool, StoreError> {
    let ([ours], [theirs]) = (ours, theirs) else { return Ok(false) };
    if ours.size_bytes != theirs.size_bytes {
        return Ok(false);
    }
    let (ours, size, theirs) = (ObjectRef::from(ours), ours.size_bytes, ObjectRef::from(theirs));
    for range in samples(size) {
        let ours = catalog.store.get(&ours, Some(range.clone())).await?;
        match catalog.store.get(&theirs, Some(range)).await {
            Ok(theirs) if theirs == ours => {}
            // An original that is gone, or that has been archived, is nothing to compare with.
            Ok(_) | Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// Where samples are taken: at the ends and evenly between.
fn samples(size: u64) -> impl Iterator<Item = Range<u64>> {
    let last = size.saturating_sub(SAMPLE_BYTES);
    (0..SAMPLES).map(move |sample| {
        let start = (u128::from(last) * u128::from(sample) / u128::from(SAMPLES - 1)) as u64;
        start..size.min(start + SAMPLE_BYTES)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_lie_within_and_reach_both_ends() {
        for size in [1, SAMPLE_BYTES, SAMPLE_BYTES + 1, 10_000_000_000_000] {
            let found: Vec<_> = samples(size).collect();
            assert!(found.iter().all(|range| range.start < range.end && range.end <= size), "{size}");
            assert_eq!((found[0].start, found[found.len() - 1].end), (0, size));
        }
    }
}
