//! Plain files.

use crate::{
    fixture::{BUCKET, Fixture, film},
    server::{Answer, Server, file, head, plain, redirect},
};
use heaters_aws::{ObjectRef, ObjectStore};
use heaters_domain::{
    Outcome,
    contract::SourceRole,
    download::{DownloadProgress, PART_BYTES},
    keys::SourceKeys,
};
use std::{sync::Arc, time::Duration};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_byte_for_byte_and_is_known_again() {
    let fixture = Fixture::new();
    let body = Arc::new(film(PART_BYTES as usize * 2 + 12345));
    let content = body.clone();
    let server = Server::start(move |asked, _| match asked.path.as_str() {
        "/moved" => redirect("/films/A%20film.mp4"),
        _ => file(&content, "\"one\"", asked, None),
    })
    .await;
    let done = fixture.run(&server.url("/moved")).await.unwrap();
    assert!(fixture.track(SourceRole::Both).await == *body);
    let output = done.output.clone();
    assert!(output.complete && output.digest.is_some() && output.playlist.is_empty());
    assert_eq!((output.facts.title.as_deref(), output.facts.site.as_str()), (Some("A film"), "127.0.0.1"));
    assert_eq!(output.sources[0].size_bytes, body.len() as u64);
    let progress = ObjectRef::new(BUCKET, SourceKeys(fixture.video).progress());
    let store: &dyn ObjectStore = &*fixture.store;
    let progress: DownloadProgress = store.get_json(&progress).await.unwrap();
    assert_eq!(progress.max_tries, 4);

    let requests = server.asked().len();
    let again = fixture.run(&server.url("/moved")).await.unwrap();
    assert_eq!((again.outcome, again.output), (Outcome::AlreadyDone, output));
    assert_eq!(server.asked().len(), requests, "what is there is not fetched again");
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_bytes_have_an_equal_digest_however_they_came() {
    let body = Arc::new(film(PART_BYTES as usize + 99));
    let mut digests = Vec::new();
    for simple in [true, false] {
        let (fixture, content) = (Fixture::new(), body.clone());
        let server = Server::start(move |asked, before| {
            let cut = (before == 1).then_some(1_000_000);
            if simple { plain(&content, "video/mp4") } else { file(&content, "\"x\"", asked, cut) }
        })
        .await;
        digests.push(fixture.run(&server.url("/a.mp4")).await.unwrap().output.digest.unwrap());
    }
    assert_eq!(digests[0], digests[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_without_a_length_is_waited_for() {
    let (fixture, body) = (Fixture::new(), film(60_000));
    let content = body.clone();
    let server = Server::start(move |_, _| {
        let mut pieces = vec![head("200 OK", &[("Content-Type", "video/mp4".to_owned())])];
        pieces.extend(content.chunks(20_000).map(<[u8]>::to_vec));
        Answer::Slow(pieces, Duration::from_millis(100))
    })
    .await;
    fixture.run(&server.url("/slow.mp4")).await.unwrap();
    assert!(fixture.track(SourceRole::Both).await == body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_html_page_with_a_film_leads_to_it() {
    let (fixture, body) = (Fixture::new(), film(50_000));
    let content = body.clone();
    let server = Server::start(move |asked, _| match asked.path.as_str() {
        "/page" => plain(
            b"<html><head><title>The page</title></head><body><video src='/film.mp4'></video></body></html>",
            "text/html",
        ),
        "/list" => plain(
            b"<html><body><video src='/film.mp4'></video><video src='/film2.mp4'></video></body></html>",
            "text/html",
        ),
        _ => file(&content, "\"f\"", asked, None),
    })
    .await;
    let done = fixture.run(&server.url("/page")).await.unwrap();
    assert!(fixture.track(SourceRole::Both).await == body);
    assert!(done.output.facts.title.unwrap().starts_with("The page"));
}
