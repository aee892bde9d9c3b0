//! An ingest, as the state machine tells the catalog about it.

use crate::common::{EXECUTION, Fixture, event, probe_output, report};
use heaters_db::{begin, commit, videos};
use heaters_domain::{
    ErrorClass, Failure, Stage, Subject,
    contract::{CatalogRequest, CatalogVerdict, CaughtError, Ingest},
};
use serde_json::json;

#[tokio::test]
async fn the_same_upload_makes_one_video() {
    let fixture = Fixture::new().await;
    let first = fixture.register(EXECUTION, event("Ünï + x.MP4", "v1")).await;
    assert_eq!(first.verdict, CatalogVerdict::Continue);
    let again = fixture.register("arn:execution:second", event("Ünï + x.MP4", "v1")).await;
    assert_eq!((again.verdict, again.ingest), (CatalogVerdict::Duplicate, None));
    let retried = fixture.register(EXECUTION, event("Ünï + x.MP4", "v1")).await;
    assert_eq!((retried.verdict, retried.ingest), (CatalogVerdict::Continue, first.ingest));
    assert_eq!(fixture.column("SELECT title FROM videos").await, ["Ünï + x"]);
    let other_version = fixture.register("arn:execution:third", event("Ünï + x.MP4", "v2")).await;
    assert_eq!(other_version.verdict, CatalogVerdict::Continue);
}

#[tokio::test]
async fn two_deliveries_at_once_make_one_video() {
    let fixture = Fixture::new().await;
    let (one, two) = tokio::join!(
        fixture.register("arn:one", event("a.mp4", "v1")),
        fixture.register("arn:two", event("a.mp4", "v1"))
    );
    let continued = [one, two].iter().filter(|answer| answer.verdict == CatalogVerdict::Continue).count();
    assert_eq!((continued, fixture.column("SELECT count(*) FROM videos").await), (1, vec!["1".to_owned()]));
}

#[tokio::test]
async fn folders_are_not_videos_but_empty_files_are_and_fail_visibly() {
    let fixture = Fixture::new().await;
    let mut folder = event("folder/", "v1");
    folder["detail"]["object"]["size"] = json!(0);
    assert_eq!(fixture.register(EXECUTION, folder).await.verdict, CatalogVerdict::Duplicate);
    let mut empty = event("empty.mp4", "v1");
    empty["detail"]["object"]["size"] = json!(0);
    assert_eq!(fixture.register(EXECUTION, empty).await.verdict, CatalogVerdict::Continue);
    assert_eq!(fixture.column("SELECT source_key FROM videos").await, ["empty.mp4"]);
}

#[tokio::test]
async fn a_start_that_names_nothing_is_refused() {
    let fixture = Fixture::new().await;
    let request = CatalogRequest::Register { execution: EXECUTION.to_owned(), input: json!({"what": 1}) };
    assert_eq!(fixture.ask(request).await.unwrap_err().class, ErrorClass::Internal);
}

#[tokio::test]
async fn clips_tile_the_video_and_are_made_once() {
    let fixture = Fixture::new().await;
    let ingest = fixture.assembled().await;
    assert_eq!(fixture.column("SELECT state FROM videos").await, ["detecting_scenes"]);
    for cuts in [[20, 50], [30, 60]] {
        let answer = fixture.create_clips(&ingest, &cuts).await.unwrap();
        assert_eq!(answer.verdict, CatalogVerdict::Continue);
        let ranges = fixture.column("SELECT start_frame || '-' || end_frame FROM clips ORDER BY start_frame").await;
        assert_eq!(ranges, ["0-20", "20-50", "50-100"]);
        let looks = fixture.column("SELECT look FROM clips ORDER BY start_frame").await;
        assert_eq!(looks, ["-10", "-35", "-75"], "the middle frame's");
    }
    assert_eq!(fixture.column("SELECT state FROM videos").await, ["ready"]);
    assert_eq!(fixture.column("SELECT frame FROM cuts ORDER BY 1").await, ["20", "50"]);
}

#[tokio::test]
async fn boundaries_outside_the_video_make_no_clips() {
    let fixture = Fixture::new().await;
    let ingest = fixture.assembled().await;
    assert!(fixture.create_clips(&ingest, &[100]).await.is_err());
    assert_eq!(fixture.column("SELECT count(*) FROM clips").await, ["0"]);
}

fn caught(class: &str, failure: &Failure) -> CaughtError {
    let cause = json!({ "errorType": class, "errorMessage": serde_json::to_string(failure).unwrap() });
    CaughtError { error: class.to_owned(), cause: cause.to_string() }
}

async fn fail(fixture: &Fixture, ingest: &Ingest, error: CaughtError) -> CatalogVerdict {
    fixture.ask(CatalogRequest::FailIngest { ingest: ingest.clone(), error }).await.unwrap().verdict
}

#[tokio::test]
async fn the_first_failure_of_an_attempt_is_the_one_shown() {
    let fixture = Fixture::new().await;
    let ingest = fixture.register(EXECUTION, event("a.mp4", "v1")).await.ingest.unwrap();
    fixture.record(&ingest, Stage::Probe, None, &probe_output()).await;
    let failure = Failure {
        class: ErrorClass::ToolFailure,
        stage: Stage::Preprocess,
        subject: Subject { chunk: Some(3), ..ingest.subject() },
        sentence: "Chunk 3 is damaged.".to_owned(),
        detail: "ffmpeg: exit 1".to_owned(),
    };
    assert_eq!(fail(&fixture, &ingest, caught("ToolFailure", &failure)).await, CatalogVerdict::Continue);
    let map = CaughtError { error: "States.ExceedToleratedFailureThreshold".to_owned(), cause: "{}".to_owned() };
    assert_eq!(fail(&fixture, &ingest, map).await, CatalogVerdict::Withdrawn);
    assert_eq!(fixture.column("SELECT failure ->> 'sentence' FROM videos").await, ["Chunk 3 is damaged."]);
    assert_eq!(fixture.column("SELECT state FROM videos").await, ["preprocess_failed"]);
    let failed = fixture.column("SELECT chunk FROM stage_reports WHERE outcome = 'failed'").await;
    assert_eq!(failed, ["3"]);
}

#[tokio::test]
async fn an_error_that_is_not_ours_gets_a_sentence() {
    let fixture = Fixture::new().await;
    let ingest = fixture.register(EXECUTION, event("a.mp4", "v1")).await.ingest.unwrap();
    let timeout = CaughtError { error: "States.Timeout".to_owned(), cause: String::new() };
    fail(&fixture, &ingest, timeout).await;
    let sentence = fixture.column("SELECT failure ->> 'sentence' FROM videos").await;
    assert_eq!(sentence, ["The work took longer than it may. Retry it."]);
    assert_eq!(fixture.column("SELECT failure ->> 'stage' FROM videos").await, ["probe"]);
}

#[tokio::test]
async fn a_later_attempt_makes_the_earlier_one_withdrawn() {
    let fixture = Fixture::new().await;
    let ingest = fixture.register(EXECUTION, event("a.mp4", "v1")).await.ingest.unwrap();
    let timeout = CaughtError { error: "States.Timeout".to_owned(), cause: String::new() };
    fail(&fixture, &ingest, timeout).await;
    let mut session = fixture.test.database.session().await.unwrap();
    let work = begin(&mut session).await.unwrap();
    let video = videos::lock(&work, ingest.video).await.unwrap().unwrap();
    assert_eq!(videos::restart(&work, video.number).await.unwrap(), 2);
    commit(work).await.unwrap();

    let start = json!({ "video": ingest.video, "attempt": 2 });
    let second = fixture.register("arn:second", start.clone()).await;
    assert_eq!(second.ingest.as_ref().unwrap().attempt, 2);
    assert_eq!(fixture.register("arn:third", start).await.verdict, CatalogVerdict::Duplicate);
    let stale = report(Stage::Probe, ingest.subject(), 1, serde_json::to_value(probe_output()).unwrap());
    let request = CatalogRequest::RecordIngest { ingest, report: stale };
    assert_eq!(fixture.ask(request).await.unwrap().verdict, CatalogVerdict::Withdrawn);
    assert_eq!(fixture.column("SELECT state FROM videos").await, ["downloaded"]);
}
