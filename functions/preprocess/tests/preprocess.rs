//! The stage over a folder as storage, with the real ffmpeg.

#[path = "../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;

use fixture::{ffmpeg, tools};
use heaters_aws::DirStore;
use heaters_domain::{
    ErrorClass, Fault, Outcome,
    contract::{ChunkInput, ChunkProgress},
    thumbs,
};
use heaters_media::{index::Index, probe};
use std::{fs, path::Path};

fn input(root: &Path) -> ChunkInput {
    let size = fs::metadata(root.join("uploads/a.mp4")).unwrap().len();
    serde_json::from_value(serde_json::json!({ "chunk": { "index": 0, "count": 1, "frames": 20, "start": null, "end": null,
        "reading": { "way": "whole", "clock": { "kind": "source" } } }, "ingest": {
        "video": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 1, "bucket": "media", "prefix": "p",
        "source": [{ "role": "both", "bucket": "uploads", "key": "a.mp4", "size_bytes": size }],
        "settings": { "proxy": { "long_side": 320, "short_side": 180, "crf": 23, "preset": "veryfast", "sound_kbps": 96 },
                      "scenes": { "sensitivity": 0.5, "min_length_seconds": 0.2 }, "chunk_seconds": 0 },
    }}))
    .unwrap()
}

/// Puts a source and what probe says of it into storage.
fn prepare(root: &Path, args: &str) {
    let uploads = root.join("uploads");
    fs::create_dir(&uploads).unwrap();
    ffmpeg(&uploads, &format!("-loglevel error {args} a.mp4"));
    let media = probe::examine(&tools(), &uploads, "a.mp4").unwrap();
    fs::create_dir_all(root.join("media/p")).unwrap();
    fs::write(root.join("media/p/source.json"), serde_json::to_vec(&media).unwrap()).unwrap();
}

#[tokio::test]
async fn one_pass_gives_all_of_a_chunk_and_is_not_repeated() {
    let root = tempfile::tempdir().unwrap();
    let av = "-f lavfi -i testsrc2=s=160x90:r=25:d=0.8 -f lavfi -i sine=440:d=0.8 -c:v libx264 -c:a aac";
    prepare(root.path(), av);
    let store = DirStore::new(root.path());
    let done = preprocess::run(&store, &tools(), &root.path().join("scratch"), input(root.path())).await.unwrap();
    assert_eq!((done.output.frames, done.metrics["sound_dropped"]), (20, 0.0));
    let read = |key: &str| fs::read(root.path().join("media").join(key)).unwrap();
    let index = Index::decode(&read(&done.output.index_key)).unwrap();
    assert_eq!((index.frames.len(), index.head.width), (20, 160));
    assert_eq!(read(&done.output.media_key).len() as u64, index.head.media_bytes);
    assert_eq!(thumbs::decode(&read(&done.output.thumbs_key)).unwrap().len(), 20);
    assert!(!read(done.output.sound_key.as_ref().unwrap()).is_empty());
    let progress: ChunkProgress = serde_json::from_slice(&read("p/chunks/00000/progress.json")).unwrap();
    assert_eq!(progress, ChunkProgress { frames_done: 20, frames_expected: 20 });

    let again = input(root.path());
    fs::remove_dir_all(root.path().join("uploads")).unwrap();
    let again = preprocess::run(&store, &tools(), &root.path().join("scratch"), again).await.unwrap();
    assert_eq!((again.outcome, again.output), (Outcome::AlreadyDone, done.output));
}

#[tokio::test]
async fn a_video_of_damaged_frames_is_rejected() {
    let root = tempfile::tempdir().unwrap();
    prepare(root.path(), "-f lavfi -i testsrc2=s=160x90:r=25:d=0.4 -c:v libx264");
    let path = root.path().join("uploads/a.mp4");
    let mut bytes = fs::read(&path).unwrap();
    let mdat = bytes.windows(4).position(|kind| kind == b"mdat").unwrap();
    let moov = bytes.windows(4).position(|kind| kind == b"moov").unwrap();
    bytes[mdat + 4..moov - 4].fill(0);
    fs::write(&path, bytes).unwrap();
    let store = DirStore::new(root.path());
    let error = preprocess::run(&store, &tools(), &root.path().join("scratch"), input(root.path())).await.unwrap_err();
    assert_eq!(
        (error.class(), error.sentence().as_str()),
        (ErrorClass::RejectedInput, "No frame of this video can be decoded.")
    );
}
