//! The library: uploads from a page in parts, timelines, and what is done to whole videos.

use crate::fabric::{Fabric, request_id, sample, wait_for};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const MEBIBYTE: usize = 1 << 20;

/// The sample, made larger than one part by a box that players skip.
fn large_sample() -> Vec<u8> {
    let mut bytes = std::fs::read(sample()).unwrap();
    let filler = 17 * MEBIBYTE;
    bytes.extend((filler as u32).to_be_bytes());
    bytes.extend(b"free");
    bytes.resize(bytes.len() + filler - 8, 0x55);
    bytes
}

async fn call(fabric: &Fabric, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let call = fabric.http.request(method, format!("{}{path}", fabric.api_url)).bearer_auth(&fabric.token);
    let answer = call.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    let status = answer.status();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

/// Sends one part of the file to its presigned address.
async fn send_part(fabric: &Fabric, upload: &Value, number: usize, part: &[u8]) {
    let path = format!("/v1/uploads/{}/parts", upload["upload"].as_str().unwrap());
    let given = fabric.post(&path, &json!({ "numbers": [number] })).await;
    let url = given["parts"][0]["url"].as_str().unwrap();
    let sent = fabric.http.put(url).body(part.to_vec()).send().await.unwrap();
    assert!(sent.status().is_success(), "{}", sent.status());
}

#[tokio::test]
async fn a_file_goes_up_in_parts_and_becomes_a_video() {
    let fabric = Fabric::connect().await;
    let file = large_sample();
    let name = format!("Ünï + браузер 100% {}.MP4", request_id());
    let request = json!({ "name": format!("C:\\films\\{name}"), "size_bytes": file.len(), "last_modified_ms": 1_700_000_000_000i64 });
    let upload = fabric.post("/v1/uploads", &request).await;
    assert_eq!((&upload["key"], &upload["parts"]), (&json!(name), &json!(2)));
    let path = format!("/v1/uploads/{}", upload["upload"].as_str().unwrap());
    let part_bytes = upload["part_bytes"].as_u64().unwrap() as usize;

    send_part(&fabric, &upload, 2, &file[part_bytes..]).await;
    // One that broke off in the middle has not arrived.
    send_part(&fabric, &upload, 1, &file[..part_bytes / 2]).await;
    assert_eq!(fabric.get(&path).await["parts_done"], json!([2]));
    let (status, early) = fabric.try_post(&format!("{path}/complete"), &json!({})).await;
    assert_eq!((status.as_u16(), &early["detail"]), (409, &json!("1 of the file's 2 parts have not arrived yet.")));
    send_part(&fabric, &upload, 1, &file[..part_bytes]).await;
    let done = fabric.post(&format!("{path}/complete"), &json!({})).await;
    assert_eq!(done["key"], json!(name));
    let again = fabric.post(&format!("{path}/complete"), &json!({})).await;
    assert_eq!(again, done, "a lost answer is given again");

    let video = fabric.settled(&name).await;
    assert_eq!((&video["state"], &video["source_version"]), (&json!("ready"), &done["version"]), "{video}");
    // As if another version of Heaters had made them: then they are made anew.
    fabric.age_scores(&video).await;
    timeline_is_whole(&fabric, &video).await;
    deleted_and_restored(&fabric, &video, &name).await;
}

async fn timeline_is_whole(fabric: &Fabric, video: &Value) {
    let id = video["id"].as_str().unwrap();
    let timeline = fabric.get(&format!("/v1/videos/{id}/timeline")).await;
    let frames = video["frames"].as_u64().unwrap();
    for list in [&timeline["clips"], &timeline["storyboard"]["tiles"]] {
        let parts = list.as_array().unwrap();
        let ends: Vec<&Value> = parts.iter().map(|part| &part["end_frame"]).collect();
        assert!(parts[0]["start_frame"] == 0 && *ends[ends.len() - 1] == frames, "{list}");
        assert!(parts.iter().skip(1).zip(&ends).all(|(part, end)| part["start_frame"] == **end), "{list}");
    }
    assert_eq!(timeline["cuts"].as_array().unwrap().len() + 1, timeline["clips"].as_array().unwrap().len());
    for (url, kind) in [(&timeline["storyboard"]["urls"][0], &b"\xff\xd8"[..]), (&timeline["waveform"]["url"], b"HXWF")]
    {
        let body = fabric.http.get(url.as_str().unwrap()).send().await.unwrap().bytes().await.unwrap();
        assert!(body.starts_with(kind), "{url}");
    }
    let scores = fabric.get(&format!("/v1/videos/{id}/scores?buckets=50")).await;
    assert_eq!(scores["values"].as_array().unwrap().len(), 50);
    // The same settings find the same cuts, and would change nothing.
    let same = fabric.get(&format!("/v1/videos/{id}/boundaries")).await;
    let cuts: Vec<&Value> = timeline["cuts"].as_array().unwrap().iter().map(|cut| &cut["frame"]).collect();
    assert_eq!((&same["cuts_after"], &same["clips_after"]), (&json!(cuts), &same["clips_kept"]));
    let fewer = fabric.get(&format!("/v1/videos/{id}/boundaries?sensitivity=0")).await;
    assert!(fewer["clips_after"].as_u64() < same["clips_after"].as_u64(), "{fewer}");
}

async fn deleted_and_restored(fabric: &Fabric, video: &Value, name: &str) {
    let id = video["id"].as_str().unwrap();
    let path = format!("/v1/videos/{id}");
    let (status, renamed) = call(fabric, Method::PATCH, &path, &json!({ "title": " Another title " })).await;
    assert_eq!((status.as_u16(), &renamed["title"]), (200, &json!("Another title")));
    let (status, _) = call(fabric, Method::DELETE, &path, &json!({})).await;
    assert_eq!(status, 200);
    assert!(fabric.videos_of(name).await.is_empty());
    let deleted = fabric.all("/v1/videos?deleted=true&text=another%20TITLE").await;
    assert!(deleted.iter().any(|found| found["id"] == video["id"] && found["restorable_until"].is_string()));
    assert_eq!(fabric.try_get(&format!("{path}/timeline")).await.0, 404);
    let restored = fabric.post(&format!("{path}/restore"), &json!({})).await;
    assert_eq!((&restored["state"], &restored["deleted_at"]), (&json!("ready"), &json!(null)));
    fabric.get(&format!("{path}/timeline")).await;
}

#[tokio::test]
async fn an_upload_that_is_given_up_is_gone() {
    let fabric = Fabric::connect().await;
    let upload = fabric.post("/v1/uploads", &json!({ "name": "a.mp4", "size_bytes": 9, "last_modified_ms": 0 })).await;
    let path = format!("/v1/uploads/{}", upload["upload"].as_str().unwrap());
    assert_eq!(call(&fabric, Method::DELETE, &path, &json!({})).await.0, 204);
    assert_eq!(fabric.try_get(&path).await.0, 404);
    assert_eq!(fabric.try_post(&format!("{path}/complete"), &json!({})).await.0, 404);
}

#[tokio::test]
async fn a_video_that_is_cancelled_stops_and_goes_on_when_asked() {
    let fabric = Fabric::connect().await;
    let key = format!("cancelled {}.mp4", request_id());
    fabric.upload(&key, &sample()).await;
    let video = wait_for("the video to be under way", async || fabric.videos_of(&key).await.into_iter().next()).await;
    let path = format!("/v1/videos/{}", video["id"].as_str().unwrap());
    let cancelled = fabric.post(&format!("{path}/cancel"), &json!({})).await;
    assert_eq!(cancelled["state"], "cancelled");
    let again = fabric.try_post(&format!("{path}/cancel"), &json!({})).await;
    assert_eq!(again.0, 409, "{}", again.1);
    let retried = fabric.post(&format!("{path}/retry"), &json!({})).await;
    assert_eq!((&retried["state"], &retried["attempt"]), (&json!("new"), &json!(2)));
    let settled = fabric.settled(&key).await;
    assert_eq!(settled["state"], "ready", "{settled}");
}
