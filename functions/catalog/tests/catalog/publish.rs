//! A publication, as the state machine tells the catalog about it.

use crate::common::{Fixture, report};
use heaters_aws::{ObjectRef, ObjectStore};
use heaters_db::{clips, publications, search};
use heaters_domain::{
    ErrorClass, Stage,
    contract::{
        CatalogRequest, CatalogResponse, CatalogVerdict, CaughtError, EmbedOutput, ExportOutput, FrameVector, Keyframe,
        KeyframesOutput, Publication,
    },
};
use serde::Serialize;

async fn begin(fixture: &Fixture, publication: &Publication) -> CatalogVerdict {
    fixture.ask(CatalogRequest::BeginPublish { publication: publication.clone() }).await.unwrap().verdict
}

async fn record<T: Serialize>(
    fixture: &Fixture,
    publication: &Publication,
    stage: Stage,
    output: &T,
) -> CatalogResponse {
    let output = serde_json::to_value(output).unwrap();
    let report = report(stage, publication.subject(), publication.attempt, output);
    fixture.ask(CatalogRequest::RecordPublish { publication: publication.clone(), report }).await.unwrap()
}

fn exported() -> ExportOutput {
    ExportOutput { key: "export.mp4".to_owned(), frames: 50, size_bytes: 5_000_000_000, sha256: "00".to_owned() }
}

fn keyframes() -> KeyframesOutput {
    let keyframe = Keyframe { frame: 25, key: "k.jpg".to_owned(), tags: vec!["midpoint".to_owned()] };
    KeyframesOutput { keyframes: vec![keyframe] }
}

/// Writes vectors for these frames and returns what embed would report.
async fn embedded(fixture: &Fixture, frames: &[u32]) -> EmbedOutput {
    let session = fixture.test.database.session().await.unwrap();
    search::register_model(&session, "descriptor-v1", "1", 2).await.unwrap();
    let vectors: Vec<_> = frames.iter().map(|frame| FrameVector { frame: *frame, vector: vec![0.6, 0.8] }).collect();
    let store: &dyn ObjectStore = &*fixture.catalog.store;
    store.put_json(&ObjectRef::new("media", "vectors.json"), &vectors).await.unwrap();
    EmbedOutput {
        model: "descriptor-v1".to_owned(),
        dimension: 2,
        vectors: frames.len() as u32,
        vectors_key: "vectors.json".to_owned(),
    }
}

#[tokio::test]
async fn a_clip_goes_from_approved_to_embedded_and_its_original_may_be_archived_with_the_last_one() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    for (clip, last) in [(&clips[0], false), (&clips[1], true)] {
        let publication = fixture.test.approve(clip).await;
        for _ in 0..2 {
            assert_eq!(begin(&fixture, &publication).await, CatalogVerdict::Continue, "a repeated task goes on");
        }
        record(&fixture, &publication, Stage::Export, &exported()).await;
        record(&fixture, &publication, Stage::Keyframes, &keyframes()).await;
        let embedded = embedded(&fixture, &[25]).await;
        let answer = record(&fixture, &publication, Stage::Embed, &embedded).await;
        assert_eq!((answer.verdict, answer.archive_due), (CatalogVerdict::Continue, last));
        assert_eq!(answer.ingest.is_some(), last);
    }
    assert_eq!(fixture.column("SELECT DISTINCT state FROM clips").await, ["embedded"]);
    assert_eq!(fixture.column("SELECT count(*) FROM embeddings").await, ["2"]);
    let published = "SELECT size_bytes FROM publications WHERE published_at IS NOT NULL LIMIT 1";
    assert_eq!(fixture.column(published).await, ["5000000000"]);
}

#[tokio::test]
async fn a_withdrawn_approval_stops_the_publication_wherever_it_is() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let publication = fixture.test.approve(&clips[0]).await;
    assert_eq!(begin(&fixture, &publication).await, CatalogVerdict::Continue);
    let session = fixture.test.database.session().await.unwrap();
    publications::withdraw(&session, &[(clips[0].id, false)]).await.unwrap();
    let answer = record(&fixture, &publication, Stage::Export, &exported()).await;
    assert_eq!(answer.verdict, CatalogVerdict::Withdrawn);
    assert_eq!(fixture.column("SELECT count(*) FROM publications WHERE export_key IS NOT NULL").await, ["0"]);
    assert_eq!(begin(&fixture, &publication).await, CatalogVerdict::Withdrawn);
}

#[tokio::test]
async fn a_failure_is_shown_on_the_clip_and_an_earlier_attempt_changes_nothing() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let publication = fixture.test.approve(&clips[0]).await;
    begin(&fixture, &publication).await;
    let error = CaughtError { error: "States.HeartbeatTimeout".to_owned(), cause: String::new() };
    let request = CatalogRequest::FailPublish { publication: publication.clone(), error };
    assert_eq!(fixture.ask(request.clone()).await.unwrap().verdict, CatalogVerdict::Continue);
    let session = fixture.test.database.session().await.unwrap();
    let failed = clips::by_id(&session, clips[0].id).await.unwrap().unwrap();
    assert_eq!(failed.state.as_str(), "export_failed");
    assert_eq!(failed.failure.unwrap().class, ErrorClass::Transient);

    publications::restart(&session, clips[0].number, 1).await.unwrap();
    clips::approve_again(&session, clips[0].number).await.unwrap();
    assert_eq!(fixture.ask(request).await.unwrap().verdict, CatalogVerdict::Withdrawn);
    assert_eq!(begin(&fixture, &publication).await, CatalogVerdict::Withdrawn);
    let second = Publication { attempt: 2, ..publication };
    assert_eq!(begin(&fixture, &second).await, CatalogVerdict::Continue);
}

#[tokio::test]
async fn vectors_of_frames_without_a_still_are_refused_whole() {
    let fixture = Fixture::new().await;
    let (_, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let publication = fixture.test.approve(&clips[0]).await;
    begin(&fixture, &publication).await;
    record(&fixture, &publication, Stage::Export, &exported()).await;
    record(&fixture, &publication, Stage::Keyframes, &keyframes()).await;
    let output = serde_json::to_value(embedded(&fixture, &[25, 26]).await).unwrap();
    let report = report(Stage::Embed, publication.subject(), 1, output);
    let request = CatalogRequest::RecordPublish { publication, report };
    assert_eq!(fixture.ask(request).await.unwrap_err().class, ErrorClass::Internal);
    assert_eq!(fixture.column("SELECT count(*) FROM embeddings").await, ["0"]);
}
