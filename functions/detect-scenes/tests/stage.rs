//! The stage on a folder instead of S3.

use detect_scenes::{DetectScenesError, run};
use heaters_aws::{DirStore, ObjectRef, ObjectStore};
use heaters_domain::{
    ErrorClass, Fault, Outcome,
    contract::{DetectScenesOutput, IngestInput},
    plan::{Chunk, Clock, Reading},
    scenes::{Boundary, ScoreTrack},
    settings::IngestSettings,
    stage::Done,
    thumbs::{CHROMA_BYTES, LUMA_WIDTH, Thumb, decode, encode},
};
use serde_json::json;

struct Fixture {
    folder: tempfile::TempDir,
    store: DirStore,
    input: IngestInput,
}

impl Fixture {
    /// An ingest with thumbnails of two shots of 40 frames.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixture = Self { store: DirStore::new(folder.path()), input: input(0.5), folder };
        let thumbs = (0..80).map(|frame| if frame < 40 { thumb(0.3, 0.5) } else { thumb(0.7, 1.1) });
        fixture.put("thumbs.bin", encode(thumbs).unwrap()).await;
        let media = json!({
            "container": "mp4", "video_codec": "h264", "width": 640, "height": 360, "packets": 80, "fps": null,
            "time_base": {"num": 1, "den": 1000}, "duration_seconds": 3.2, "has_sound": false, "interlaced": false,
            "hdr_transfer": null, "title": null,
        });
        let source = json!({
            "media": media, "class": "whole", "picture": 0, "sound": null, "tile_seconds": 1,
            "colour": { "matrix": null, "full_range": false },
        });
        fixture.put("source.json", source.to_string().into_bytes()).await;
        fixture
    }

    fn object(&self, name: &str) -> ObjectRef {
        ObjectRef::new(&self.input.ingest.bucket, format!("{}/{name}", self.input.ingest.prefix))
    }

    async fn put(&self, name: &str, body: Vec<u8>) {
        self.store.put(&self.object(name), body.into(), "").await.unwrap();
    }

    /// A plan of so many chunks.
    async fn plan(&self, count: u32) {
        let whole = || Reading::Whole { clock: Clock::Source };
        let chunk = |index| Chunk { index, count, frames: 0, start: None, end: None, reading: whole() };
        let plan: Vec<Chunk> = (0..count).map(chunk).collect();
        self.put("plan.json", serde_json::to_vec(&plan).unwrap()).await;
    }

    fn store(&self) -> &dyn ObjectStore {
        &self.store
    }

    async fn run(&self, input: IngestInput) -> Result<Done<DetectScenesOutput>, DetectScenesError> {
        run(&self.store, &self.folder.path().join("scratch"), input).await
    }

    async fn boundaries(&self, key: &str) -> Vec<u32> {
        let object = ObjectRef::new(&self.input.ingest.bucket, key);
        let found: Vec<Boundary> = self.store().get_json(&object).await.unwrap();
        found.iter().map(|boundary| boundary.frame).collect()
    }
}

fn input(sensitivity: f64) -> IngestInput {
    let mut settings = IngestSettings::default();
    settings.scenes.sensitivity = sensitivity;
    serde_json::from_value(json!({ "ingest": {
        "video": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 1, "source": [], "settings": settings,
        "bucket": "media", "prefix": "videos/v/p",
    }}))
    .unwrap()
}

fn thumb(across: f64, down: f64) -> Thumb {
    let luma = |x: f64, y: f64| (120.0 + 80.0 * (x * across).sin() * (y * down).cos()) as u8;
    let luma = std::array::from_fn(|at| luma((at % LUMA_WIDTH) as f64, (at / LUMA_WIDTH) as f64));
    Thumb { luma, u: [128; CHROMA_BYTES], v: [128; CHROMA_BYTES] }
}

#[tokio::test]
async fn a_cut_is_found_once_and_the_second_run_says_so() {
    let fixture = Fixture::new().await;
    let done = fixture.run(fixture.input.clone()).await.unwrap();
    assert_eq!((done.outcome, done.output.frames, done.output.boundaries), (Outcome::Completed, 80, 1));
    assert_eq!(fixture.boundaries(&done.output.boundaries_key).await, [40]);
    let looks = fixture.store.get(&fixture.object("looks.bin"), None).await.unwrap();
    let look = |frame: usize| &looks[frame * 8..(frame + 1) * 8];
    assert_eq!((looks.len(), look(0), look(40)), (80 * 8, look(39), look(79)));
    assert_ne!(look(0), look(40), "two shots look different");
    assert!(done.tools.contains_key("opencv"), "{done:?}");
    assert_eq!(done.metrics.get("frames"), Some(&80.0));
    assert!(done.metrics["ms_per_1000_frames"] > 0.0);

    let again = fixture.run(fixture.input.clone()).await.unwrap();
    assert_eq!((again.outcome, again.output), (Outcome::AlreadyDone, done.output));
}

#[tokio::test]
async fn other_settings_need_no_thumbnails() {
    let fixture = Fixture::new().await;
    fixture.run(fixture.input.clone()).await.unwrap();
    fixture.store.delete(&fixture.object("thumbs.bin")).await.unwrap();
    let done = fixture.run(input(0.6)).await.unwrap();
    assert_eq!((done.outcome, done.output.boundaries), (Outcome::Completed, 1));
}

#[tokio::test]
async fn damaged_scores_are_made_again() {
    let fixture = Fixture::new().await;
    fixture.put("scores.bin", b"half a file".to_vec()).await;
    let done = fixture.run(fixture.input.clone()).await.unwrap();
    assert_eq!((done.outcome, done.output.boundaries), (Outcome::Completed, 1));
    let scores = fixture.store.get(&fixture.object("scores.bin"), None).await.unwrap();
    assert_eq!(ScoreTrack::decode(&scores).unwrap().frames.len(), 80);
}

#[tokio::test]
async fn a_failure_writes_no_boundaries() {
    let fixture = Fixture::new().await;
    fixture.put("thumbs.bin", b"HXTH, but no more".to_vec()).await;
    let error = fixture.run(fixture.input.clone()).await.unwrap_err();
    assert!(matches!(error, DetectScenesError::Vision { .. }), "{error}");
    assert_eq!(error.class(), ErrorClass::Internal);
    fixture.put("thumbs.bin", encode([]).unwrap()).await;
    let error = fixture.run(fixture.input.clone()).await.unwrap_err();
    assert_eq!((error.class(), error.sentence().as_str()), (ErrorClass::RejectedInput, "The video has no pictures."));
    let keys = fixture.store.list("media", "").await.unwrap();
    assert!(!keys.iter().any(|key| key.contains("boundaries") || key.contains("scores")), "{keys:?}");
}

#[tokio::test]
async fn the_chunks_give_the_scores_of_the_joined_track() {
    let fixture = Fixture::new().await;
    fixture.run(fixture.input.clone()).await.unwrap();
    let of_whole = fixture.store.get(&fixture.object("scores.bin"), None).await.unwrap();
    let thumbs = decode(&fixture.store.get(&fixture.object("thumbs.bin"), None).await.unwrap()).unwrap();
    for name in ["thumbs.bin", "scores.bin"] {
        fixture.store.delete(&fixture.object(name)).await.unwrap();
    }
    fixture.plan(3).await;
    for (index, chunk) in thumbs.chunks(31).enumerate() {
        fixture.put(&format!("chunks/{index:05}/thumbs.bin"), encode(chunk.to_vec()).unwrap()).await;
    }
    let done = fixture.run(fixture.input.clone()).await.unwrap();
    assert_eq!((done.outcome, done.output.frames), (Outcome::Completed, 80));
    assert_eq!(fixture.store.get(&fixture.object("scores.bin"), None).await.unwrap(), of_whole);
}

#[tokio::test]
async fn missing_thumbnails_are_an_error() {
    let fixture = Fixture::new().await;
    fixture.store.delete(&fixture.object("thumbs.bin")).await.unwrap();
    fixture.plan(1).await;
    let error = fixture.run(fixture.input.clone()).await.unwrap_err();
    assert!(matches!(error, DetectScenesError::Store(_)) && error.sentence().contains("chunks/00000/thumbs.bin"));
}
