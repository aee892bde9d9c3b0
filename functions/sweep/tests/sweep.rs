//! What a sweep finds and puts right.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use heaters_aws::{DirStore, ObjectRef, Queues, Workflows, testing::sdk_config_for};
use heaters_db::{begin, clips, commit, library, outbox, playback, playback::Limits, testing::TestDatabase, videos};
use heaters_domain::{ClipState, VideoState, contract::IngestStart};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};
use sweep::{Settings, Sweep, SweepOutput};

/// A stand-in for Step Functions and SQS.
#[derive(Default)]
struct Outside {
    /// Executions by ARN; others do not exist.
    statuses: HashMap<String, &'static str>,
    started: Vec<(String, Value)>,
    refuse_starts: bool,
    messages: VecDeque<Value>,
    /// The errors that task tokens were answered with.
    failed_tasks: Vec<(String, String)>,
    deleted: Vec<String>,
}

type Shared = Arc<Mutex<Outside>>;

struct Fixture {
    test: TestDatabase,
    sweep: Sweep,
    outside: Shared,
    folder: tempfile::TempDir,
}

impl Fixture {
    async fn new() -> Self {
        let (test, folder) = (TestDatabase::new().await, tempfile::tempdir().unwrap());
        let outside = Shared::default();
        let sdk = sdk_config_for(&serve(outside.clone()).await);
        let sweep = Sweep {
            database: test.database.clone(),
            store: Arc::new(DirStore::new(folder.path())),
            workflows: Workflows::new(&sdk),
            queues: Queues::new(&sdk),
            settings: Settings {
                ingest_machine: "arn:aws:states:us-east-1:000000000000:stateMachine:ingest".to_owned(),
                publish_machine: "arn:aws:states:us-east-1:000000000000:stateMachine:publish".to_owned(),
                upload_bucket: "uploads".to_owned(),
                dead_letter_queue: "http://queue.test/dead".to_owned(),
                grace_seconds: 0.0,
                max_attempts: 2,
                media_bucket: "media".to_owned(),
                playback: Limits { bytes: 100, days: 7, in_use_seconds: 600.0 },
            },
        };
        Self { test, sweep, outside, folder }
    }

    async fn run(&self) -> SweepOutput {
        sweep::handle(&self.sweep).await.unwrap().output
    }

    fn started(&self) -> Vec<String> {
        self.outside.lock().unwrap().started.iter().map(|(name, _)| name.clone()).collect()
    }

    fn set_status(&self, execution: &str, status: &'static str) {
        self.outside.lock().unwrap().statuses.insert(execution.to_owned(), status);
    }
}

async fn serve(outside: Shared) -> String {
    let router = Router::new().route("/", post(answer)).with_state(outside);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn answer(State(outside): State<Shared>, headers: HeaderMap, body: String) -> (StatusCode, Json<Value>) {
    let call: Value = serde_json::from_str(&body).unwrap();
    let text = |name: &str| call[name].as_str().unwrap_or_default().to_owned();
    let operation = headers["x-amz-target"].to_str().unwrap().rsplit('.').next().unwrap().to_owned();
    let mut outside = outside.lock().unwrap();
    let refused = |code: &str| (StatusCode::BAD_REQUEST, Json(json!({ "__type": code, "message": code })));
    let answer = match operation.as_str() {
        "StartExecution" if outside.refuse_starts => return refused("StateMachineDoesNotExist"),
        "StartExecution" => {
            let input = serde_json::from_str(&text("input")).unwrap();
            outside.started.push((text("name"), input));
            json!({ "executionArn": "arn:started", "startDate": 1.0 })
        }
        "StopExecution" => {
            outside.started.push((format!("stop {}", text("executionArn").rsplit(':').next().unwrap()), Value::Null));
            json!({ "stopDate": 1.0 })
        }
        "DescribeExecution" => match outside.statuses.get(&text("executionArn")) {
            None => return refused("ExecutionDoesNotExist"),
            Some(status) => json!({
                "executionArn": text("executionArn"), "stateMachineArn": "arn:machine",
                "startDate": 1.0, "status": status,
            }),
        },
        "ReceiveMessage" => json!({ "Messages": outside.messages.drain(..).collect::<Vec<_>>() }),
        "SendTaskFailure" => {
            outside.failed_tasks.push((text("taskToken"), text("error")));
            json!({})
        }
        "DeleteMessage" => {
            outside.deleted.push(text("ReceiptHandle"));
            json!({})
        }
        other => panic!("the sweep does not call {other}"),
    };
    (StatusCode::OK, Json(answer))
}

#[tokio::test]
async fn a_quiet_system_is_left_alone() {
    let fixture = Fixture::new().await;
    fixture.test.ready_video("a.mp4", 100, &[50]).await;
    assert_eq!(fixture.run().await, SweepOutput::default());
}

#[tokio::test]
async fn what_was_asked_for_is_started_until_it_is() {
    let fixture = Fixture::new().await;
    let video = fixture.test.new_video("a.mp4").await;
    let session = fixture.test.database.session().await.unwrap();
    outbox::ask_for_ingest(&session, IngestStart { video: video.id, attempt: 1 }).await.unwrap();
    fixture.outside.lock().unwrap().refuse_starts = true;
    assert_eq!(fixture.run().await.started, 0);
    let row = outbox::unsent(&session, 9).await.unwrap().remove(0);
    assert_eq!(row.tries, 1);
    fixture.outside.lock().unwrap().refuse_starts = false;
    assert_eq!((fixture.run().await.started, fixture.started()), (1, vec![format!("ingest-{}-1", video.id)]));
    fixture.set_status("arn:execution:test", "RUNNING");
    assert_eq!(fixture.run().await.started, 0);
}

#[tokio::test]
async fn the_execution_of_a_withdrawn_approval_is_stopped() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    fixture.test.approve(&clips[0]).await;
    let session = fixture.test.database.session().await.unwrap();
    let withdrawn = heaters_db::publications::withdraw(&session, &[(clips[0].id, true)]).await.unwrap();
    let asked = outbox::call_off(&session, &withdrawn).await.unwrap();
    let execution = format!("publish-{}-v1-1", clips[0].id);
    assert_eq!(asked, [format!("stop-{execution}")]);
    assert_eq!((fixture.run().await.started, fixture.started()), (1, vec![format!("stop {execution}")]));
    assert!(outbox::unsent(&session, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_video_whose_execution_is_gone_goes_on_a_bounded_number_of_times() {
    let fixture = Fixture::new().await;
    let video = fixture.test.new_video("a.mp4").await;
    let session = fixture.test.database.session().await.unwrap();
    fixture.set_status("arn:execution:test", "RUNNING");
    assert_eq!(fixture.run().await, SweepOutput::default());

    fixture.set_status("arn:execution:test", "ABORTED");
    let swept = fixture.run().await;
    assert_eq!((swept.resumed, swept.started), (1, 1));
    assert_eq!(fixture.started(), [format!("ingest-{}-2", video.id)]);
    let again = videos::by_id(&session, video.id).await.unwrap().unwrap();
    assert_eq!((again.state, again.attempt, again.failure), (VideoState::New, 2, None));

    // The second execution is gone too before it registered.
    assert_eq!(fixture.run().await.given_up, 1);
    let failed = videos::by_id(&session, video.id).await.unwrap().unwrap();
    assert_eq!(failed.state, VideoState::DownloadFailed);
    assert!(failed.failure.unwrap().sentence.contains("interrupted in 2 attempts"));
    assert_eq!(fixture.run().await, SweepOutput::default());
}

#[tokio::test]
async fn a_clip_whose_publication_is_gone_is_published_again() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    fixture.test.approve(&clips[0]).await;
    let session = fixture.test.database.session().await.unwrap();
    clips::set_state(&session, clips[0].number, ClipState::Exporting).await.unwrap();
    let machine = "arn:aws:states:us-east-1:000000000000:execution:publish";
    fixture.set_status(&format!("{machine}:publish-{}-v1-1", clips[0].id), "FAILED");
    let swept = fixture.run().await;
    assert_eq!((swept.resumed, swept.started), (1, 1));
    let (name, input) = fixture.outside.lock().unwrap().started.remove(0);
    assert_eq!((name, &input["publication"]["attempt"]), (format!("publish-{}-v1-2", clips[0].id), &json!(2)));
    let again = clips::by_id(&session, clips[0].id).await.unwrap().unwrap();
    assert_eq!(again.state, ClipState::ReviewApproved);
}

#[tokio::test]
async fn exports_that_nobody_managed_are_answered_with_a_failure() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let publication = fixture.test.approve(&clips[0]).await;
    let body = json!({ "publication": publication, "task_token": "token" }).to_string();
    let messages = [
        json!({ "MessageId": "1", "ReceiptHandle": "receipt 1", "Body": body }),
        json!({ "MessageId": "2", "ReceiptHandle": "receipt 2", "Body": "not an export" }),
    ];
    fixture.outside.lock().unwrap().messages.extend(messages);
    assert_eq!(fixture.run().await.dead_letters, 2);
    let outside = fixture.outside.lock().unwrap();
    assert_eq!(outside.failed_tasks, [("token".to_owned(), "ToolFailure".to_owned())]);
    assert_eq!(outside.deleted, ["receipt 1", "receipt 2"]);
}

#[tokio::test]
async fn an_upload_whose_event_was_lost_is_found() {
    let fixture = Fixture::new().await;
    fixture.test.new_video("known.mp4").await;
    fixture.set_status("arn:execution:test", "RUNNING");
    let store = DirStore::new(fixture.folder.path());
    for key in ["known.mp4", "lost + Ünï.mp4"] {
        let path = store.path(&ObjectRef::new("uploads", key));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "video").unwrap();
    }
    assert_eq!(fixture.run().await.found_uploads, 1);
    let outside = fixture.outside.lock().unwrap();
    assert_eq!(outside.started[0].1["detail"]["object"]["key"], "lost + Ünï.mp4");
    assert_eq!(outside.started[0].1["detail"]["bucket"]["name"], "uploads");
}

#[tokio::test]
async fn the_playback_files_used_least_recently_go_when_there_are_too_many() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[]).await;
    let session = fixture.test.database.session().await.unwrap();
    let store = DirStore::new(fixture.folder.path());
    let path = |key: &str| store.path(&ObjectRef::new("media", key));
    // Minutes since the last use and days since it was made; each takes 40 of 100 bytes.
    for (key, minutes, days) in
        [("p/now", 0, 0), ("p/new", 20, 0), ("p/used", 30, 0), ("p/least", 90, 0), ("p/old", 25, 8)]
    {
        std::fs::create_dir_all(path(key).parent().unwrap()).unwrap();
        std::fs::write(path(key), [0; 40]).unwrap();
        playback::mark_used(&session, key, video.number).await.unwrap();
        playback::mark_made(&session, key, 40).await.unwrap();
        let age = format!(
            "UPDATE playback_files SET used_at = now() - interval '{minutes} min', made_at = now() - interval '{days} days' \
             WHERE key = '{key}'"
        );
        session.batch_execute(&age).await.unwrap();
    }
    assert_eq!(fixture.run().await.evicted_files, 3);
    let there = |key: &str| path(key).exists();
    assert!(there("p/now") && there("p/new"));
    assert!(!there("p/used") && !there("p/least") && !there("p/old"));
    assert_eq!(fixture.run().await, SweepOutput::default());

    // What is in use stays, whatever its size.
    playback::mark_made(&session, "p/now", 4000).await.unwrap();
    fixture.run().await;
    assert!(there("p/now") && !there("p/new"));
}

#[tokio::test]
async fn a_video_that_was_not_restored_in_time_loses_its_objects_and_no_other_does() {
    let fixture = Fixture::new().await;
    let (old, _) = fixture.test.ready_video("old.mp4", 100, &[50]).await;
    let (young, _) = fixture.test.ready_video("young.mp4", 100, &[50]).await;
    let store = DirStore::new(fixture.folder.path());
    let objects = |video: &videos::VideoRow| {
        let made = store.path(&ObjectRef::new("media", format!("{}/proxy.mp4", video.prefix)));
        [made, store.path(&ObjectRef::from(&video.sources[0]))]
    };
    for path in objects(&old).iter().chain(&objects(&young)) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "bytes").unwrap();
    }
    let mut session = fixture.test.database.session().await.unwrap();
    let work = begin(&mut session).await.unwrap();
    for (video, days) in [(&old, 30), (&young, 29)] {
        library::delete(&work, video.number).await.unwrap();
        let sql =
            format!("UPDATE videos SET deleted_at = now() - interval '{days} days' WHERE number = {}", video.number);
        work.batch_execute(&sql).await.unwrap();
    }
    commit(work).await.unwrap();
    assert_eq!(fixture.run().await, SweepOutput { purged_videos: 1, ..SweepOutput::default() });
    assert!(objects(&old).iter().all(|path| !path.exists()) && objects(&young).iter().all(|path| path.exists()));
    assert!(videos::by_id(&session, old.id).await.unwrap().unwrap().purged_at.is_some());
    // Its upload is gone, and is not taken for one whose event was lost.
    assert_eq!(fixture.run().await, SweepOutput::default());
}
