//! The log for people.

use crate::common::{Fixture, seen};
use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

fn lines(page: &Value) -> Vec<(String, String, bool)> {
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    items.iter().map(|line| (text(line, "actor_name"), text(line, "summary"), line["undone"] == true)).collect()
}

fn line(actor: &str, summary: &str, undone: bool) -> (String, String, bool) {
    (actor.to_owned(), summary.to_owned(), undone)
}

#[tokio::test]
async fn a_video_and_a_clip_tell_what_was_done_to_them() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let clips = fixture.clips_of(video.id).await;
    let split = fixture.act("tess", &json!({ "kind": "split", "clip": seen(&clips[0]), "frame": 20 })).await;
    fixture.act("tess", &json!({ "kind": "skip", "clips": [seen(&split.body["clips"][0])] })).await;
    fixture.undo("tess").await;
    fixture.act("ugo", &json!({ "kind": "archive", "clips": [seen(&clips[1])] })).await;
    let log = fixture.get(&format!("/v1/videos/{}/activity", video.id)).await;
    let detected = line("Heaters", "Found 2 shots.", false);
    let divided = line("tess", "Split the clip at 0:00.00–0:02.00 at frame 20.", false);
    let expected = [
        line("ugo", "Archived the clip at 0:02.00–0:04.00.", false),
        line("tess", "Took back a skip: the clip at 0:00.00–0:00.80.", false),
        line("tess", "Skipped the clip at 0:00.00–0:00.80.", true),
        divided.clone(),
        detected.clone(),
    ];
    assert_eq!(lines(&log.body), expected);
    assert_eq!(log.body["items"][0]["took_ms"], 800);
    assert_eq!(log.body["items"][3]["clips"].as_array().unwrap().len(), 3);
    // A half tells of the whole it was made of, and not of its sibling.
    let half = split.body["clips"][1]["id"].as_str().unwrap();
    let log = fixture.get(&format!("/v1/clips/{half}/activity")).await;
    assert_eq!(lines(&log.body), [divided, detected]);
    let first = fixture.get(&format!("/v1/videos/{}/activity?limit=2", video.id)).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = fixture.get(&format!("/v1/videos/{}/activity?limit=2&cursor={cursor}", video.id)).await;
    assert_eq!(lines(&second.body), expected[2..4]);
    let nothing = fixture.get(&format!("/v1/videos/{}/activity", Uuid::now_v7())).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_redone_is_not_undone() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[]).await;
    let clip = seen(&fixture.clips_of(video.id).await[0]);
    fixture.act("tess", &json!({ "kind": "skip", "clips": [clip] })).await;
    fixture.undo("tess").await;
    fixture.redo("tess").await;
    let undone = async || {
        let log = fixture.get(&format!("/v1/videos/{}/activity", video.id)).await;
        lines(&log.body).into_iter().map(|(_, _, undone)| undone).collect::<Vec<_>>()
    };
    assert_eq!(undone().await, [false, true, false, false]);
    fixture.undo("tess").await;
    assert_eq!(undone().await, [false, true, true, true, false]);
}
