//! The stage over a folder as storage, with the real ffprobe.

#[path = "../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;

use fixture::{ffmpeg, tools};
use heaters_aws::{DirStore, ObjectRef, ObjectStore};
use heaters_domain::{ErrorClass, Outcome, Rational, contract::IngestInput, plan::Chunk};
use heaters_runtime::StageError;
use probe::ProbeError;
use std::path::Path;

fn input(sources: &[(&str, &str)]) -> IngestInput {
    let source: Vec<_> = sources
        .iter()
        .map(|(role, key)| serde_json::json!({ "role": role, "bucket": "uploads", "key": key, "size_bytes": 1 }))
        .collect();
    serde_json::from_value(serde_json::json!({ "ingest": {
        "video": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 1, "source": source, "bucket": "media", "prefix": "p",
        "settings": { "proxy": { "long_side": 320, "short_side": 180, "crf": 23, "preset": "veryfast", "sound_kbps": 96 },
                      "scenes": { "sensitivity": 0.5, "min_length_seconds": 0.2 }, "chunk_seconds": 0 },
    }}))
    .unwrap()
}

async fn run(
    root: &Path,
    input: IngestInput,
) -> Result<heaters_domain::stage::Done<heaters_domain::contract::ProbeOutput>, ProbeError> {
    probe::run(&DirStore::new(root), &tools(), &root.join("scratch"), input).await
}

#[tokio::test]
async fn a_video_is_examined_once_and_planned() {
    let root = tempfile::tempdir().unwrap();
    let uploads = root.path().join("uploads");
    std::fs::create_dir(&uploads).unwrap();
    ffmpeg(
        &uploads,
        "-loglevel error -f lavfi -i testsrc2=s=160x90:r=25:d=1 -metadata title=Harbour -c:v libx264 a.mp4",
    );
    ffmpeg(&uploads, "-loglevel error -f lavfi -i sine=440:d=1 -c:a aac a.m4a");
    let sources = [("picture", "a.mp4"), ("sound", "a.m4a")];
    let done = run(root.path(), input(&sources)).await.unwrap();
    let media = &done.output.media;
    assert_eq!((media.packets, media.fps, media.width, media.has_sound), (25, Rational::new(25, 1), 160, true));
    assert_eq!((media.title.as_deref(), done.output.chunks), (Some("Harbour"), 1));
    assert!(done.tools.contains_key("ffmpeg"));
    let store = DirStore::new(root.path());
    let store: &dyn ObjectStore = &store;
    let plan: Vec<Chunk> = store.get_json(&ObjectRef::new("media", &done.output.plan_key)).await.unwrap();
    assert_eq!((plan.len(), plan[0].frames), (1, 25));

    std::fs::remove_dir_all(&uploads).unwrap();
    let again = run(root.path(), input(&sources)).await.unwrap();
    assert_eq!((again.outcome, again.output), (Outcome::AlreadyDone, done.output));
}

#[tokio::test]
async fn what_is_no_video_is_rejected_with_a_sentence() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("uploads")).unwrap();
    let cases = [("empty.mp4", "", "The file is empty."), ("letter.mp4", "Dear reader,", "This file is not a video.")];
    for (name, body, sentence) in cases {
        std::fs::write(root.path().join("uploads").join(name), body).unwrap();
        let error = run(root.path(), input(&[("both", name)])).await.unwrap_err();
        assert_eq!((error.class(), error.sentence().as_str()), (ErrorClass::RejectedInput, sentence));
    }
    let gone = run(root.path(), input(&[("both", "gone.mp4")])).await.unwrap_err();
    assert!(gone.sentence().contains("Upload it again"));
}
