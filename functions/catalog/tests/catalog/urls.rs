//! An ingest from a URL: facts, playlists, and the same bytes twice.

use crate::common::{EXECUTION, Fixture, event};
use heaters_aws::ObjectRef;
use heaters_db::{begin, commit, outbox, urls, videos};
use heaters_domain::{
    Stage, VideoId,
    contract::{CatalogVerdict, Ingest, IngestStart, SourceObject, SourceRole},
    download::{DownloadFacts, DownloadOutput, UrlOrigin},
    egress::{Reach, check_url, url_key},
    keys,
    settings::IngestSettings,
};
use serde_json::json;

/// A video of a URL whose download is under way.
async fn downloading(fixture: &Fixture, url: &str, anyway: bool) -> Ingest {
    let (id, settings) = (VideoId::generate(), IngestSettings::default());
    let new = urls::NewUrl {
        id,
        title: url.to_owned(),
        origin: UrlOrigin { url: url.to_owned(), in_playlist: false },
        key: url_key(&check_url(url, &Reach::default()).unwrap()),
        submitted_by: Some("tess".to_owned()),
        anyway,
        prefix: keys::ingest_prefix(id, &settings),
        settings,
    };
    let mut session = fixture.test.database.session().await.unwrap();
    let work = begin(&mut session).await.unwrap();
    urls::insert(&work, &new).await.unwrap();
    outbox::ask_for_ingest(&work, IngestStart { video: id, attempt: 1 }).await.unwrap();
    commit(work).await.unwrap();
    start(fixture, id, 1).await
}

async fn start(fixture: &Fixture, id: VideoId, attempt: u32) -> Ingest {
    let answer = fixture.register(&format!("arn:{id}-{attempt}"), json!({ "video": id, "attempt": attempt })).await;
    assert_eq!(answer.verdict, CatalogVerdict::Continue);
    answer.ingest.unwrap()
}

fn source(key: &str, size_bytes: u64) -> SourceObject {
    SourceObject { role: SourceRole::Both, bucket: "media".into(), key: key.into(), version: None, size_bytes }
}

fn output(digest: &str, playlist: &[&str]) -> DownloadOutput {
    DownloadOutput {
        complete: true,
        sources: vec![source("k", 10)],
        facts: DownloadFacts {
            title: Some("A film".to_owned()),
            site: "youtube".to_owned(),
            published_at: None,
            duration_seconds: Some(60.0),
            format: "313 + 251".to_owned(),
        },
        digest: Some(digest.to_owned()),
        playlist: playlist.iter().map(|url| (*url).to_owned()).collect(),
        playlist_cut: false,
    }
}

#[tokio::test]
async fn a_download_gives_the_video_its_facts_and_source() {
    let fixture = Fixture::new().await;
    let ingest = downloading(&fixture, "https://site.example/1", false).await;
    assert_eq!(ingest.url.as_ref().unwrap().url, "https://site.example/1");
    assert_eq!(fixture.column("SELECT state FROM videos").await, ["downloading"]);
    let answer = fixture.record(&ingest, Stage::Download, None, &output("d", &[])).await;
    assert_eq!((answer.verdict, answer.ingest.unwrap().source), (CatalogVerdict::Continue, vec![source("k", 10)]));
    let facts = "SELECT concat_ws('|', title, site, source_format, state, source_digest) FROM videos";
    assert_eq!(fixture.column(facts).await, ["A film|youtube|313 + 251|downloaded|d"]);
}

#[tokio::test]
async fn a_playlist_becomes_videos_that_start_once() {
    let fixture = Fixture::new().await;
    let ingest = downloading(&fixture, "https://site.example/list", false).await;
    let entries = ["https://site.example/2", "https://site.example/list", "mailto:x", "https://site.example/3#a"];
    for _ in 0..2 {
        fixture.record(&ingest, Stage::Download, None, &output("d", &entries)).await;
    }
    let made = fixture.column("SELECT origin_url FROM videos WHERE in_playlist ORDER BY number").await;
    assert_eq!(made, ["https://site.example/2", "https://site.example/3"]);
    assert_eq!(fixture.column("SELECT count(*) FROM outbox WHERE kind = 'start_ingest'").await, ["3"]);
    assert_eq!(fixture.column("SELECT DISTINCT submitted_by FROM videos").await, ["tess"]);
}

#[tokio::test]
async fn the_same_bytes_are_offered_as_the_video_they_are_and_taken_on_retry() {
    let fixture = Fixture::new().await;
    let first = downloading(&fixture, "https://site.example/1", false).await;
    fixture.record(&first, Stage::Download, None, &output("same", &[])).await;
    let second = downloading(&fixture, "https://mirror.example/1", false).await;
    let answer = fixture.record(&second, Stage::Download, None, &output("same", &[])).await;
    assert_eq!(answer.verdict, CatalogVerdict::Withdrawn);
    let row =
        "SELECT concat_ws('|', state, duplicate_of, failure ->> 'sentence') FROM videos ORDER BY number DESC LIMIT 1";
    let sentence = "The same video is here already, as “A film”. Retry this one to ingest it anyway.";
    assert_eq!(fixture.column(row).await, [format!("download_failed|{}|{sentence}", first.video)]);

    let mut session = fixture.test.database.session().await.unwrap();
    let work = begin(&mut session).await.unwrap();
    let video = videos::lock(&work, second.video).await.unwrap().unwrap();
    videos::restart(&work, video.number).await.unwrap();
    commit(work).await.unwrap();
    // What was downloaded is there: nothing is downloaded again.
    assert_eq!(start(&fixture, second.video, 2).await.source, vec![source("k", 10)]);

    let anyway = downloading(&fixture, "https://third.example/1", true).await;
    let answer = fixture.record(&anyway, Stage::Download, None, &output("same", &[])).await;
    assert_eq!(answer.verdict, CatalogVerdict::Continue);
}

#[tokio::test]
async fn an_upload_of_the_same_bytes_is_recognised_and_one_of_the_same_size_is_not() {
    let fixture = Fixture::new().await;
    let body: Vec<u8> = (0..1234u32).map(|at| at as u8).collect();
    let put = async |bucket: &str, key: &str, body: Vec<u8>| {
        fixture.catalog.store.put(&ObjectRef::new(bucket, key), body.into(), "").await.unwrap();
    };
    put("uploads", "a.mp4", body.clone()).await;
    let mut event = event("a.mp4", "null");
    event["detail"]["object"]["size"] = json!(body.len());
    let upload = fixture.register(EXECUTION, event).await.ingest.unwrap();
    let of = |key: &str| DownloadOutput { sources: vec![source(key, 1234)], ..output(key, &[]) };

    put("media", "other", body.iter().map(|byte| byte ^ 1).collect()).await;
    let other = downloading(&fixture, "https://site.example/1", false).await;
    assert_eq!(fixture.record(&other, Stage::Download, None, &of("other")).await.verdict, CatalogVerdict::Continue);

    put("media", "same", body).await;
    let same = downloading(&fixture, "https://site.example/2", false).await;
    assert_eq!(fixture.record(&same, Stage::Download, None, &of("same")).await.verdict, CatalogVerdict::Withdrawn);
    let found = fixture.column("SELECT duplicate_of FROM videos WHERE duplicate_of IS NOT NULL").await;
    assert_eq!(found, [upload.video.to_string()]);
}
