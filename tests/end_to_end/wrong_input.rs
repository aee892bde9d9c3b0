//! Whatever arrives ends in ready, or in a failed state with one clear sentence.

use crate::fabric::{Fabric, make, request_id};
use serde_json::{Value, json};
use std::path::Path;

const PICTURE: [&str; 6] = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2", "-pix_fmt", "yuv420p"];

async fn ingest(fabric: &Fabric, key: &str, file: &Path) -> Value {
    fabric.upload(key, file).await;
    fabric.settled(key).await
}

#[track_caller]
fn assert_failed(video: &Value, words: &str) {
    assert_eq!(video["state"], "preprocess_failed", "{video}");
    let sentence = video["failure"]["sentence"].as_str().unwrap();
    assert!(sentence.contains(words) && sentence.ends_with('.'), "{sentence:?} does not say {words:?}");
}

#[tokio::test]
async fn a_text_file_is_refused_and_can_be_retried() {
    let (fabric, folder) = (Fabric::connect().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("text.mp4");
    std::fs::write(&file, "This is not a film. ".repeat(100)).unwrap();
    let key = format!("text {}.mp4", request_id());
    let video = ingest(&fabric, &key, &file).await;
    assert_failed(&video, "not a video");

    let id = video["id"].as_str().unwrap();
    let retried = fabric.post(&format!("/v1/videos/{id}/retry"), &json!({})).await;
    assert_eq!(retried["attempt"], 2);
    assert_failed(&fabric.settled(&key).await, "not a video");
}

#[tokio::test]
async fn an_empty_file_is_refused() {
    let (fabric, folder) = (Fabric::connect().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("empty.mp4");
    std::fs::write(&file, "").unwrap();
    assert_failed(&ingest(&fabric, &format!("empty {}.mp4", request_id()), &file).await, "empty");
}

#[tokio::test]
async fn sound_alone_is_refused() {
    let (fabric, folder) = (Fabric::connect().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("sound.m4a");
    make(&file, &["-f", "lavfi", "-i", "sine=duration=2", "-c:a", "aac"]);
    assert_failed(&ingest(&fabric, &format!("sound {}.mp4", request_id()), &file).await, "no picture");
}

#[tokio::test]
async fn an_odd_name_and_no_sound_are_as_good_as_any() {
    let (fabric, folder) = (Fabric::connect().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("odd.mov");
    make(&file, &PICTURE);
    let name = format!("ein Film + mehr – ñandú 映画 100% {}", request_id());
    let video = ingest(&fabric, &format!("Ordner/{name}.MOV"), &file).await;
    assert_eq!((video["state"].as_str(), video["title"].as_str()), (Some("ready"), Some(name.as_str())));
    assert_eq!((video["frames"].as_u64(), video["has_sound"].as_bool()), (Some(50), Some(false)));
    assert_eq!(video["fps"], json!({ "num": 25, "den": 1 }));
}

#[tokio::test]
async fn the_same_event_twice_makes_one_video() {
    let (fabric, folder) = (Fabric::connect().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("twice.mp4");
    make(&file, &PICTURE);
    let key = format!("twice {}.mp4", request_id());
    let video = ingest(&fabric, &key, &file).await;
    assert_eq!(video["state"], "ready");
    for outcome in fabric.repeat_event(&key).await {
        assert_eq!(outcome, "SUCCEEDED", "a repeated event is no failure");
    }
    let after = fabric.videos_of(&key).await;
    assert_eq!(after.len(), 1);
    assert_eq!((&after[0]["id"], &after[0]["attempt"], &after[0]["state"]), (&video["id"], &json!(1), &json!("ready")));
}
