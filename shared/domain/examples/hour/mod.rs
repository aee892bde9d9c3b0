//! The scores of an hour that gives a detection much to weigh. For what measures: the example beside, and the API's test.

use heaters_domain::scenes::{Across, BoundaryKind, FrameScore, GradualScore, PictureArea, ScoreTrack};

pub const FPS: f64 = 25.0;
pub const FRAMES: u32 = 90_000;

/// One that is well explained, of unlike pictures.
fn dissolve(across: f32) -> GradualScore {
    GradualScore {
        unexplained: 0.1,
        largest_step: 0.2,
        across,
        across_mean: 0.6,
        half_way: 0.3,
        ends: 0.6,
        blend: 0.1,
        wipe: 1.0,
        slide: 1.0,
        blocks_turned: 0.7,
        blocks_changed: 0.6,
        detail_kept: 0.38,
        ..GradualScore::of(BoundaryKind::Dissolve, 12, [-6, 0, 6])
    }
}

/// An hour with a cut every 3 s and movement between: every tenth frame is a candidate that has to be looked at.
pub fn track() -> ScoreTrack {
    let frame = |number: u32| {
        let noise = (number.wrapping_mul(2_654_435_761) >> 8) as f32 / 16_777_216.0;
        let (cut, candidate) = (number.is_multiple_of(75) && number > 0, number.is_multiple_of(10));
        let dissimilarity = if cut { 0.6 + 0.3 * noise } else { 0.25 * noise };
        let gradual = (number % 50 == 25).then(|| dissolve(0.5 * noise));
        FrameScore {
            dissimilarity,
            across: candidate.then_some(Across {
                near: dissimilarity,
                far: dissimilarity,
                mean: dissimilarity,
                moved: dissimilarity,
                moved_far: dissimilarity,
                changed_at: [dissimilarity; 2],
                changed_around: [dissimilarity; 2],
                light: [dissimilarity; 2],
                chroma: [dissimilarity; 2],
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
