//! Faults of servers: those that pass are tried again, a bounded number of times, and those that don't are not.

use crate::{
    fixture::{Fixture, film},
    server::{Answer, Server, file, head, plain, redirect, status},
};
use heaters_domain::contract::SourceRole;
use std::{sync::Arc, time::Instant};

/// A server whose film yt-dlp sees, while those who fetch it get something else the first times.
async fn then(body: Vec<u8>, times: usize, fault: impl Fn() -> Answer + Send + Sync + 'static) -> Server {
    Server::start(
        move |asked, before| {
            if before > 0 && before <= times { fault() } else { file(&body, "\"f\"", asked, None) }
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_pass_are_tried_again_and_counted() {
    for fault in ["500 Oh", "502 Bad Gateway", "503 Busy", "408 Request Timeout"] {
        let (fixture, body) = (Fixture::new(), film(10_000));
        let server = then(body.clone(), 2, move || status(fault)).await;
        let done = fixture.run(&server.url("/a.mp4")).await.unwrap();
        assert!(fixture.track(SourceRole::Both).await == body, "{fault}");
        assert_eq!((done.metrics["tries"], done.metrics["max_tries"]), (2.0, 4.0), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_are_bounded_and_shown() {
    let fixture = Fixture::new();
    let server = then(film(10_000), usize::MAX, || status("503 Busy")).await;
    let sentence = fixture.sentence(&server.url("/a.mp4")).await;
    assert_eq!(sentence, "The site answered with the error 503. It was tried 4 times.");
    assert_eq!(server.asked().len(), 1 + 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_do_not_pass_are_final() {
    for (fault, words) in
        [("403 Forbidden", "refuses"), ("404 Not Found", "not there any more"), ("410 Gone", "not there")]
    {
        let fixture = Fixture::new();
        let server = then(film(10_000), usize::MAX, move || status(fault)).await;
        let sentence = fixture.sentence(&server.url("/a.mp4")).await;
        assert!(sentence.contains(words), "{fault}: {sentence}");
        assert_eq!(server.asked().len(), 1 + 1, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_yt_dlp_meets_first_is_told_too() {
    for (fault, words, asked) in [("403 Forbidden", "(403)", 1), ("404 Not Found", "(404)", 1)] {
        let fixture = Fixture::new();
        let server = Server::start(move |_, _| status(fault)).await;
        let sentence = fixture.sentence(&server.url("/a.mp4")).await;
        assert!(sentence.contains(words), "{fault}: {sentence}");
        assert!(server.asked().len() <= asked + 1, "{fault}: {}", server.asked().len());
    }
    let fixture = Fixture::new();
    let server = Server::start(|_, _| plain(b"<html>Nothing here.</html>", "text/html")).await;
    assert_eq!(fixture.sentence(&server.url("/page")).await, "No video was found at this address.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_left_alone_as_long_as_it_asks() {
    let (fixture, body) = (Fixture::new(), film(10_000));
    let busy = || {
        Answer::Raw(head(
            "429 Too Many Requests",
            &[("Retry-After", "1".to_owned()), ("Content-Length", "0".to_owned())],
        ))
    };
    let server = then(body.clone(), 1, busy).await;
    let begun = Instant::now();
    fixture.run(&server.url("/a.mp4")).await.unwrap();
    assert!(begun.elapsed().as_secs_f64() >= 1.0, "a second was asked for");
    assert!(fixture.track(SourceRole::Both).await == body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_server_is_given_up_and_tried_again() {
    let (mut fixture, body) = (Fixture::new(), film(400_000));
    fixture.settings.download.stall_seconds = 1;
    let content = Arc::new(body.clone());
    let server = Server::start(move |asked, before| match file(&content, "\"s\"", asked, None) {
        Answer::Raw(mut answer) if before == 1 => {
            answer.truncate(100_000);
            Answer::Stall(answer)
        }
        answer => answer,
    })
    .await;
    let done = fixture.run(&server.url("/a.mp4")).await.unwrap();
    assert!(fixture.track(SourceRole::Both).await == body);
    assert_eq!(done.metrics.get("tries"), Some(&1.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_file_ends_at_the_cap() {
    let mut fixture = Fixture::new();
    fixture.settings.download.max_bytes = 20_000_000;
    let server = Server::start(|_, before| {
        let mut answer = head("200 OK", &[("Content-Type", "video/mp4".to_owned())]);
        answer.extend(film(1 << 16));
        if before == 0 { Answer::Raw(answer) } else { Answer::Endless(answer) }
    })
    .await;
    assert_eq!(fixture.sentence(&server.url("/a.mp4")).await, "This video is larger than 20 MB, which is the most.");
    assert!(!fixture.folder.path().join(format!("media/videos/{}/source/both", fixture.video)).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_bounded() {
    let mut fixture = Fixture::new();
    fixture.settings.download.max_redirects = 3;
    let body = film(10_000);
    let server = Server::start(move |asked, before| match asked.path.as_str() {
        "/a.mp4" if before == 0 => file(&body, "\"r\"", asked, None),
        path => redirect(&format!("{path}x")),
    })
    .await;
    let sentence = fixture.sentence(&server.url("/a.mp4")).await;
    assert_eq!(sentence, "The address leads on and on: more than 3 redirects.");
    assert_eq!(server.asked().len(), 1 + 4);
}

fn acceptor() -> (tokio_rustls::TlsAcceptor, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    (Arc::new(config).into(), certificate.to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (tls, certificate) = acceptor();
    let body = film(10_000);
    let content = body.clone();
    let secure = Server::start_tls(tls, move |asked, _| file(&content, "\"t\"", asked, None)).await;
    // yt-dlp's own check.
    let fixture = Fixture::new();
    let sentence = fixture.sentence(&secure.url("/a.mp4")).await;
    assert!(sentence.contains("certificate"), "{sentence}");
    // Ours.
    let to = secure.url("/a.mp4");
    let shown = body.clone();
    let open = Server::start(
        move |asked, before| {
            if before == 0 { file(&shown, "\"t\"", asked, None) } else { redirect(&to) }
        },
    )
    .await;
    let sentence = Fixture::new().sentence(&open.url("/a.mp4")).await;
    assert!(sentence.contains("certificate of 127.0.0.1"), "{sentence}");
    assert!(secure.asked().is_empty(), "nothing may be asked before the certificate is checked");
    // The same with somebody who vouches.
    let to = secure.url("/a.mp4");
    let shown = body.clone();
    let open = Server::start(
        move |asked, before| {
            if before == 0 { file(&shown, "\"t\"", asked, None) } else { redirect(&to) }
        },
    )
    .await;
    let mut fixture = Fixture::new();
    fixture.settings.extra_root = Some(certificate);
    fixture.run(&open.url("/a.mp4")).await.unwrap();
    assert!(fixture.track(SourceRole::Both).await == body);
}
