//! The stage over a folder as storage, with the real ffprobe.

#[path = "../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;

use fixture::{ffmpeg, tools};
use heaters_aws::{DirStore, ObjectRef, ObjectStore};
use heaters_domain::{
    ErrorClass, Fault, Outcome, Rational,
    contract::{IngestInput, ReadProgress},
    plan::{Chunk, Reading, Source, SourceClass},
};
use heaters_media::source::{Ranged, ReadAt, delta::Rebuilt};
use probe::ProbeError;
use std::{ops::Range, path::Path};

fn input(sources: &[(&str, &str)]) -> IngestInput {
    input_in_chunks(sources, 0)
}

fn input_in_chunks(sources: &[(&str, &str)], chunk_seconds: u32) -> IngestInput {
    let source: Vec<_> = sources
        .iter()
        .map(|(role, key)| serde_json::json!({ "role": role, "bucket": "uploads", "key": key, "size_bytes": 1 }))
        .collect();
    serde_json::from_value(serde_json::json!({ "ingest": {
        "video": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 1, "source": source, "bucket": "media", "prefix": "p",
        "settings": { "proxy": { "long_side": 320, "short_side": 180, "crf": 23, "preset": "veryfast", "sound_kbps": 96 },
                      "scenes": { "sensitivity": 0.5, "min_length_seconds": 0.2 }, "chunk_seconds": chunk_seconds },
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
    let source: Source = store.get_json(&ObjectRef::new("media", "p/source.json")).await.unwrap();
    assert_eq!((source.class, source.sound), (SourceClass::Indexed, Some(0)));

    std::fs::remove_dir_all(&uploads).unwrap();
    let again = run(root.path(), input(&sources)).await.unwrap();
    assert_eq!((again.outcome, again.output), (Outcome::AlreadyDone, done.output));
}

#[tokio::test]
async fn an_indexed_source_is_planned_from_its_index() {
    let root = tempfile::tempdir().unwrap();
    let uploads = root.path().join("uploads");
    std::fs::create_dir(&uploads).unwrap();
    ffmpeg(
        &uploads,
        "-loglevel error -f lavfi -i testsrc2=s=640x360:r=25:d=8 -f lavfi -i sine=440:d=8 -c:v libx264 -crf 1 -g 25 \
         -c:a aac a.mp4",
    );
    let size = std::fs::metadata(uploads.join("a.mp4")).unwrap().len() as f64;
    let done = run(root.path(), input_in_chunks(&[("both", "a.mp4")], 2)).await.unwrap();
    assert_eq!((done.output.chunks, done.output.media.packets), (4, 200));
    assert!(done.metrics["class_indexed"] > 0.0 && done.metrics["missing_packets"] == 0.0);
    assert!(done.metrics["read_bytes"] < size / 2.0, "{} of {size}", done.metrics["read_bytes"]);
    let store = DirStore::new(root.path());
    let store: &dyn ObjectStore = &store;
    let plan: Vec<Chunk> = store.get_json(&ObjectRef::new("media", "p/plan.json")).await.unwrap();
    assert!(plan.iter().all(|chunk| chunk.frames == 50 && matches!(chunk.reading, Reading::Samples { .. })));
    assert!(store.exists(&ObjectRef::new("media", "p/packets.bin")).await.unwrap());

    // With the sound apart chunks carry none.
    std::fs::remove_dir_all(root.path().join("media")).unwrap();
    ffmpeg(&uploads, "-loglevel error -f lavfi -i sine=440:d=8 -c:a libopus a.webm");
    run(root.path(), input_in_chunks(&[("picture", "a.mp4"), ("sound", "a.webm")], 2)).await.unwrap();
    let plan: Vec<Chunk> = store.get_json(&ObjectRef::new("media", "p/plan.json")).await.unwrap();
    let silent = |chunk: &Chunk| matches!(&chunk.reading, Reading::Samples { sound, .. } if sound.is_empty());
    assert!(plan.len() == 4 && plan.iter().all(silent));
}

#[tokio::test]
async fn other_containers_are_planned_by_their_class() {
    let root = tempfile::tempdir().unwrap();
    let uploads = root.path().join("uploads");
    std::fs::create_dir(&uploads).unwrap();
    for (name, class, chunks) in
        [("a.mkv", "cued", 4), ("a.ts", "sequential", 4), ("a.flv", "sequential", 4), ("a.avi", "whole", 1)]
    {
        ffmpeg(
            &uploads,
            &format!(
                "-loglevel error -f lavfi -i testsrc2=s=160x90:r=25:d=8 -f lavfi -i sine=440:d=8 -c:v libx264 -g 25 \
                 -c:a aac {name}"
            ),
        );
        let done = run(root.path(), input_in_chunks(&[("both", name)], 2)).await.unwrap();
        assert!(done.metrics.contains_key(&format!("class_{class}")), "{name}: {:?}", done.metrics);
        assert!((chunks..=chunks * 5 / 4).contains(&done.output.chunks), "{name} in {}", done.output.chunks);
        // Matroska's index doesn't count frames.
        let packets = done.output.media.packets;
        assert!(packets == 200 || (class == "cued" && packets.abs_diff(200) < 10), "{name} has {packets}");
        let seconds = done.output.media.duration_seconds;
        assert!((seconds - 8.0).abs() < 0.2, "{name} lasts {seconds} s");
        let store = DirStore::new(root.path());
        let store: &dyn ObjectStore = &store;
        let source: Source = store.get_json(&ObjectRef::new("media", "p/source.json")).await.unwrap();
        assert_eq!(source.class.as_str(), class);
        std::fs::remove_dir_all(root.path().join("media")).unwrap();
    }
}

#[tokio::test]
async fn a_container_that_cant_be_cut_is_copied_into_one_that_can() {
    let root = tempfile::tempdir().unwrap();
    let uploads = root.path().join("uploads");
    std::fs::create_dir(&uploads).unwrap();
    let film = "-loglevel error -f lavfi -i testsrc2=s=160x90:r=25:d=8 -f lavfi -i sine=440:d=8 -g 25";
    ffmpeg(&uploads, &format!("{film} -c:v mpeg2video -bf 2 -c:a mp2 a.mpg"));
    let size = std::fs::metadata(uploads.join("a.mpg")).unwrap().len();
    let input = input_in_chunks(&[("both", "a.mpg")], 2);
    let done = run(root.path(), input.clone()).await.unwrap();
    assert!(done.metrics.contains_key("class_repackaged"), "{:?}", done.metrics);
    assert_eq!((done.output.chunks, done.output.media.packets), (4, 200));
    assert_eq!(done.output.media.container, "mpeg");
    let delta = root.path().join("media/p/repackaged.delta");
    let bytes = std::fs::read(&delta).unwrap();
    let store = DirStore::new(root.path());
    let store: &dyn ObjectStore = &store;
    let source: Source = store.get_json(&ObjectRef::new("media", "p/source.json")).await.unwrap();
    let repackaged = source.repackaged.unwrap();
    let read: Vec<_> = repackaged.read.iter().map(|range| (range.start, range.end)).collect();
    assert_eq!((repackaged.delta_bytes, read), (bytes.len() as u64, vec![(0, size)]));
    assert_eq!(done.metrics["delta_bytes"] as u64, bytes.len() as u64);
    assert!(bytes.len() as u64 * 10 < size, "{} bytes are stored of {size}", bytes.len());
    let progress: ReadProgress = store.get_json(&ObjectRef::new("media", "p/progress.json")).await.unwrap();
    assert_eq!(progress.bytes_expected, size);

    let again = run(root.path(), input.clone()).await.unwrap();
    assert_eq!((again.outcome, &again.output), (Outcome::AlreadyDone, &done.output));
    // Without the delta the plan is worth nothing, until all is joined.
    std::fs::remove_file(&delta).unwrap();
    let redone = run(root.path(), input.clone()).await.unwrap();
    assert_eq!((redone.outcome, &redone.output), (Outcome::Completed, &done.output));
    // Which of several equal places in the source it names may differ; the copy may not.
    let original = std::fs::read(uploads.join("a.mpg")).unwrap();
    assert!(rebuilt(&original, &std::fs::read(&delta).unwrap()).await == rebuilt(&original, &bytes).await);
    std::fs::remove_file(&delta).unwrap();
    std::fs::write(root.path().join("media/p/frames.idx"), "").unwrap();
    assert_eq!(run(root.path(), input).await.unwrap().outcome, Outcome::AlreadyDone);
}

/// The copy that a delta is of.
async fn rebuilt(source: &[u8], delta: &[u8]) -> Vec<u8> {
    let object = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        Ranged::new(bytes.len() as u64, move |range: Range<u64>| {
            let part = bytes[range.start as usize..range.end as usize].to_vec();
            std::future::ready(Ok::<_, std::convert::Infallible>(part))
        })
    };
    let (source, delta) = (object(source), object(delta));
    let copy = Rebuilt::open(&source, &delta).await.unwrap();
    let bytes = copy.read_at(0..copy.size()).await.unwrap();
    assert!(bytes.len() as u64 == copy.size() && !bytes.is_empty());
    bytes
}

#[tokio::test]
async fn a_source_that_was_read_in_vain_is_not_read_once_more() {
    let root = tempfile::tempdir().unwrap();
    let uploads = root.path().join("uploads");
    std::fs::create_dir(&uploads).unwrap();
    // It has one key frame, which is known at its end.
    let film = "-loglevel error -f lavfi -i testsrc2=s=1280x720:r=25:d=8 -vf noise=alls=60:allf=t";
    ffmpeg(&uploads, &format!("{film} -c:v mpeg4 -g 999 -q:v 3 a.avi"));
    let size = std::fs::metadata(uploads.join("a.avi")).unwrap().len();
    assert!(size > 60 << 20, "it has {size} bytes");
    let done = run(root.path(), input_in_chunks(&[("both", "a.avi")], 2)).await.unwrap();
    assert!(done.metrics.contains_key("class_whole"), "{:?}", done.metrics);
    assert_eq!((done.output.chunks, done.output.media.packets), (1, 200));
    // Its beginning and end are looked at for what it is.
    let read = done.metrics["read_bytes"] / size as f64;
    assert!((1.0..1.4).contains(&read), "it was read {read} times");
}

#[tokio::test]
async fn a_copy_that_would_lose_something_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let uploads = root.path().join("uploads");
    std::fs::create_dir(&uploads).unwrap();
    let film = "-loglevel error -f lavfi -i testsrc2=s=160x90:r=25:d=8 -g 25";
    // AVI does not say when its pictures are shown.
    ffmpeg(&uploads, &format!("{film} -c:v libx264 -bf 2 a.avi"));
    // It has one key frame.
    ffmpeg(&uploads, &format!("{film} -g 999 -c:v mpeg4 b.avi"));
    for name in ["a.avi", "b.avi"] {
        let done = run(root.path(), input_in_chunks(&[("both", name)], 2)).await.unwrap();
        assert!(done.metrics.contains_key("class_whole") && done.output.chunks == 1, "{name}: {:?}", done.metrics);
        let media = root.path().join("media");
        let kept: Vec<_> = std::fs::read_dir(media.join("p")).unwrap().map(|file| file.unwrap().file_name()).collect();
        // The plan, what is known of the source, and how far it was read.
        assert_eq!(kept.len(), 3, "{name}: {kept:?}");
        let parts = std::fs::read_dir(root.path().join(".uploads"));
        let left = parts.map_or(0, |parts| parts.flatten().filter(|upload| is_full(&upload.path())).count());
        assert_eq!(left, 0, "{name} leaves parts");
        std::fs::remove_dir_all(media).unwrap();
    }
}

fn is_full(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

#[tokio::test]
async fn a_source_like_a_proxy_is_reusable() {
    let root = tempfile::tempdir().unwrap();
    let uploads = root.path().join("uploads");
    std::fs::create_dir(&uploads).unwrap();
    let intra = "-c:v libx264 -g 1 -pix_fmt yuv420p";
    for (options, reusable) in [
        (format!("{intra} -c:a aac"), true),
        (format!("{intra} -an"), true),
        (format!("{intra} -c:a libmp3lame"), false),
        ("-c:v libx264 -g 10 -pix_fmt yuv420p -c:a aac".to_owned(), false),
        ("-c:v libx264 -g 1 -pix_fmt yuv444p -c:a aac".to_owned(), false),
        (format!("{intra} -vf setsar=4/3 -c:a aac"), false),
        (format!("{intra} -vf scale=640:360 -c:a aac"), false),
        (format!("{intra} -vf scale=160:96 -flags +ildct -x264-params tff=1 -c:a aac"), false),
    ] {
        let make = format!(
            "-loglevel error -f lavfi -i testsrc2=s=160x90:r=25:d=1 -f lavfi -i sine=440:d=1 {options} -shortest a.mp4"
        );
        ffmpeg(&uploads, &make);
        run(root.path(), input(&[("both", "a.mp4")])).await.unwrap();
        let store = DirStore::new(root.path());
        let store: &dyn ObjectStore = &store;
        let source: Source = store.get_json(&ObjectRef::new("media", "p/source.json")).await.unwrap();
        assert_eq!(source.reusable, reusable, "{options}");
        std::fs::remove_dir_all(root.path().join("media")).unwrap();
    }
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
    ffmpeg(&root.path().join("uploads"), "-loglevel error -f lavfi -i testsrc2=s=64x36:d=1 -c:v libx264 whole.mp4");
    let whole = std::fs::read(root.path().join("uploads/whole.mp4")).unwrap();
    std::fs::write(root.path().join("uploads/cut.mp4"), &whole[..whole.len() / 2]).unwrap();
    let cut = run(root.path(), input(&[("both", "cut.mp4")])).await.unwrap_err();
    assert!(cut.sentence().contains("header can't be read"), "{}", cut.sentence());
    ffmpeg(&root.path().join("uploads"), "-loglevel error -f lavfi -i sine=440:d=1 -c:a aac sound.m4a");
    let sound = run(root.path(), input(&[("both", "sound.m4a")])).await.unwrap_err();
    assert_eq!(sound.sentence(), "The file has sound but no picture.");
    let gone = run(root.path(), input(&[("both", "gone.mp4")])).await.unwrap_err();
    assert!(gone.sentence().contains("Upload it again"));
}
