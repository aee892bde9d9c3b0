//! Undo and redo, and what they do to publications.

use crate::common::{Fixture, seen};
use axum::http::StatusCode;
use heaters_db::clips;
use heaters_domain::ClipState;
use serde_json::{Value, json};
use uuid::Uuid;

const TO_EMBEDDED: [ClipState; 6] = [
    ClipState::Exporting,
    ClipState::Exported,
    ClipState::Keyframing,
    ClipState::Keyframed,
    ClipState::Embedding,
    ClipState::Embedded,
];

async fn text(fixture: &Fixture, sql: &str) -> String {
    let session = fixture.test.database.session().await.unwrap();
    session.query_one(sql, &[]).await.unwrap().get(0)
}

async fn publications(fixture: &Fixture) -> String {
    text(fixture, "SELECT string_agg(version || ' ' || state, ', ' ORDER BY version) FROM publications").await
}

#[tokio::test]
async fn undo_and_redo_go_through_the_history_and_each_approval_is_a_new_version() {
    let fixture = Fixture::new().await;
    let (video, rows) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let clips = fixture.clips_of(video.id).await;
    fixture.act("tess", &json!({ "kind": "approve", "clips": [seen(&clips[0])] })).await;
    fixture.act("tess", &json!({ "kind": "skip", "clips": [seen(&clips[1])] })).await;
    for (clip, action) in [(&clips[1], "skip"), (&clips[0], "approve")] {
        assert_eq!(fixture.get("/v1/history").await.body["undo"]["action"], action);
        let answer = fixture.undo("tess").await;
        assert_eq!(answer.body["undone_action"], action, "{}", answer.body);
        let back = &answer.body["clips"][0];
        assert_eq!((&back["id"], &back["state"], &back["version"]), (&clip["id"], &json!("pending_review"), &json!(2)));
    }
    assert_eq!(fixture.undo("tess").await.status, StatusCode::NOT_FOUND);
    let redone = fixture.redo("tess").await;
    assert_eq!(
        (&redone.body["undone_action"], &redone.body["clips"][0]["state"]),
        (&json!("approve"), &json!("review_approved"))
    );
    assert_eq!(publications(&fixture).await, "1 withdrawn, 3 active");
    let names: Vec<String> = ["", "stop ", ""]
        .iter()
        .zip([1, 1, 3])
        .map(|(stop, version)| format!("{stop}publish-{}-v{version}-1", rows[0].id))
        .collect();
    assert_eq!(*fixture.started.lock().unwrap(), names);
    // Something new empties redo.
    fixture.act("tess", &json!({ "kind": "note", "clip": seen(&clips[1]), "text": "Dark." })).await;
    let history = fixture.get("/v1/history").await;
    assert_eq!((&history.body["undo"]["action"], &history.body["redo"]), (&json!("note"), &Value::Null));
    assert_eq!(fixture.redo("tess").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_start_that_was_not_sent_is_called_off() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let clip = seen(&fixture.clips_of(video.id).await[0]);
    fixture.act("tess", &json!({ "kind": "approve", "clips": [clip] })).await;
    let session = fixture.test.database.session().await.unwrap();
    session.execute("UPDATE outbox SET sent_at = NULL", &[]).await.unwrap();
    fixture.started.lock().unwrap().clear();
    fixture.undo("tess").await;
    assert!(fixture.started.lock().unwrap().is_empty(), "there is nothing to stop");
    assert!(heaters_db::outbox::unsent(&session, 9).await.unwrap().is_empty(), "and nothing to start");
}

#[tokio::test]
async fn undoing_a_published_approval_takes_it_out_of_the_search_and_stops_nothing() {
    let fixture = Fixture::new().await;
    let (video, rows) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let mut session = fixture.test.database.session().await.unwrap();
    heaters_db::search::register_model(&session, "descriptor-v1", "1", 2).await.unwrap();
    let clip = seen(&fixture.clips_of(video.id).await[0]);
    fixture.act("tess", &json!({ "kind": "approve", "clips": [clip] })).await;
    for state in TO_EMBEDDED {
        clips::set_state(&session, rows[0].number, state).await.unwrap();
    }
    let work = heaters_db::begin(&mut session).await.unwrap();
    fixture.test.store_stills(&work, &rows[0], [vec![1.0, 0.0], vec![1.0, 0.0], vec![1.0, 0.0]]).await;
    heaters_db::publications::mark_published(&work, rows[0].number, 1).await.unwrap();
    heaters_db::commit(work).await.unwrap();
    assert_eq!(fixture.get("/v1/search/random").await.status, StatusCode::OK);
    fixture.started.lock().unwrap().clear();
    assert_eq!(fixture.undo("tess").await.body["clips"][0]["state"], "pending_review");
    assert_eq!(fixture.get("/v1/search/random").await.status, StatusCode::NOT_FOUND);
    assert_eq!(publications(&fixture).await, "1 withdrawn", "marked, not erased");
    assert!(fixture.started.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_edit_supersedes_what_was_approved_and_its_undo_publishes_it_anew() {
    let fixture = Fixture::new().await;
    let (video, rows) = fixture.test.ready_video("a.mp4", 100, &[]).await;
    let clip = seen(&fixture.clips_of(video.id).await[0]);
    fixture.act("tess", &json!({ "kind": "approve", "clips": [clip] })).await;
    let session = fixture.test.database.session().await.unwrap();
    clips::set_state(&session, rows[0].number, ClipState::Exporting).await.unwrap();
    let split = fixture.act("tess", &json!({ "kind": "split", "clip": clip, "frame": 30 })).await;
    assert_eq!(split.body["archived"], json!([rows[0].id]), "{}", split.body);
    assert_eq!(publications(&fixture).await, "1 superseded");
    let halves: Vec<Value> = split.body["clips"].as_array().unwrap().iter().map(seen).collect();
    fixture.act("tess", &json!({ "kind": "approve", "clips": halves })).await;
    fixture.undo("tess").await;
    let undone = fixture.undo("tess").await;
    assert_eq!(undone.body["clips"].as_array().unwrap().len(), 1);
    let back = &undone.body["clips"][0];
    assert_eq!(
        (&back["id"], &back["state"], &back["version"]),
        (&json!(rows[0].id), &json!("review_approved"), &json!(2))
    );
    let of_whole =
        "SELECT string_agg(publications.version || ' ' || publications.state, ', ' ORDER BY publications.version)
        FROM publications JOIN clips ON number = clip_number WHERE clips.start_frame = 0 AND clips.end_frame = 100";
    assert_eq!(text(&fixture, of_whole).await, "1 superseded, 2 active");
    let last = fixture.started.lock().unwrap().last().cloned();
    assert_eq!(last, Some(format!("publish-{}-v2-1", rows[0].id)));
}

#[tokio::test]
async fn an_undo_sent_twice_is_done_once_and_two_at_once_take_back_two() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[30, 50]).await;
    for clip in fixture.clips_of(video.id).await {
        fixture.act("tess", &json!({ "kind": "skip", "clips": [seen(&clip)] })).await;
    }
    let request = json!({ "request_id": Uuid::now_v7() });
    let first = fixture.post("/v1/undo", "tess", &request).await;
    let again = fixture.post("/v1/undo", "tess", &request).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body));
    let (one, other) = tokio::join!(fixture.undo("tess"), fixture.undo("tess"));
    assert_ne!(one.body["undone_event_id"], other.body["undone_event_id"]);
    let summary = fixture.get("/v1/review/summary").await;
    assert_eq!(summary.body, json!({ "pending": 3, "by_state": { "pending_review": 3 } }));
}

#[tokio::test]
async fn what_someone_else_went_on_with_stays() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[]).await;
    let whole = seen(&fixture.clips_of(video.id).await[0]);
    let split = fixture.act("tess", &json!({ "kind": "split", "clip": whole, "frame": 30 })).await;
    let left = seen(&split.body["clips"][0]);
    // Tess leaves her page, so that Ugo may have the clip.
    fixture.post("/v1/claims/leave", "tess", &json!({ "page": crate::common::page_of("tess") })).await;
    assert_eq!(fixture.act("ugo", &json!({ "kind": "approve", "clips": [left] })).await.status, StatusCode::OK);
    let before = fixture.clips_of(video.id).await;
    let refused = fixture.undo("tess").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let sentence = "ugo has gone on from there (an approval). It can't be taken back unless ugo takes that back first.";
    assert_eq!(refused.body["detail"], sentence);
    assert_eq!(fixture.clips_of(video.id).await, before);
    fixture.post("/v1/undo", "ugo", &json!({ "request_id": Uuid::now_v7() })).await;
    assert_eq!(fixture.undo("tess").await.body["clips"][0]["id"], whole["id"]);
}
