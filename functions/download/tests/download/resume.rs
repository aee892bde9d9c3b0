//! What was killed goes on where it stopped.

use crate::{
    fixture::{Fixture, film},
    server::{Answer, Server, file, head, plain},
};
use heaters_domain::{contract::SourceRole, download::PART_BYTES};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

const PART: usize = PART_BYTES as usize;

/// Serves two parts and half a third, and then nothing until `open` is set.
async fn gated(body: &Arc<Vec<u8>>, etag: &'static str, open: &Arc<AtomicBool>) -> Server {
    let (body, open) = (body.clone(), open.clone());
    Server::start(move |asked, _| {
        let is_film = asked.path == "/film.mp4";
        match file(&body, etag, asked, None) {
            Answer::Raw(mut answer) if is_film && !open.load(Ordering::Relaxed) => {
                answer.truncate(PART * 5 / 2);
                Answer::Stall(answer)
            }
            answer => answer,
        }
    })
    .await
}

async fn killed_after(fixture: &Fixture, server: &Server, parts: usize) {
    let url = server.url("/film.mp4");
    let killed = tokio::time::timeout(Duration::from_secs(20), async {
        tokio::select! {
            done = fixture.run(&url) => panic!("it ended by itself: {done:?}"),
            () = stored(fixture, parts) => {}
        }
    });
    killed.await.expect("the parts should be stored");
}

fn checkpoint(fixture: &Fixture) -> String {
    let path = fixture.folder.path().join(format!("media/videos/{}/source/both.parts.json", fixture.video));
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Waits until a checkpoint names so many parts.
async fn stored(fixture: &Fixture, parts: usize) {
    loop {
        if checkpoint(fixture).contains(&format!("\"parts\":{parts},")) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_download_goes_on_behind_its_stored_parts() {
    let mut fixture = Fixture::new();
    fixture.settings.download.stall_seconds = 60;
    let (body, open) = (Arc::new(film(PART * 4 + 77)), Arc::new(AtomicBool::new(false)));
    let server = gated(&body, "\"v1\"", &open).await;
    killed_after(&fixture, &server, 2).await;

    open.store(true, Ordering::Relaxed);
    let before = server.asked().len();
    let done = fixture.run(&server.url("/film.mp4")).await.unwrap();
    assert!(fixture.track(SourceRole::Both).await == *body);
    let resumed = server.asked()[before..].iter().find(|asked| asked.if_range.is_some()).cloned().unwrap();
    assert_eq!((resumed.from(), resumed.if_range.as_deref()), (PART * 2, Some("\"v1\"")));
    assert_eq!(done.metrics.get("fetched_bytes"), Some(&((body.len() - PART * 2) as f64)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_meanwhile_is_fetched_anew() {
    let mut fixture = Fixture::new();
    fixture.settings.download.stall_seconds = 60;
    let open = Arc::new(AtomicBool::new(false));
    let server = gated(&Arc::new(film(PART * 4)), "\"v1\"", &open).await;
    killed_after(&fixture, &server, 2).await;

    let mut other = film(PART * 3 + 5);
    other[100..].reverse();
    let other = Arc::new(other);
    let server = gated(&other, "\"v2\"", &Arc::new(AtomicBool::new(true))).await;
    fixture.run(&server.url("/film.mp4")).await.unwrap();
    assert!(fixture.track(SourceRole::Both).await == *other);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_cut_in_the_middle_goes_on_at_the_byte() {
    let (fixture, body) = (Fixture::new(), Arc::new(film(3_000_000)));
    let content = body.clone();
    let server = Server::start(move |asked, before| {
        // yt-dlp's look comes first.
        file(&content, "\"c\"", asked, (before == 1).then_some(1_234_567))
    })
    .await;
    let done = fixture.run(&server.url("/cut.mp4")).await.unwrap();
    assert!(fixture.track(SourceRole::Both).await == *body);
    assert_eq!((done.metrics["tries"], server.asked().last().unwrap().from()), (1.0, 1_234_567));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_ranges_a_cut_download_begins_anew_a_bounded_number_of_times() {
    let (fixture, body) = (Fixture::new(), Arc::new(film(300_000)));
    let content = body.clone();
    let server = Server::start(move |_, before| match plain(&content, "video/mp4") {
        Answer::Raw(answer) if before == 1 => Answer::Raw(answer[..200_000].to_vec()),
        answer => answer,
    })
    .await;
    fixture.run(&server.url("/simple.mp4")).await.unwrap();
    assert!(fixture.track(SourceRole::Both).await == *body);

    let fixture = Fixture::new();
    let server = Server::start(move |_, before| match plain(&body, "video/mp4") {
        Answer::Raw(answer) if before > 0 => Answer::Raw(answer[..200_000].to_vec()),
        answer => answer,
    })
    .await;
    let sentence = fixture.sentence(&server.url("/never.mp4")).await;
    assert!(sentence.contains("changed") || sentence.contains("broke off"), "{sentence}");
    assert!(server.asked().len() < 12, "{}", server.asked().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_done_in_time_is_left_to_the_next_invocation() {
    let mut fixture = Fixture::new();
    fixture.settings.download.stall_seconds = 60;
    let (body, open) = (Arc::new(film(PART * 3)), Arc::new(AtomicBool::new(false)));
    let server = gated(&body, "\"t\"", &open).await;
    // However slow this machine is just now.
    for seconds in [4, 16, 64] {
        fixture.settings.invocation = Duration::from_secs(seconds);
        let done = fixture.run(&server.url("/film.mp4")).await.unwrap();
        assert!(!done.output.complete && done.output.sources.is_empty());
        if checkpoint(&fixture).contains("\"parts\":2,") {
            break;
        }
    }
    open.store(true, Ordering::Relaxed);
    fixture.settings.invocation = Duration::from_mins(1);
    let second = fixture.run(&server.url("/film.mp4")).await.unwrap();
    assert!(second.output.complete && fixture.track(SourceRole::Both).await == *body);
    assert_eq!(second.metrics.get("fetched_bytes"), Some(&(PART as f64)));

    // All invocations together have their time too.
    fixture.video = heaters_domain::VideoId::generate();
    open.store(false, Ordering::Relaxed);
    fixture.settings.invocation = Duration::from_secs(1);
    assert!(!fixture.run(&server.url("/film.mp4")).await.unwrap().output.complete);
    fixture.settings.download.max_minutes = 0;
    assert!(fixture.sentence(&server.url("/film.mp4")).await.contains("too slow"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_that_lies_is_no_film() {
    let (fixture, body) = (Fixture::new(), film(100_000));
    let server = Server::start(move |_, _| {
        let mut answer = head(
            "200 OK",
            &[
                ("Content-Type", "video/mp4".to_owned()),
                ("Content-Length", "900000".to_owned()),
                ("ETag", "\"l\"".to_owned()),
            ],
        );
        answer.extend_from_slice(&body);
        Answer::Raw(answer)
    })
    .await;
    let sentence = fixture.sentence(&server.url("/liar.mp4")).await;
    assert!(sentence.contains("changed") || sentence.contains("broke off"), "{sentence}");
}
