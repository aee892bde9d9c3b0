//! Decisions: once, on what the reviewer saw, in bulk.

use crate::common::{Fixture, page_of, seen};
use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn an_approval_starts_one_publication_however_often_it_is_sent() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[20, 50]).await;
    let action = json!({ "kind": "approve", "clips": [{ "id": clips[0].id, "version": 1 }] });
    let request = json!({ "request_id": Uuid::now_v7(), "took_ms": 800, "page": page_of("tess"), "action": action });
    let first = fixture.post("/v1/actions", "tess", &request).await;
    assert_eq!((first.status, &first.body["pending"]), (StatusCode::OK, &json!(2)), "{}", first.body);
    assert_eq!(first.body["clips"][0]["state"], "review_approved");
    let again = fixture.post("/v1/actions", "tess", &request).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body));
    assert_eq!(*fixture.started.lock().unwrap(), [format!("publish-{}-v1-1", clips[0].id)]);
    let mut other = request.clone();
    other["action"]["kind"] = json!("skip");
    assert_eq!(fixture.post("/v1/actions", "tess", &other).await.status, StatusCode::CONFLICT);
    assert_eq!(fixture.post("/v1/actions", "ugo", &request).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn requests_at_the_same_time_are_done_once() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let clip = &fixture.clips_of(video.id).await[0];
    let action = json!({ "kind": "split", "clip": seen(clip), "frame": 20 });
    let request = json!({ "request_id": Uuid::now_v7(), "took_ms": 800, "page": page_of("tess"), "action": action });
    let answers = futures::future::join_all((0..6).map(|_| fixture.post("/v1/actions", "tess", &request))).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &answers[0].body));
    }
    assert_eq!(fixture.clips_of(video.id).await.len(), 3);
}

#[tokio::test]
async fn a_decided_clip_a_stale_version_and_an_unknown_clip_are_refused_with_a_sentence() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let skip = |id: String, version: u32| json!({ "kind": "skip", "clips": [{ "id": id, "version": version }] });
    let id = clips[0].id.to_string();
    let stale = fixture.act("tess", &skip(id.clone(), 7)).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert_eq!(stale.body["detail"], "This clip has changed since you saw it. Look at it again.");
    assert_eq!(fixture.act("tess", &skip(id.clone(), 1)).await.status, StatusCode::OK);
    let late = fixture.act("ugo", &skip(id, 1)).await;
    let sentence = "This clip has been decided already: it is skipped. Bring it back to the queue first.";
    assert_eq!((late.status, &late.body["detail"]), (StatusCode::CONFLICT, &json!(sentence)));
    let unknown = fixture.act("ugo", &skip(Uuid::now_v7().to_string(), 1)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(fixture.act("ugo", &json!({ "kind": "skip", "clips": [] })).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_bulk_action_is_one_event_and_one_undo_and_all_or_nothing() {
    let fixture = Fixture::new().await;
    let cuts: Vec<u32> = (1..400).collect();
    let (video, _) = fixture.test.ready_video("a.mp4", 400, &cuts).await;
    let clips: Vec<Value> = fixture.clips_of(video.id).await.iter().map(seen).collect();
    let bulk = fixture.act("tess", &json!({ "kind": "archive", "clips": clips })).await;
    assert_eq!((bulk.status, &bulk.body["pending"]), (StatusCode::OK, &json!(0)), "{}", bulk.body["detail"]);
    assert_eq!(bulk.body["clips"].as_array().unwrap().len(), 400);
    let undone = fixture.undo("tess").await;
    assert_eq!((&undone.body["undone_action"], &undone.body["pending"]), (&json!("archive"), &json!(400)));
    assert_eq!(fixture.undo("tess").await.status, StatusCode::NOT_FOUND);
    // One of them is stale: none is done.
    let mut mixed: Vec<Value> = fixture.clips_of(video.id).await.iter().map(seen).collect();
    mixed[7]["version"] = json!(1);
    let refused = fixture.act("tess", &json!({ "kind": "archive", "clips": mixed })).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let summary = fixture.get("/v1/review/summary").await;
    assert_eq!(summary.body, json!({ "pending": 400, "by_state": { "pending_review": 400 } }));
}

#[tokio::test]
async fn a_group_links_clips_and_publishes_those_that_waited() {
    let fixture = Fixture::new().await;
    let (video, rows) = fixture.test.ready_video("a.mp4", 100, &[20, 50]).await;
    let clips = fixture.clips_of(video.id).await;
    fixture.act("tess", &json!({ "kind": "approve", "clips": [seen(&clips[0])] })).await;
    let group = fixture.act("tess", &json!({ "kind": "group", "clips": [seen(&clips[1]), seen(&clips[0])] })).await;
    let id = group.body["clips"][0]["group_id"].as_str().unwrap().to_owned();
    assert_eq!(group.body["clips"][1]["group_id"], id.as_str());
    let found = fixture.get(&format!("/v1/clips?group={id}")).await;
    assert_eq!(found.body["items"].as_array().unwrap().len(), 2);
    let started = fixture.started.lock().unwrap().clone();
    assert_eq!(started, [0, 1].map(|at: usize| format!("publish-{}-v1-1", rows[at].id)));
    let undone = fixture.undo("tess").await;
    let states: Vec<_> =
        (0..2).map(|at| (&undone.body["clips"][at]["state"], &undone.body["clips"][at]["group_id"])).collect();
    assert_eq!(states, [(&json!("review_approved"), &Value::Null), (&json!("pending_review"), &Value::Null)]);
}

#[tokio::test]
async fn an_approval_taken_back_by_anybody_is_withdrawn() {
    let fixture = Fixture::new().await;
    let (video, rows) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let clip = seen(&fixture.clips_of(video.id).await[0]);
    fixture.act("tess", &json!({ "kind": "approve", "clips": [clip] })).await;
    let reopened = fixture.act("ugo", &json!({ "kind": "reopen", "clips": [clip] })).await;
    assert_eq!(reopened.body["clips"][0]["state"], "pending_review", "{}", reopened.body);
    assert_eq!(fixture.started.lock().unwrap().last(), Some(&format!("stop publish-{}-v1-1", rows[0].id)));
    // Tess would undo what is not hers any more.
    let refused = fixture.undo("tess").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body["detail"].as_str().unwrap().starts_with("ugo has gone on from there (a reopening)"));
}
