//! How long another detection of an hour takes, step by step: `cargo run --release -p heaters-domain --example redetect`.

use heaters_domain::{
    ClipId,
    review::{Doing, Redetection, VideoReview},
    scenes::{Across, BoundaryKind, FrameScore, GradualScore, PictureArea, ScoreTrack, curve, decide},
    settings::SceneSettings,
};
use std::{collections::BTreeSet, time::Instant};

const FPS: f64 = 25.0;
const FRAMES: u32 = 90_000;

const GRADUAL: GradualScore = GradualScore {
    kind: BoundaryKind::Dissolve,
    reach: 12,
    start: -6,
    middle: 0,
    end: 6,
    unexplained: 0.1,
    largest_step: 0.2,
    step_back: 0.0,
    across: 0.5,
    across_mean: 0.6,
    moved_most: 0.1,
    moved_least: 0.05,
    half_way: 0.3,
    ends: 0.6,
    blend: 0.1,
    wipe: 1.0,
    slide: 1.0,
    ends_moved: 0.6,
    half_way_moved: 0.3,
    blocks_left: 0.35,
    blocks_sided: 0.2,
    blocks_turned: 0.7,
};

/// An hour with a cut every 3 s and movement between: every tenth frame is a candidate that has to be looked at.
fn track() -> ScoreTrack {
    let frame = |number: u32| {
        let noise = (number.wrapping_mul(2_654_435_761) >> 8) as f32 / 16_777_216.0;
        let (cut, candidate) = (number.is_multiple_of(75) && number > 0, number.is_multiple_of(10));
        let dissimilarity = if cut { 0.6 + 0.3 * noise } else { 0.25 * noise };
        let gradual = (number % 50 == 25).then_some(GradualScore { across: 0.5 * noise, ..GRADUAL });
        FrameScore {
            dissimilarity,
            across: candidate.then_some(Across {
                near: dissimilarity,
                far: dissimilarity,
                mean: dissimilarity,
                moved: dissimilarity,
                changed_at: [dissimilarity; 2],
                changed_around: [dissimilarity; 2],
            }),
            luma: 110.0,
            contrast: 50.0,
            chroma_difference: noise,
            gradual,
            ..FrameScore::default()
        }
    };
    let area = PictureArea { left: 0, top: 0, width: 64, height: 36 };
    ScoreTrack { area, frames: (0..FRAMES).map(frame).collect() }
}

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
