//! The stage over a folder as storage, with the real ffmpeg.

#[path = "../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;

use fixture::{DEADLINE, ffmpeg, ffprobe, tools};
use heaters_aws::DirStore;
use heaters_domain::{
    Outcome, Rational,
    contract::IngestInput,
    plan::{self, Chunk, Clock},
    settings::ProxySettings,
    thumbs,
};
use heaters_media::{
    args,
    index::Index,
    pass::{self, Pass},
    probe,
    source::Local,
};
use std::{fs, path::Path};

fn input() -> IngestInput {
    serde_json::from_value(serde_json::json!({ "ingest": {
        "video": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 1, "bucket": "media", "prefix": "p", "source": [],
        "settings": { "proxy": { "long_side": 320, "short_side": 180, "crf": 23, "preset": "veryfast", "sound_kbps": 96 },
                      "scenes": { "sensitivity": 0.5, "min_length_seconds": 0.2 }, "chunk_seconds": 0 },
    }}))
    .unwrap()
}

/// Puts a chunk into storage whose frames start at `first` on the video's clock.
fn chunk(root: &Path, number: u32, count: u32, first: i64) {
    let work = tempfile::tempdir().unwrap();
    ffmpeg(
        work.path(),
        "-loglevel error -f lavfi -i testsrc2=s=160x90:r=25:d=0.4 -f lavfi -i sine=440:d=0.4 -c:v libx264 -c:a aac a.mp4",
    );
    let source = probe::examine(&tools(), work.path(), "a.mp4").unwrap();
    let settings = ProxySettings::default();
    let (local, plan) = fixture::whole(&source, (number > 0).then_some(0), None);
    let local = Local { shift: first * i64::from(source.media.time_base.den) / 25, ..local };
    let pass = Pass {
        source: &source,
        settings: &settings,
        chunk: &plan,
        local: &local,
        file: "a.mp4",
        master: false,
        reused: None,
    };
    let made = pass::run(&tools(), work.path(), &pass, DEADLINE, |_| ()).unwrap();
    let folder = root.join(format!("media/p/chunks/{number:05}"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("frames.idx"), made.index.encode()).unwrap();
    fs::write(folder.join("thumbs.bin"), made.thumbs).unwrap();
    fs::copy(work.path().join(args::PICTURE_FILE), folder.join("media.bin")).unwrap();
    if number == 0 {
        fs::copy(work.path().join(args::SOUND_FILE), folder.join("sound.mka")).unwrap();
    }
    let plan: Vec<_> =
        (0..count).map(|index| Chunk { index, count, ..plan::whole(10, Clock::Source).remove(0) }).collect();
    fs::write(root.join("media/p/plan.json"), serde_json::to_vec(&plan).unwrap()).unwrap();
}

fn count_frames(folder: &Path) -> String {
    ffprobe(
        folder,
        "-loglevel error -count_frames -select_streams v -show_entries stream=nb_read_frames -of csv=p=0 proxy.mp4",
    )
    .trim()
    .to_owned()
}

#[tokio::test]
async fn chunks_become_one_proxy_with_one_index() {
    let root = tempfile::tempdir().unwrap();
    chunk(root.path(), 0, 2, 0);
    chunk(root.path(), 1, 2, 10);
    let store = DirStore::new(root.path());
    let done = assemble::run(&store, &tools(), &root.path().join("scratch"), input()).await.unwrap();
    let output = &done.output;
    assert_eq!((output.frames, output.fps, output.has_sound), (20, Rational { num: 25, den: 1 }, true));
    assert!((output.duration_seconds - 0.8).abs() < 1e-6);
    let folder = root.path().join("media/p");
    let index = Index::decode(&fs::read(folder.join("frames.idx")).unwrap()).unwrap();
    assert_eq!(fs::metadata(folder.join("proxy.mp4")).unwrap().len(), index.head.media_bytes);
    assert_eq!(thumbs::decode(&fs::read(folder.join("thumbs.bin")).unwrap()).unwrap().len(), 20);
    assert!(fs::read(folder.join("poster.jpg")).unwrap().starts_with(&[0xff, 0xd8]));
    assert_eq!(count_frames(&folder), "20");

    fs::remove_dir_all(folder.join("chunks")).unwrap();
    let again = assemble::run(&store, &tools(), &root.path().join("scratch"), input()).await.unwrap();
    assert_eq!((again.outcome, again.output), (Outcome::AlreadyDone, done.output));
}

#[tokio::test]
async fn broken_sound_costs_the_sound_only() {
    let root = tempfile::tempdir().unwrap();
    chunk(root.path(), 0, 1, 0);
    fs::write(root.path().join("media/p/chunks/00000/sound.mka"), "not sound").unwrap();
    let store = DirStore::new(root.path());
    let done = assemble::run(&store, &tools(), &root.path().join("scratch"), input()).await.unwrap();
    assert_eq!((done.output.has_sound, done.metrics["sound_dropped"]), (false, 1.0));
    assert_eq!(count_frames(&root.path().join("media/p")), "10");
}

#[tokio::test]
async fn chunks_out_of_order_are_refused() {
    let root = tempfile::tempdir().unwrap();
    chunk(root.path(), 0, 2, 0);
    chunk(root.path(), 1, 2, 5);
    let store = DirStore::new(root.path());
    assert!(assemble::run(&store, &tools(), &root.path().join("scratch"), input()).await.is_err());
    assert!(!root.path().join("media/p/frames.idx").exists());
}
