//! The main road: upload, clips, decisions, exports, similar clips.

use crate::fabric::{Fabric, frame_checksums, request_id, sample, wait_for};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// The first frames of the shots that `infra/local/sample.sh` puts together.
const SAMPLE_SHOTS: [usize; 15] = [0, 100, 200, 300, 400, 525, 625, 700, 800, 925, 1025, 1125, 1225, 1300, 1400];

fn frames(clip: &Value) -> std::ops::Range<usize> {
    let number = |name: &str| clip[name].as_u64().unwrap() as usize;
    number("start_frame")..number("end_frame")
}

async fn clip(fabric: &Fabric, id: &Value) -> Value {
    fabric.get(&format!("/v1/clips/{}", id.as_str().unwrap())).await
}

#[tokio::test]
async fn an_upload_becomes_searchable_clips() {
    let fabric = Fabric::connect().await;
    let folder = tempfile::tempdir().unwrap();
    let key = format!("main road {}.mp4", request_id());
    fabric.upload(&key, &sample()).await;
    let video = fabric.settled(&key).await;
    assert_eq!(video["state"], "ready", "{video}");
    assert_eq!(video["progress"], 100);

    let clips = tiling_clips(&fabric, &video).await;
    let proxy_key = proxy_of(&fabric, &video).await;
    let proxy = frame_checksums(&fabric.fetch(&proxy_key, folder.path()).await);
    assert_eq!(proxy.len() as u64, video["frames"].as_u64().unwrap(), "the proxy has every frame");
    assert_eq!(proxy.len(), frame_checksums(&sample()).len(), "as many as the source");

    playback_is_exact(&fabric, &clips[1], &proxy, folder.path()).await;
    stages_are_reported(&video);

    fabric.decide(&clips[0], "skip").await;
    let undone = fabric.post("/v1/undo", &json!({ "request_id": request_id() })).await;
    assert_eq!(undone["clips"][0]["id"], clips[0]["id"]);
    assert_eq!(undone["clips"][0]["state"], "pending_review");

    let approved = &clips[1..5];
    for chosen in approved {
        fabric.decide(chosen, "approve").await;
    }
    for chosen in approved {
        let done = wait_for("an approved clip to be embedded", async || {
            let now = clip(&fabric, &chosen["id"]).await;
            assert!(!now["state"].as_str().unwrap().ends_with("_failed"), "{now}");
            (now["state"] == "embedded").then_some(now)
        })
        .await;
        export_is_exact(&fabric, &done, &proxy, folder.path()).await;
    }

    let id = approved[0]["id"].as_str().unwrap();
    let similar = fabric.all(&format!("/v1/clips/{id}/similar")).await;
    let found: Vec<&Value> = similar.iter().map(|hit| &hit["clip"]["id"]).collect();
    assert!(approved[1..].iter().all(|other| found.contains(&&other["id"])), "{similar:?}");
    assert!(!found.contains(&&approved[0]["id"]), "a clip is not similar to itself");
    let percents: Vec<u64> = similar.iter().map(|hit| hit["percent"].as_u64().unwrap()).collect();
    assert!(percents.is_sorted_by(|left, right| left >= right) && percents.iter().all(|percent| *percent <= 100));
}

/// The clips of a fresh video; they tile it.
async fn tiling_clips(fabric: &Fabric, video: &Value) -> Vec<Value> {
    let id = video["id"].as_str().unwrap();
    let clips = fabric.all(&format!("/v1/clips?video={id}&state=pending_review")).await;
    let starts: Vec<usize> = clips.iter().map(|clip| frames(clip).start).collect();
    assert_eq!(starts, SAMPLE_SHOTS, "each shot of the sample is a clip");
    assert_eq!(video["clips"]["pending_review"], clips.len());
    assert_eq!(frames(&clips[0]).start, 0);
    assert!(clips.windows(2).all(|pair| frames(&pair[0]).end == frames(&pair[1]).start));
    assert_eq!(frames(&clips[clips.len() - 1]).end as u64, video["frames"].as_u64().unwrap());
    clips
}

async fn proxy_of(fabric: &Fabric, video: &Value) -> String {
    let keys = fabric.keys(&format!("videos/{}/", video["id"].as_str().unwrap())).await;
    keys.into_iter().find(|key| key.ends_with("/proxy.mp4")).expect("a proxy")
}

async fn playback_is_exact(fabric: &Fabric, clip: &Value, proxy: &[String], folder: &std::path::Path) {
    let at = format!("/v1/clips/{}/playback", clip["id"].as_str().unwrap());
    let in_parts = put_together(fabric, &fabric.get(&at).await).await;
    let path = folder.join("playback.mp4");
    std::fs::write(&path, &in_parts).unwrap();
    assert_eq!(frame_checksums(&path), proxy[frames(clip)], "playback shows exactly the clip's frames");
    let key = format!("videos/{}/playback/", clip["video_id"].as_str().unwrap());
    assert!(fabric.keys(&key).await.is_empty(), "nothing is written for it");
    let as_file = put_together(fabric, &fabric.get(&format!("{at}?form=file")).await).await;
    assert!(as_file == in_parts && fabric.keys(&key).await.len() == 1, "the file is the parts");
}

/// The bytes of a playback, as the page puts them together.
async fn put_together(fabric: &Fabric, playback: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in playback["parts"].as_array().unwrap() {
        if let Some(inline) = part["inline"].as_str() {
            bytes.extend(STANDARD.decode(inline).unwrap());
            continue;
        }
        let (start, end) = (part["start"].as_u64().unwrap(), part["end"].as_u64().unwrap());
        let url = playback["urls"][part["url"].as_u64().unwrap() as usize].as_str().unwrap();
        let range = format!("bytes={start}-{}", end - 1);
        let answer = fabric.http.get(url).header("range", range).send().await.unwrap();
        assert_eq!(answer.status(), 206);
        bytes.extend(answer.bytes().await.unwrap());
    }
    assert_eq!(playback["size_bytes"], bytes.len());
    bytes
}

async fn export_is_exact(fabric: &Fabric, clip: &Value, proxy: &[String], folder: &std::path::Path) {
    let id = |name: &str| clip[name].as_str().unwrap().to_owned();
    let key = format!("videos/{}/clips/{}/v{}/export.mp4", id("video_id"), id("id"), clip["version"]);
    let export = fabric.fetch(&key, folder).await;
    assert_eq!(frame_checksums(&export), proxy[frames(clip)], "the export has exactly the clip's frames");
}

fn stages_are_reported(video: &Value) {
    let stages = video["stages"].as_array().unwrap();
    for wanted in ["probe", "preprocess", "assemble", "detect_scenes"] {
        let stage = stages.iter().find(|stage| stage["stage"] == wanted);
        let stage = stage.unwrap_or_else(|| panic!("no report of {wanted} in {stages:?}"));
        assert_eq!(stage["outcome"], "completed", "{stage}");
        assert!(stage["duration_ms"].is_u64() && stage["attempt"] == 1, "{stage}");
    }
}
