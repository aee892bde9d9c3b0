//! Batches over a folder as storage, with the real ffmpeg and a list for the answers.

#[path = "../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;

use export::{Answers, BatchResponse, Exporter, SqsEvent};
use fixture::{stored_proxy, tools};
use heaters_aws::{DirStore, WorkflowError};
use heaters_domain::{ErrorClass, Failure, Outcome, StageReport, contract::ExportOutput};
use std::{fs, path::Path, sync::Mutex};

fn publication(start: u32, end: u32) -> serde_json::Value {
    serde_json::json!({
        "clip": format!("01890a5d-ac96-774b-bcce-b302099a80{end}"), "video": "01890a5d-ac96-774b-bcce-b302099a8057", "version": 2,
        "attempt": 1, "range": { "start": start, "end": end }, "bucket": "media", "prefix": "p", "model": "descriptor-v1",
    })
}

#[derive(Default)]
struct List {
    reports: Mutex<Vec<(String, StageReport<ExportOutput>)>>,
    failures: Mutex<Vec<(String, Failure)>>,
    error: Option<bool>,
}

impl List {
    fn answered(&self) -> Result<(), WorkflowError> {
        let error = |gone| WorkflowError { operation: "answer", subject: String::new(), detail: String::new(), gone };
        self.error.map_or(Ok(()), |gone| Err(error(gone)))
    }
}

impl Answers for List {
    async fn succeed(&self, token: &str, report: &StageReport<ExportOutput>) -> Result<(), WorkflowError> {
        self.reports.lock().unwrap().push((token.to_owned(), report.clone()));
        self.answered()
    }

    async fn fail(&self, token: &str, failure: &Failure) -> Result<(), WorkflowError> {
        self.failures.lock().unwrap().push((token.to_owned(), failure.clone()));
        self.answered()
    }
}

fn event(messages: &[serde_json::Value]) -> SqsEvent {
    let records: Vec<_> = messages
        .iter()
        .enumerate()
        .map(|(number, message)| serde_json::json!({ "messageId": format!("m{number}"), "body": message.to_string() }))
        .collect();
    serde_json::from_value(serde_json::json!({ "Records": records })).unwrap()
}

fn message(start: u32, end: u32) -> serde_json::Value {
    serde_json::json!({ "publication": publication(start, end), "task_token": format!("token-{start}-{end}") })
}

async fn batch(root: &Path, answers: &List, messages: &[serde_json::Value]) -> BatchResponse {
    let (store, tools, scratch_root) = (DirStore::new(root), tools(), root.join("scratch"));
    let exporter = Exporter { store: &store, tools: &tools, scratch_root: &scratch_root };
    exporter.batch(answers, event(messages)).await
}

fn redelivered(response: &BatchResponse) -> Vec<&str> {
    response.batch_item_failures.iter().map(|item| item.item_identifier.as_str()).collect()
}

#[tokio::test]
async fn each_message_is_answered_apart_and_exported_once() {
    let (root, proxy) = stored_proxy();
    let answers = List::default();
    let messages = [message(7, 23), message(0, 99), serde_json::json!("nonsense"), message(23, 40)];
    assert_eq!(redelivered(&batch(root.path(), &answers, &messages).await), ["m2"]);
    {
        let reports = answers.reports.lock().unwrap();
        assert_eq!(reports.iter().map(|(token, _)| token.as_str()).collect::<Vec<_>>(), ["token-7-23", "token-23-40"]);
        let failures = answers.failures.lock().unwrap();
        assert_eq!((failures[0].0.as_str(), failures[0].1.class), ("token-0-99", ErrorClass::RejectedInput));
        let output = &reports[0].1.output;
        fs::copy(root.path().join("media").join(&output.key), proxy.folder.path().join("clip.mp4")).unwrap();
        assert_eq!(proxy.frame_sums("clip.mp4"), proxy.frame_sums("proxy.mp4")[7..23]);
        assert_eq!((output.frames, output.sha256.len()), (16, 64));
    }
    fs::remove_dir_all(root.path().join("media/p")).unwrap();
    assert!(redelivered(&batch(root.path(), &answers, &messages[..1]).await).is_empty());
    let reports = answers.reports.lock().unwrap();
    let again = reports.last().unwrap();
    assert_eq!((again.1.outcome, &again.1.output), (Outcome::AlreadyDone, &reports[0].1.output));
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_is_handled_and_one_that_got_lost_is_not() {
    let (root, _) = stored_proxy();
    let gone = List { error: Some(true), ..List::default() };
    assert!(redelivered(&batch(root.path(), &gone, &[message(0, 10)]).await).is_empty());
    let lost = List { error: Some(false), ..List::default() };
    assert_eq!(redelivered(&batch(root.path(), &lost, &[message(0, 10)]).await), ["m0"]);
}

#[tokio::test]
async fn a_damaged_proxy_is_not_exported() {
    let (root, proxy) = stored_proxy();
    let mut media = proxy.media.clone();
    let frame = proxy.index.frames[12];
    media[frame.offset as usize..][..8].fill(0xff);
    fs::write(root.path().join("media/p/proxy.mp4"), media).unwrap();
    let answers = List::default();
    assert!(redelivered(&batch(root.path(), &answers, &[message(5, 20)]).await).is_empty());
    assert_eq!(answers.failures.lock().unwrap()[0].1.class, ErrorClass::ToolFailure);
    assert!(!root.path().join("media/videos").exists());
}
