//! The stage over a folder as storage, with the real ffmpeg.

#[path = "../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;

use fixture::{Proxy, ffmpeg};
use heaters_aws::DirStore;
use heaters_domain::{ErrorClass, Outcome, contract::PlaybackInput};
use heaters_runtime::StageError;
use std::fs;

/// A store that holds a proxy of 40 frames, with sound, at the prefix `p` of the bucket `media`.
fn storage() -> (tempfile::TempDir, Proxy) {
    let source = tempfile::tempdir().unwrap();
    let av = "-f lavfi -i testsrc2=s=160x90:r=25:d=1.6 -f lavfi -i sine=440:d=1.6 -c:v libx264 -c:a aac";
    ffmpeg(source.path(), &format!("-loglevel error {av} a.mp4"));
    let proxy = fixture::proxy(source, "a.mp4");
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("media/p");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("proxy.mp4"), &proxy.media).unwrap();
    fs::write(folder.join("frames.idx"), proxy.index.encode()).unwrap();
    (root, proxy)
}

fn input(start: u32, end: u32) -> PlaybackInput {
    let video = "01890a5d-ac96-774b-bcce-b302099a8057";
    serde_json::from_value(serde_json::json!({
        "video": video, "range": { "start": start, "end": end }, "bucket": "media", "prefix": "p",
    }))
    .unwrap()
}

#[tokio::test]
async fn a_range_becomes_an_exact_clip_once() {
    let (root, proxy) = storage();
    let (store, scratch) = (DirStore::new(root.path()), root.path().join("scratch"));
    let done = playback::run(&store, &scratch, input(11, 29)).await.unwrap();
    assert_eq!(done.output.frames, 18);
    let clip = root.path().join("media").join(&done.output.key);
    assert_eq!(fs::metadata(&clip).unwrap().len(), done.output.size_bytes);
    fs::copy(&clip, proxy.folder.path().join("clip.mp4")).unwrap();
    assert_eq!(proxy.frame_sums("clip.mp4"), proxy.frame_sums("proxy.mp4")[11..29]);

    fs::remove_dir_all(root.path().join("media/p")).unwrap();
    let again = playback::run(&store, &scratch, input(11, 29)).await.unwrap();
    assert_eq!((again.outcome, again.output), (Outcome::AlreadyDone, done.output));
}

#[tokio::test]
async fn a_range_beyond_the_video_is_refused() {
    let (root, _) = storage();
    let error =
        playback::run(&DirStore::new(root.path()), &root.path().join("scratch"), input(30, 41)).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::RejectedInput);
    assert!(error.sentence().contains("40 frames"));
}
