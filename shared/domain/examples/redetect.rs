//! How long another detection of an hour takes, step by step: `cargo run --release -p heaters-domain --example redetect`.

mod hour;

use heaters_domain::{
    ClipId,
    review::{Doing, Redetection, VideoReview},
    scenes::{ScoreTrack, curve, decide},
    settings::SceneSettings,
};
use hour::{FPS, FRAMES, track};
use std::{collections::BTreeSet, time::Instant};

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let made = work();
    println!("{what}: {:.1} ms", started.elapsed().as_secs_f64() * 1000.0);
    made
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bytes = track().encode()?;
    println!("{FRAMES} frames, {} bytes of scores", bytes.len());
    let track = timed("decode the track", || ScoreTrack::decode(&bytes))?;
    let mut number = 0u128;
    let mut new_id = || {
        number += 1;
        ClipId::generate().0
    };
    let at = time::OffsetDateTime::UNIX_EPOCH;
    let first = decide(&track, &SceneSettings { sensitivity: 0.5, min_length_seconds: 0.1 }, FPS);
    let change = VideoReview::detect(FRAMES, &first, &mut Doing { event: 1, name: "", at, new_id: &mut new_id })?;
    let state = VideoReview::empty(FRAMES).after(&change);
    for sensitivity in [0.3, 0.7, 1.0] {
        let settings = SceneSettings { sensitivity, min_length_seconds: 0.1 };
        let found = timed(&format!("decide at {sensitivity}"), || decide(&track, &settings, FPS));
        let (detectors, held) = (BTreeSet::from([1]), BTreeSet::new());
        let redetection = Redetection { found: &found, shortest: 3, detectors: &detectors, held: &held };
        let mut doing = Doing { event: 2, name: "", at, new_id: &mut new_id };
        let change = timed("  what it changes", || state.redetect(&redetection, &mut doing));
        println!("  {} cuts now, {} found; {} clips replaced", first.len(), found.len(), change.before.clips.len());
    }
    timed("a curve of 4000 buckets", || curve(&track, heaters_domain::FrameRange { start: 0, end: FRAMES }, 4000));
    Ok(())
}
