//! One film's way to its review proxy.

use crate::tools::tools;
use heaters_aws::{DirStore, ObjectRef, ObjectStore};
use heaters_domain::{
    Fault, VideoId,
    contract::{AssembleOutput, ChunkInput, Ingest, IngestInput, SourceObject, SourceRole},
    plan::{Chunk, Source, SourceClass},
    settings::{IngestSettings, ProxySettings},
    thumbs::{self, Thumb},
};
use heaters_media::index::Index;
use heaters_runtime::Room;
use std::path::{Path, PathBuf};

const BUCKET: &str = "media";
const UPLOADS: &str = "uploads";
const PREFIX: &str = "p";

/// What became of a film.
pub struct Made {
    root: tempfile::TempDir,
    pub output: AssembleOutput,
    pub index: Index,
    pub thumbs: Vec<Thumb>,
    pub class: SourceClass,
    pub chunks: usize,
}

impl Made {
    /// The folder with `proxy.mp4`.
    pub fn folder(&self) -> PathBuf {
        self.root.path().join(BUCKET).join(PREFIX)
    }
}

/// Settings with a chunk each so many seconds.
pub fn settings(chunk_seconds: u32) -> IngestSettings {
    let proxy = ProxySettings { preset: "ultrafast".to_owned(), ..ProxySettings::default() };
    IngestSettings { proxy, chunk_seconds, ..IngestSettings::default() }
}

/// Takes a film through all stages up to the proxy. The error is the sentence that people would read.
pub fn ingest(film: &Path, settings: &IngestSettings) -> Result<Made, String> {
    ingest_within(film, settings, u64::MAX)
}

/// The same where a function's disk has no more room than so many bytes.
pub fn ingest_within(film: &Path, settings: &IngestSettings, most_bytes: u64) -> Result<Made, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(film, settings, most_bytes))
}

async fn run(film: &Path, settings: &IngestSettings, most_bytes: u64) -> Result<Made, String> {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join(UPLOADS)).unwrap();
    let size_bytes = std::fs::copy(film, root.path().join(UPLOADS).join("film")).unwrap();
    let source =
        SourceObject { role: SourceRole::Both, bucket: UPLOADS.into(), key: "film".into(), version: None, size_bytes };
    let (store, tools, scratch) = (DirStore::new(root.path()), tools(), root.path().join("scratch"));
    let ingest = Ingest {
        video: VideoId::generate(),
        attempt: 1,
        source: vec![source],
        url: None,
        settings: settings.clone(),
        bucket: BUCKET.to_owned(),
        prefix: PREFIX.to_owned(),
    };
    let input = IngestInput { ingest: ingest.clone() };
    let disk = Room::limited(&scratch, most_bytes);
    let probed = probe::run(&store, &tools, disk, input.clone()).await.map_err(|error| said("probe", &error))?;
    let storage: &dyn ObjectStore = &store;
    let plan: Vec<Chunk> = storage.get_json(&ObjectRef::new(BUCKET, probed.output.plan_key)).await.unwrap();
    let source: Source = storage.get_json(&ObjectRef::new(BUCKET, ingest.keys().source())).await.unwrap();
    let chunks = plan.len();
    for chunk in plan {
        let chunk = ChunkInput { ingest: ingest.clone(), chunk };
        preprocess::run(&store, &tools, disk, chunk).await.map_err(|error| said("preprocess", &error))?;
    }
    let done =
        assemble::run(&store, &tools, &scratch, input.clone()).await.map_err(|error| said("assemble", &error))?;
    assert!(!storage.exists(&ObjectRef::new(BUCKET, ingest.keys().repackaged())).await.unwrap(), "a copy is left");
    // What was noted of the original's bytes is so.
    archive::run(&store, input).await.unwrap_or_else(|error| panic!("archive: {}", heaters_domain::causes(&error)));
    let read = |key: &str| std::fs::read(root.path().join(BUCKET).join(key)).unwrap();
    let index = Index::decode(&read(&done.output.index_key)).unwrap();
    let thumbs = thumbs::decode(&read(&done.output.thumbs_key)).unwrap();
    Ok(Made { output: done.output, index, thumbs, class: source.class, chunks, root })
}

/// The sentence; the test's log has the detail that operators would see.
fn said<E: Fault>(stage: &str, error: &E) -> String {
    eprintln!("{stage}: {}", heaters_domain::causes(error));
    error.sentence()
}
