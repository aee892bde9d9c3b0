//! The stage over a folder as storage, with the real ffmpeg.

#[path = "../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;

use fixture::{ffmpeg, tools};
use heaters_aws::DirStore;
use heaters_domain::{
    ErrorClass, Fault, Outcome,
    contract::{ChunkInput, ChunkProgress},
    settings::MasterMode,
    thumbs,
};
use heaters_media::{index::Index, probe};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

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

/// The most that the files of a folder take of the disk until `done`.
fn watch_disk(folder: PathBuf, done: Arc<AtomicBool>) -> JoinHandle<u64> {
    fn held(folder: &Path) -> u64 {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| match entry.metadata() {
                Ok(found) if found.is_dir() => held(&entry.path()),
                Ok(found) => found.blocks() * 512,
                Err(_) => 0,
            })
            .sum()
    }
    thread::spawn(move || {
        let mut most = 0;
        while !done.load(Ordering::Relaxed) {
            most = most.max(held(&folder));
            thread::sleep(Duration::from_millis(20));
        }
        most
    })
}

/// A checksum of all pictures that ffmpeg decodes of a file.
fn pictures(file: &Path) -> Vec<u8> {
    let args = format!("-v error -i {} -map 0:v:0 -fps_mode passthrough -f streamhash -hash md5 -", file.display());
    ffmpeg(file.parent().unwrap(), &args)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_large_leaves_the_disk_while_it_is_made() {
    const LARGE: u64 = 220 << 20;
    let root = tempfile::tempdir().unwrap();
    let noise = "-f lavfi -i testsrc2=s=1280x720:r=25:d=7.2,noise=alls=90:allf=t";
    prepare(root.path(), &format!("{noise} -c:v libx264 -preset ultrafast -qp 16 -pix_fmt yuv420p -g 999"));
    let mut input = input(root.path());
    input.ingest.settings.master = MasterMode::Ffv1;
    let (store, done) = (DirStore::new(root.path()), Arc::new(AtomicBool::new(false)));
    let disk = watch_disk(root.path().join("scratch"), done.clone());
    let made = preprocess::run(&store, &tools(), &root.path().join("scratch"), input).await.unwrap();
    done.store(true, Ordering::Relaxed);
    let most = disk.join().unwrap();
    let master = root.path().join("media").join(made.output.master_key.unwrap());
    let source = root.path().join("uploads/a.mp4");
    let made = fs::metadata(&master).unwrap().len();
    assert!(made > LARGE, "the lossless copy has {made} bytes only");
    // The source lies there as a whole.
    let held = most - fs::metadata(&source).unwrap().len();
    assert!(held < made / 4 * 3, "{held} bytes on the disk for {made}");
    assert_eq!(pictures(&master), pictures(&source));
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
