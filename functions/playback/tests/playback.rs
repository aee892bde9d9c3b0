//! The stage over a folder as storage, with the real ffmpeg.

#[path = "../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;

use base64::{Engine, engine::general_purpose::STANDARD};
use fixture::stored_proxy;
use heaters_aws::DirStore;
use heaters_domain::{ErrorClass, Fault, Outcome, contract::PlaybackInput};
use std::fs;

fn input(start: u32, end: u32, as_file: bool) -> PlaybackInput {
    let video = "01890a5d-ac96-774b-bcce-b302099a8057";
    serde_json::from_value(serde_json::json!({
        "video": video, "range": { "start": start, "end": end }, "bucket": "media", "prefix": "p",
        "as_file": as_file,
    }))
    .unwrap()
}

#[tokio::test]
async fn a_range_becomes_an_exact_clip_once() {
    let (root, proxy) = stored_proxy();
    let (store, scratch) = (DirStore::new(root.path()), root.path().join("scratch"));
    let done = playback::run(&store, &scratch, input(11, 29, true)).await.unwrap();
    assert_eq!(done.output.frames, 18);
    let clip = root.path().join("media").join(done.output.key.as_ref().unwrap());
    assert_eq!(fs::metadata(&clip).unwrap().len(), done.output.size_bytes);
    fs::copy(&clip, proxy.folder.path().join("clip.mp4")).unwrap();
    assert_eq!(proxy.frame_sums("clip.mp4"), proxy.frame_sums("proxy.mp4")[11..29]);

    let again = playback::run(&store, &scratch, input(11, 29, true)).await.unwrap();
    assert_eq!((again.outcome, &again.output), (Outcome::AlreadyDone, &done.output));

    // The parts are the file, and asking for them writes nothing.
    fs::remove_file(&clip).unwrap();
    let parts = playback::run(&store, &scratch, input(11, 29, false)).await.unwrap().output;
    let mut bytes = STANDARD.decode(&parts.header).unwrap();
    parts.pieces.iter().for_each(|piece| bytes.extend(&proxy.media[piece.start as usize..piece.end as usize]));
    assert!(bytes == fs::read(proxy.folder.path().join("clip.mp4")).unwrap() && !clip.exists());
    assert_eq!((parts.key, parts.size_bytes), (None, bytes.len() as u64));
    let seconds = |ticks: u64| ticks as f64 * parts.time_base.as_f64();
    let shown: Vec<f64> = (0..18).map(|frame| f64::from(frame) / 25.0).collect();
    assert!(parts.pts.iter().zip(&shown).all(|(pts, shown)| (seconds(*pts) - shown).abs() < 1e-4), "{:?}", parts.pts);
    assert!(
        (seconds(parts.end) - 18.0 / 25.0).abs() < 1e-4 && (seconds(parts.start_in_proxy) - 11.0 / 25.0).abs() < 1e-4
    );
}

#[tokio::test]
async fn a_range_beyond_the_video_is_refused() {
    let (root, _) = stored_proxy();
    let error = playback::run(&DirStore::new(root.path()), &root.path().join("scratch"), input(30, 41, false))
        .await
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::RejectedInput);
    assert!(error.sentence().contains("40 frames"));
}
