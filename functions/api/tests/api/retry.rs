//! What failed is started again.

use crate::common::{Fixture, seen};
use axum::http::StatusCode;
use heaters_aws::{ObjectRef, ObjectStore};
use heaters_db::{clips, videos};
use heaters_domain::{
    ClipState, ErrorClass, Failure, Stage, Subject, VideoState, contract::ReadProgress, keys::IngestKeys,
};
use serde_json::json;

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
async fn a_failed_publication_starts_again_and_its_approval_can_still_be_undone() {
    let fixture = Fixture::new().await;
    let (video, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let clip = &fixture.clips_of(video.id).await[0];
    fixture.act("tess", &json!({ "kind": "approve", "clips": [seen(clip)] })).await;
    let session = fixture.test.database.session().await.unwrap();
    clips::fail(&session, clips[0].number, ClipState::ExportFailed, &failure()).await.unwrap();
    let retry = fixture.post(&format!("/v1/clips/{}/retry", clips[0].id), "ugo", &json!({})).await;
    assert_eq!((retry.status, &retry.body["state"]), (StatusCode::OK, &json!("review_approved")));
    assert_eq!(retry.body["failure"], json!(null));
    let name = format!("publish-{}-v1-2", clips[0].id);
    assert_eq!(fixture.started.lock().unwrap().last(), Some(&name));
    assert_eq!(fixture.undo("ugo").await.status, StatusCode::NOT_FOUND, "a retry is not a decision");
    assert_eq!(fixture.undo("tess").await.body["clips"][0]["state"], "pending_review");
    assert_eq!(fixture.started.lock().unwrap().last(), Some(&format!("stop {name}")));
}

#[tokio::test]
async fn a_failed_video_is_shown_and_starts_again() {
    let fixture = Fixture::new().await;
    let video = fixture.test.new_video("a.mp4").await;
    let path = format!("/v1/videos/{}", video.id);
    assert_eq!(fixture.post(&format!("{path}/retry"), "tess", &json!({})).await.status, StatusCode::CONFLICT);
    let session = fixture.test.database.session().await.unwrap();
    videos::fail(&session, video.number, VideoState::DownloadFailed, &failure()).await.unwrap();
    let shown = fixture.get(&path).await;
    assert_eq!(shown.body["failure"]["sentence"], "It failed.");
    let retried = fixture.post(&format!("{path}/retry"), "tess", &json!({})).await;
    assert_eq!((&retried.body["state"], &retried.body["attempt"]), (&json!("new"), &json!(2)));
    assert_eq!(*fixture.started.lock().unwrap(), [format!("ingest-{}-2", video.id)]);
}

#[tokio::test]
async fn a_video_that_fails_is_as_far_as_it_was() {
    let fixture = Fixture::new().await;
    let video = fixture.test.new_video("a.mpg").await;
    let session = fixture.test.database.session().await.unwrap();
    let media = json!({
        "container": "mpeg", "video_codec": "mpeg2video", "width": 640, "height": 360, "packets": 1000, "fps": null,
        "time_base": { "num": 1, "den": 90_000 }, "duration_seconds": 40.0, "has_sound": true, "interlaced": false,
        "hdr_transfer": null, "title": null,
    });
    for state in [VideoState::Downloaded, VideoState::Preprocessing] {
        videos::set_state(&session, video.number, state).await.unwrap();
    }
    videos::store_media(&session, video.number, 4, &serde_json::from_value(media).unwrap()).await.unwrap();
    let store: &dyn ObjectStore = &fixture.store;
    let key = IngestKeys(video.prefix.clone()).read_progress();
    let all_read = ReadProgress { bytes_done: 1 << 30, bytes_expected: 1 << 30 };
    store.put_json(&ObjectRef::new("media", key), &all_read).await.unwrap();
    let path = format!("/v1/videos/{}", video.id);
    assert_eq!(fixture.get(&path).await.body["progress"], 20);
    videos::fail(&session, video.number, VideoState::PreprocessFailed, &failure()).await.unwrap();
    let failed = fixture.get(&path).await;
    assert_eq!((&failed.body["state"], &failed.body["progress"]), (&json!("preprocess_failed"), &json!(20)));
}
