//! The guard, at the moment of connecting.

use crate::{
    fixture::{Changing, Fixture, film},
    server::{Answer, Server, file, plain, redirect},
};
use download::guard::{DialError, Guard, Limits, Resolve};
use heaters_domain::{contract::SourceRole, egress::Reach};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::Instant,
};

fn limits() -> Limits {
    Limits {
        bytes: 1000,
        connections: 3,
        idle: Duration::from_millis(300),
        until: Instant::now() + Duration::from_secs(20),
    }
}

fn guard(reach: Reach, resolver: impl Resolve + 'static) -> Guard {
    Guard::new(reach, Arc::new(resolver), limits())
}

fn loopback() -> Reach {
    Reach { loopback: true, ..Reach::default() }
}

#[tokio::test]
async fn a_name_is_refused_by_any_address_it_has() {
    for inside in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.168.1.1",
        "::1",
        "fd00:ec2::254",
        "fe80::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "0.0.0.0",
        "224.0.0.1",
    ] {
        let guard = guard(Reach::default(), Changing::new(&[inside]));
        let error = guard.dial("public.example", 443).await.unwrap_err();
        assert!(matches!(error, DialError::Refused(_)), "{inside}");
        assert!(guard.refusals()[0].starts_with("public.example can't be fetched from: "));
    }
}

#[tokio::test]
async fn a_name_that_changes_its_answer_is_checked_at_each_connection() {
    let server = Server::start(|_, _| Answer::Raw(b"hello".to_vec())).await;
    let port = server.address.port();
    // The first answer may be connected to, and is the one that is connected to; the second is not.
    let guard = guard(loopback(), Changing::new(&["127.0.0.1", "169.254.169.254"]));
    let mut first = guard.dial("rebinds.example", port).await.unwrap();
    first.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut said = String::new();
    first.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "hello");
    assert!(matches!(guard.dial("rebinds.example", port).await, Err(DialError::Refused(_))));
}

#[tokio::test]
async fn odd_spellings_and_ports_are_refused_where_they_are_connected_to() {
    let guard =
        Guard::new(Reach::default(), Arc::new(Changing::new(&["1.1.1.1"])), Limits { connections: 100, ..limits() });
    for host in ["127.0.0.1", "0x7f.1", "2130706433", "127.1", "[::1]", "::1", "０x7f000001", "127.0.0.1."] {
        assert!(matches!(guard.dial(host, 80).await, Err(DialError::Refused(_))), "{host}");
    }
    for host in ["fe80::1%eth0", "[fe80::1%25lo]", "a b", "", "a/b", "user@host"] {
        assert!(matches!(guard.dial(host, 80).await, Err(DialError::NoHost(_))), "{host}");
    }
    for port in [0, 21, 22, 25, 8080, 6379, 9001] {
        assert!(matches!(guard.dial("public.example", port).await, Err(DialError::Refused(_))), "{port}");
    }
}

#[tokio::test]
async fn bytes_silence_and_connections_are_bounded() {
    let server = Server::start(|asked, _| match asked.path.as_str() {
        "/much" => Answer::Endless(vec![7; 100]),
        _ => Answer::Stall(Vec::new()),
    })
    .await;
    let guard = guard(loopback(), Changing::new(&["127.0.0.1"]));
    for (path, words) in [("/much", "more bytes"), ("/silent", "says nothing")] {
        let mut connection = guard.dial("h.example", server.address.port()).await.unwrap();
        connection.write_all(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
        let error = connection.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    guard.dial("h.example", server.address.port()).await.unwrap();
    let error = guard.dial("h.example", server.address.port()).await.unwrap_err();
    assert!(error.to_string().contains("more than 3 connections"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_inside_is_refused_by_yt_dlps_way_and_by_ours() {
    let secret = Server::start(|_, _| plain(b"secret", "video/mp4")).await;
    for (to, words) in [
        ("http://169.254.169.254/latest/meta-data/", "credentials"),
        ("http://10.0.0.1/", "private"),
        ("http://[::ffff:10.0.0.1]/", "IPv4 address in IPv6"),
        ("http://0xa9fea9fe/", "credentials"),
    ] {
        // At yt-dlp's request.
        let server = Server::start(move |_, _| redirect(to)).await;
        let sentence = Fixture::new().sentence(&server.url("/a.mp4")).await;
        assert!(sentence.contains(words), "{to}: {sentence}");
        // At our own.
        let body = film(5000);
        let server = Server::start(
            move |asked, before| {
                if before == 0 { file(&body, "\"x\"", asked, None) } else { redirect(to) }
            },
        )
        .await;
        let sentence = Fixture::new().sentence(&server.url("/a.mp4")).await;
        assert!(sentence.contains(words), "{to}: {sentence}");
    }
    let body = film(5000);
    for to in ["file:///etc/passwd", "ftp://example.org/a", "http://user:word@example.org/", "data:video/mp4,x"] {
        let body = body.clone();
        let server = Server::start(
            move |asked, before| {
                if before == 0 { file(&body, "\"x\"", asked, None) } else { redirect(to) }
            },
        )
        .await;
        let fixture = Fixture::new();
        let sentence = fixture.sentence(&server.url("/a.mp4")).await;
        assert!(sentence.contains("not ") || sentence.contains("password"), "{to}: {sentence}");
    }
    assert!(secret.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_turns_inside_between_yt_dlp_and_us_is_refused() {
    let body = film(5000);
    let server = Server::start(move |asked, _| file(&body, "\"x\"", asked, None)).await;
    let mut fixture = Fixture::new();
    fixture.resolver = Arc::new(Changing::new(&["127.0.0.1", "10.0.0.1"]));
    let url = format!("http://rebinds.example:{}/a.mp4", server.address.port());
    let sentence = fixture.sentence(&url).await;
    assert!(sentence.starts_with("rebinds.example can't be fetched from"), "{sentence}");
    fixture.resolver = Arc::new(Changing::new(&["127.0.0.1"]));
    fixture.run(&url).await.unwrap();
    assert_eq!(fixture.track(SourceRole::Both).await.len(), 5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_tests_setting_this_machine_is_out_of_reach() {
    let server = Server::start(|_, _| plain(&film(100), "video/mp4")).await;
    let mut fixture = Fixture::new();
    fixture.settings.reach = Reach::default();
    let sentence = fixture.sentence(&server.url("/a.mp4")).await;
    assert!(sentence.contains("127.0.0.1 can't be fetched from"), "{sentence}");
    assert!(server.asked().is_empty());
}
