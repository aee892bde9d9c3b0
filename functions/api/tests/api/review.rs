//! Decisions, undos and retries.

use crate::common::{Answer, Fixture};
use axum::http::StatusCode;
use heaters_db::{clips, clips::ClipRow};
use heaters_domain::{ClipState, ErrorClass, Failure, Stage, Subject, VideoState};
use serde_json::json;
use uuid::Uuid;

async fn decide(fixture: &Fixture, actor: &str, clip: &ClipRow, action: &str) -> Answer {
    decide_version(fixture, actor, clip, action, clip.version).await
}

async fn decide_version(fixture: &Fixture, actor: &str, clip: &ClipRow, action: &str, version: u32) -> Answer {
    let body = json!({ "action": action, "version": version, "request_id": Uuid::now_v7(), "took_ms": 800 });
    fixture.post(&format!("/v1/clips/{}/decisions", clip.id), actor, &body).await
}

async fn undo(fixture: &Fixture, actor: &str) -> Answer {
    fixture.post("/v1/undo", actor, &json!({ "request_id": Uuid::now_v7() })).await
}

const TO_EMBEDDED: [ClipState; 6] = [
    ClipState::Exporting,
    ClipState::Exported,
    ClipState::Keyframing,
    ClipState::Keyframed,
    ClipState::Embedding,
    ClipState::Embedded,
];

fn failure() -> Failure {
    Failure {
        class: ErrorClass::ToolFailure,
        stage: Stage::Export,
        subject: Subject::default(),
        sentence: "It failed.".to_owned(),
        detail: "exit 1".to_owned(),
    }
}

#[tokio::test]
async fn clips_come_in_order_and_in_pages() {
    let fixture = Fixture::new().await;
    fixture.test.ready_video("a.mp4", 100, &[20, 50]).await;
    fixture.test.ready_video("b.mp4", 100, &[10]).await;
    let mut seen = Vec::new();
    let mut path = "/v1/clips?state=pending_review&limit=2".to_owned();
    loop {
        let page = fixture.get(&path).await;
        let items = page.body["items"].as_array().unwrap().clone();
        seen.extend(items.iter().map(|clip| (clip["video_title"].to_string(), clip["start_frame"].as_u64().unwrap())));
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/v1/clips?state=pending_review&limit=2&cursor={cursor}");
    }
    let frames: Vec<u64> = seen.iter().map(|(_, frame)| *frame).collect();
    assert_eq!(frames, [0, 20, 50, 0, 10]);
}

#[tokio::test]
async fn an_approval_starts_one_publication_however_often_it_is_sent() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[20, 50]).await;
    let path = format!("/v1/clips/{}/decisions", clips[0].id);
    let request = json!({ "action": "approve", "version": 1, "request_id": Uuid::now_v7(), "took_ms": 800 });
    let first = fixture.post(&path, "tess", &request).await;
    assert_eq!((first.status, &first.body["pending"]), (StatusCode::OK, &json!(2)), "{}", first.body);
    assert_eq!(first.body["clip"]["state"], "review_approved");
    let again = fixture.post(&path, "tess", &request).await;
    assert_eq!((again.status, &again.body["event_id"]), (StatusCode::OK, &first.body["event_id"]));
    assert_eq!(*fixture.started.lock().unwrap(), [format!("publish-{}-v1-1", clips[0].id)]);
    let mut other = request.clone();
    other["action"] = json!("skip");
    assert_eq!(fixture.post(&path, "tess", &other).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_decided_clip_and_a_stale_version_are_conflicts() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let stale = decide_version(&fixture, "tess", &clips[0], "skip", 7).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert_eq!(decide(&fixture, "tess", &clips[0], "skip").await.status, StatusCode::OK);
    let late = decide(&fixture, "ugo", &clips[0], "approve").await;
    assert_eq!(late.body["detail"], "This clip has been decided already.");
}

#[tokio::test]
async fn two_undos_take_back_two_decisions_and_the_next_approval_is_a_new_version() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    decide(&fixture, "tess", &clips[0], "approve").await;
    decide(&fixture, "tess", &clips[1], "skip").await;
    for (clip, action) in [(&clips[1], "skip"), (&clips[0], "approve")] {
        let answer = undo(&fixture, "tess").await;
        assert_eq!(answer.body["undone_action"], action, "{}", answer.body);
        assert_eq!(answer.body["clip"]["id"], clip.id.to_string());
        assert_eq!(answer.body["clip"]["state"], "pending_review");
        assert_eq!(answer.body["clip"]["version"], 2);
    }
    assert_eq!(undo(&fixture, "tess").await.status, StatusCode::NOT_FOUND);
    let again = decide_version(&fixture, "tess", &clips[0], "approve", 2).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    let session = fixture.test.database.session().await.unwrap();
    let sql = "SELECT string_agg(version || ' ' || state, ', ' ORDER BY version) FROM publications";
    let publications: String = session.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(publications, "1 withdrawn, 2 active");
}

#[tokio::test]
async fn undoing_a_published_approval_takes_it_out_of_the_search() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let mut session = fixture.test.database.session().await.unwrap();
    heaters_db::search::register_model(&session, "descriptor-v1", "1", 2).await.unwrap();
    decide(&fixture, "tess", &clips[0], "approve").await;
    for state in TO_EMBEDDED {
        clips::set_state(&session, clips[0].number, state).await.unwrap();
    }
    let work = heaters_db::begin(&mut session).await.unwrap();
    fixture.test.store_stills(&work, &clips[0], [vec![1.0, 0.0], vec![1.0, 0.0], vec![1.0, 0.0]]).await;
    heaters_db::commit(work).await.unwrap();
    assert_eq!(fixture.get("/v1/search/random").await.status, StatusCode::OK);
    assert_eq!(undo(&fixture, "tess").await.body["clip"]["state"], "pending_review");
    assert_eq!(fixture.get("/v1/search/random").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_someone_else_went_on_with_stays() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    decide(&fixture, "tess", &clips[0], "approve").await;
    let session = fixture.test.database.session().await.unwrap();
    clips::fail(&session, clips[0].number, ClipState::ExportFailed, &failure()).await.unwrap();
    let retry = fixture.post(&format!("/v1/clips/{}/retry", clips[0].id), "ugo", &json!({})).await;
    assert_eq!((retry.status, &retry.body["state"]), (StatusCode::OK, &json!("review_approved")));
    assert_eq!(retry.body["failure"], json!(null));
    let name = format!("publish-{}-v1-2", clips[0].id);
    assert_eq!(fixture.started.lock().unwrap().last(), Some(&name));
    assert_eq!(undo(&fixture, "tess").await.status, StatusCode::CONFLICT);
    assert_eq!(undo(&fixture, "ugo").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_undo_sent_twice_is_done_once() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    decide(&fixture, "tess", &clips[0], "skip").await;
    decide(&fixture, "tess", &clips[1], "skip").await;
    let request = json!({ "request_id": Uuid::now_v7() });
    let first = fixture.post("/v1/undo", "tess", &request).await;
    let again = fixture.post("/v1/undo", "tess", &request).await;
    assert_eq!((again.status, &again.body["event_id"]), (StatusCode::OK, &first.body["event_id"]));
    let summary = fixture.get("/v1/review/summary").await;
    assert_eq!(summary.body, json!({ "pending": 1, "by_state": { "pending_review": 1, "review_skipped": 1 } }));
}

#[tokio::test]
async fn a_failed_video_is_shown_and_starts_again() {
    let fixture = Fixture::new().await;
    let video = fixture.test.new_video("a.mp4").await;
    let path = format!("/v1/videos/{}", video.id);
    assert_eq!(fixture.post(&format!("{path}/retry"), "tess", &json!({})).await.status, StatusCode::CONFLICT);
    let session = fixture.test.database.session().await.unwrap();
    heaters_db::videos::fail(&session, video.number, VideoState::DownloadFailed, &failure()).await.unwrap();
    let shown = fixture.get(&path).await;
    assert_eq!(shown.body["failure"]["sentence"], "It failed.");
    let retried = fixture.post(&format!("{path}/retry"), "tess", &json!({})).await;
    assert_eq!((&retried.body["state"], &retried.body["attempt"]), (&json!("new"), &json!(2)));
    assert_eq!(*fixture.started.lock().unwrap(), [format!("ingest-{}-2", video.id)]);
}
