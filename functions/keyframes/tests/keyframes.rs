//! The stage over a folder as storage, with the real ffmpeg.

#[path = "../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;

use fixture::{ffmpeg, stored_proxy, tools};
use heaters_aws::DirStore;
use heaters_domain::{Outcome, contract::PublicationInput};
use std::fs;

fn publication(start: u32, end: u32) -> serde_json::Value {
    serde_json::json!({
        "clip": "01890a5d-ac96-774b-bcce-b302099a8058", "video": "01890a5d-ac96-774b-bcce-b302099a8057", "version": 2,
        "attempt": 1, "range": { "start": start, "end": end }, "bucket": "media", "prefix": "p", "model": "descriptor-v1",
    })
}

#[tokio::test]
async fn the_stills_are_of_the_chosen_frames() {
    let (root, proxy) = stored_proxy();
    let (store, scratch) = (DirStore::new(root.path()), root.path().join("scratch"));
    let input = || -> PublicationInput {
        serde_json::from_value(serde_json::json!({ "publication": publication(8, 28) })).unwrap()
    };
    let done = keyframes::run(&store, &tools(), &scratch, input()).await.unwrap();
    let frames: Vec<_> = done.output.keyframes.iter().map(|keyframe| keyframe.frame).collect();
    assert_eq!(frames, [13, 18, 23]);
    let still = root.path().join("media").join(&done.output.keyframes[1].key);
    fs::copy(&still, proxy.folder.path().join("still.jpg")).unwrap();
    // The proxy's frame that is most like the still is the one it says it is of.
    let gray = |file: &str| {
        ffmpeg(
            proxy.folder.path(),
            &format!("-loglevel error -i {file} -map 0:v -fps_mode passthrough -pix_fmt gray -f rawvideo pipe:1"),
        )
    };
    let (still, frames) = (gray("still.jpg"), gray("proxy.mp4"));
    assert_eq!((still.len(), frames.len()), (160 * 90, 40 * 160 * 90));
    let difference = |frame: &[u8]| -> u64 { frame.iter().zip(&still).map(|(a, b)| u64::from(a.abs_diff(*b))).sum() };
    let closest = frames.chunks(160 * 90).enumerate().min_by_key(|(_, frame)| difference(frame)).unwrap();
    assert_eq!(closest.0, 18);

    fs::remove_dir_all(root.path().join("media/p")).unwrap();
    let again = keyframes::run(&store, &tools(), &scratch, input()).await.unwrap();
    assert_eq!((again.outcome, again.output), (Outcome::AlreadyDone, done.output));
}
