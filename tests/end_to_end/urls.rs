//! From a URL to clips, with a server of the test's own: the fabric of tests allows this machine.

use crate::fabric::{Fabric, frame_checksums, make, request_id, sample, wait_for};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Serves a folder's files, by ranges too, and returns the address it does so at.
async fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let folder = folder.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                stream.write_all(&answer(&folder, &String::from_utf8_lossy(&head))).await?;
                stream.shutdown().await
            });
        }
    });
    address
}

fn answer(folder: &Path, head: &str) -> Vec<u8> {
    let name = head.split(' ').nth(1).unwrap().trim_start_matches('/').split('?').next().unwrap().to_owned();
    let Ok(body) = std::fs::read(folder.join(&name)) else {
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec();
    };
    let kind = match name.rsplit('.').next() {
        Some("m3u8") => "application/vnd.apple.mpegurl",
        _ => "video/mp4",
    };
    let from =
        head.to_lowercase().split("range: bytes=").nth(1).and_then(|range| range.split('-').next()?.parse().ok());
    let (status, range) = match from {
        Some(from) => {
            ("206 Partial Content", format!("Content-Range: bytes {from}-{}/{}\r\n", body.len() - 1, body.len()))
        }
        None => ("200 OK", String::new()),
    };
    let body = &body[from.unwrap_or(0usize)..];
    let length = body.len();
    let mut answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nETag: \"{name}\"\r\nContent-Length: {length}\r\n{range}Connection: close\r\n\r\n"
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

async fn submit(fabric: &Fabric, url: &str) -> Value {
    let answer = fabric.post("/v1/videos/urls", &json!({ "urls": [url] })).await;
    answer["items"][0].clone()
}

async fn settled(fabric: &Fabric, item: &Value) -> Value {
    assert_eq!(item["outcome"], "accepted", "{item}");
    let path = format!("/v1/videos/{}", item["video"].as_str().unwrap());
    wait_for("the video of a URL to be ready or failed", async || {
        let video = fabric.get(&path).await;
        let state = video["state"].as_str()?.to_owned();
        (state == "ready" || state.ends_with("_failed")).then_some(video)
    })
    .await
}

#[tokio::test]
async fn a_url_becomes_clips_and_its_bytes_are_known_again() {
    let fabric = Fabric::connect().await;
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("My film.mp4");
    make(&film, &["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=4", "-pix_fmt", "yuv420p"]);
    let server = serve(folder.path().to_owned()).await;
    std::fs::copy(&film, folder.path().join("film.mp4")).unwrap();
    let url = format!("{server}/film.mp4?{}", request_id());
    let item = submit(&fabric, &url).await;
    let video = settled(&fabric, &item).await;
    assert_eq!((video["state"].as_str(), &video["frames"]), (Some("ready"), &json!(100)), "{video}");
    assert_eq!(
        (&video["origin"], &video["origin_url"], &video["site"]),
        (&json!("url"), &json!(url), &json!("127.0.0.1"))
    );
    let stored = fabric.fetch(video["source_key"].as_str().unwrap(), folder.path()).await;
    assert!(std::fs::read(stored).unwrap() == std::fs::read(&film).unwrap(), "the source is the site's, byte for byte");

    assert_eq!(submit(&fabric, &url).await["outcome"], "duplicate");
    let mirror = settled(&fabric, &submit(&fabric, &format!("{server}/film.mp4?{}", request_id())).await).await;
    assert_eq!((&mirror["state"], &mirror["duplicate_of"]), (&json!("download_failed"), &item["video"]));
    fabric.post(&format!("/v1/videos/{}/retry", mirror["id"].as_str().unwrap()), &json!({})).await;
    assert_eq!(settled(&fabric, &json!({ "outcome": "accepted", "video": mirror["id"] })).await["state"], "ready");
}

#[tokio::test]
async fn picture_and_sound_that_come_apart_become_one_proxy() {
    let fabric = Fabric::connect().await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    // Segments of two seconds, each track in a playlist of its own.
    make(
        &folder.path().join("%v.m3u8"),
        &[
            "-i",
            sample().to_str().unwrap(),
            "-t",
            "8",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "50",
            "-c:a",
            "aac",
            "-map",
            "0:v",
            "-map",
            "0:a",
            "-f",
            "hls",
            "-hls_time",
            "2",
            "-hls_playlist_type",
            "vod",
            "-hls_segment_type",
            "fmp4",
            "-hls_segment_filename",
            &at("%v-%d.m4s"),
            "-master_pl_name",
            "master.m3u8",
            "-var_stream_map",
            "v:0,agroup:a,name:picture a:0,agroup:a,name:sound",
        ],
    );
    let server = serve(folder.path().to_owned()).await;
    let video = settled(&fabric, &submit(&fabric, &format!("{server}/master.m3u8?{}", request_id())).await).await;
    assert_eq!((&video["state"], &video["has_sound"]), (&json!("ready"), &json!(true)), "{video}");
    let id = video["id"].as_str().unwrap();
    let keys = fabric.keys(&format!("videos/{id}/source/")).await;
    for track in ["picture", "sound"] {
        assert!(keys.contains(&format!("videos/{id}/source/{track}")), "{keys:?}");
    }
    let keys = fabric.keys(&format!("videos/{id}/")).await;
    let proxy = keys.iter().find(|key| key.ends_with("/proxy.mp4")).unwrap();
    assert_eq!(frame_checksums(&fabric.fetch(proxy, folder.path()).await).len(), 200);
}

#[tokio::test]
async fn an_address_inside_is_refused_before_anything_is_asked() {
    let fabric = Fabric::connect().await;
    for url in ["http://169.254.169.254/latest/meta-data/", "http://10.64.0.1/", "file:///etc/passwd"] {
        let item = submit(&fabric, url).await;
        assert_eq!((&item["outcome"], &item["video"]), (&json!("refused"), &Value::Null), "{item}");
    }
}
