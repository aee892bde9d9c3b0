//! A catalog with a database and a folder as its bucket, and the steps that most tests take.

use catalog::{Catalog, handler::handle};
use heaters_aws::{DirStore, ObjectRef, ObjectStore};
use heaters_db::testing::TestDatabase;
use heaters_domain::{
    Failure, Outcome, Rational, Stage, StageReport, Subject,
    contract::{AssembleOutput, CatalogRequest, CatalogResponse, DetectScenesOutput, Ingest, ProbeOutput, SourceMedia},
    look,
    scenes::{Boundary, BoundaryKind},
    settings::IngestSettings,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use time::OffsetDateTime;

pub const EXECUTION: &str = "arn:execution:first";

pub struct Fixture {
    pub catalog: Catalog,
    pub test: TestDatabase,
    _folder: tempfile::TempDir,
}

impl Fixture {
    pub async fn new() -> Self {
        let test = TestDatabase::new().await;
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog {
            database: test.database.clone(),
            store: Arc::new(DirStore::new(folder.path())),
            media_bucket: "media".to_owned(),
            settings: IngestSettings::default(),
        };
        Self { catalog, test, _folder: folder }
    }

    pub async fn ask(&self, request: CatalogRequest) -> Result<CatalogResponse, Failure> {
        handle(&self.catalog, request).await
    }

    pub async fn register(&self, execution: &str, input: Value) -> CatalogResponse {
        self.ask(CatalogRequest::Register { execution: execution.to_owned(), input }).await.unwrap()
    }

    /// A video whose proxy of 100 frames is assembled.
    pub async fn assembled(&self) -> Ingest {
        let ingest = self.register(EXECUTION, event("a.mp4", "v1")).await.ingest.unwrap();
        self.record(&ingest, Stage::Probe, None, &probe_output()).await;
        self.record(&ingest, Stage::Preprocess, Some(0), &json!({})).await;
        self.record(&ingest, Stage::Assemble, None, &assemble_output()).await;
        ingest
    }

    pub async fn record<T: Serialize>(
        &self,
        ingest: &Ingest,
        stage: Stage,
        chunk: Option<u32>,
        output: &T,
    ) -> CatalogResponse {
        let subject = Subject { chunk, ..ingest.subject() };
        let report = report(stage, subject, ingest.attempt, serde_json::to_value(output).unwrap());
        self.ask(CatalogRequest::RecordIngest { ingest: ingest.clone(), report }).await.unwrap()
    }

    pub async fn create_clips(&self, ingest: &Ingest, cuts: &[u32]) -> Result<CatalogResponse, Failure> {
        let boundaries: Vec<_> = cuts.iter().copied().map(boundary).collect();
        let object = ObjectRef::new("media", "boundaries.json");
        let store: &dyn ObjectStore = &*self.catalog.store;
        store.put_json(&object, &boundaries).await.unwrap();
        let looks = ObjectRef::new("media", "looks.bin");
        let places: Vec<i64> = (0..100).map(|frame| -frame).collect();
        store.put(&looks, look::write(&places).into(), "").await.unwrap();
        let output = DetectScenesOutput {
            frames: 100,
            boundaries: cuts.len() as u32,
            scores_key: "scores.bin".to_owned(),
            boundaries_key: object.key,
            looks_key: Some(looks.key),
        };
        let report = report(Stage::DetectScenes, ingest.subject(), ingest.attempt, output);
        self.ask(CatalogRequest::CreateClips { ingest: ingest.clone(), report }).await
    }

    /// The first column of a query, as text.
    pub async fn column(&self, sql: &str) -> Vec<String> {
        let session = self.test.database.session().await.unwrap();
        let sql = format!("SELECT column1::text FROM ({sql}) AS answer(column1)");
        session.query(&sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }
}

pub fn event(key: &str, version: &str) -> Value {
    json!({
        "source": "aws.s3",
        "detail": {
            "bucket": { "name": "uploads" },
            "object": { "key": key, "size": 1234, "etag": "abc", "version-id": version },
        },
    })
}

pub fn report<T>(stage: Stage, subject: Subject, attempt: u32, output: T) -> StageReport<T> {
    StageReport {
        stage,
        subject,
        attempt,
        started_at: OffsetDateTime::now_utc(),
        duration_ms: 10,
        outcome: Outcome::Completed,
        output,
        metrics: BTreeMap::new(),
        tools: BTreeMap::new(),
    }
}

pub fn probe_output() -> ProbeOutput {
    ProbeOutput {
        plan_key: "plan.json".to_owned(),
        chunks: 1,
        media: SourceMedia {
            container: "mov".to_owned(),
            video_codec: "h264".to_owned(),
            width: 320,
            height: 180,
            packets: 100,
            fps: Rational::new(25, 1),
            time_base: Rational { num: 1, den: 12800 },
            duration_seconds: 4.0,
            has_sound: false,
            interlaced: false,
            hdr_transfer: None,
            title: None,
        },
    }
}

pub fn assemble_output() -> AssembleOutput {
    AssembleOutput {
        frames: 100,
        fps: Rational { num: 25, den: 1 },
        duration_seconds: 4.0,
        width: 320,
        height: 180,
        has_sound: false,
        proxy_key: "proxy.mp4".to_owned(),
        index_key: "frames.idx".to_owned(),
        thumbs_key: "thumbs.bin".to_owned(),
        poster_key: "poster.jpg".to_owned(),
        storyboard_key: None,
        waveform_key: None,
        master_key: None,
        reused: false,
        proxy_bytes: 1000,
    }
}

fn boundary(frame: u32) -> Boundary {
    Boundary { frame, kind: BoundaryKind::Cut, start_frame: frame, end_frame: frame, confidence: 0.9 }
}
