//! Boundaries from scores.
//!
//! Each candidate has a confidence that doesn't depend on the settings: the share of such candidates
//! that are right, and 0.5 where a cut just meets the thresholds below. A sensitivity `s` takes the candidates
//! of a confidence of at least `1 - s`, so that a higher one always finds all that a lower one found.

use super::{Boundary, BoundaryKind, FLAT_CONTRAST, FrameScore, ScoreTrack, gradual};
use crate::settings::SceneSettings;
use std::{collections::BTreeMap, ops::Range};

/// What a score has to reach where its neighbours are still.
const CUT_BASE: f64 = 0.37;
/// How much of the neighbours' median comes on top of that: movement makes all scores higher.
const CUT_MOVEMENT_SHARE: f64 = 0.6;
/// How far a score has to stand out from its neighbours' median.
const CUT_JUMP: f64 = 0.22;
/// How unlike the frames on both sides have to be, whichever of them are compared.
const CUT_ACROSS: f64 = 0.29;
const FADE_ACROSS: f64 = 0.25;
/// How far from its threshold a score has to be for a confidence of 0 or 1.
const SCORE_SPAN: f64 = 0.2;
const JUMP_SPAN: f64 = 0.12;
/// How many neighbours on each side the median is of.
const NEIGHBOURS: usize = 9;
/// A flat run is a fade when its mean luma is under the one or over the other; between them it is a
/// shot of a plain surface.
const FADE_BLACK_LUMA: f32 = 40.0;
const FADE_WHITE_LUMA: f32 = 200.0;
/// Around a fade's flat run the picture changes fast: boundaries this near in frames belong to it.
const FADE_EDGE: usize = 4;
/// The confidence at which the default sensitivity takes a boundary.
pub(super) const EVEN: f64 = 0.5;

/// The boundaries of a video, by frame. They lie inside `1..frames`, and neither two of them nor one
/// and an end of the video are nearer than the shortest shot; of two that are, the less confident one
/// is left out. `fps` is the mean frame rate.
pub fn decide(track: &ScoreTrack, settings: &SceneSettings, fps: f64) -> Vec<Boundary> {
    let frames = track.frames.len();
    let least_confidence = 1.0 - settings.sensitivity.clamp(0.0, 1.0);
    let mut candidates = candidates(&track.frames);
    candidates.retain(|candidate| candidate.confidence > 0.0 && candidate.confidence >= least_confidence);
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.frame.cmp(&b.frame)));

    let shortest = shortest_shot(settings, fps);
    let mut chosen = BTreeMap::new();
    for candidate in candidates {
        let frame = candidate.frame as usize;
        let near = chosen.range((frame + 1).saturating_sub(shortest)..frame + shortest).next().is_some();
        if frame >= shortest && frame + shortest <= frames && !near {
            chosen.insert(frame, candidate);
        }
    }
    chosen.into_values().collect()
}

/// In frames, at least 1.
fn shortest_shot(settings: &SceneSettings, fps: f64) -> usize {
    let frames = (settings.min_length_seconds * fps).round();
    if frames.is_finite() { frames.max(1.0) as usize } else { 1 }
}

/// All that may be a boundary at some sensitivity.
fn candidates(frames: &[FrameScore]) -> Vec<Boundary> {
    let mut cuts: Vec<Boundary> = (1..frames.len()).filter_map(|frame| cut_at(frames, frame)).collect();
    let mut fades = Vec::new();
    for fade in (1..frames.len()).filter_map(|frame| fade_at(frames, frame)) {
        let run = fade.start_frame as usize..fade.end_frame as usize;
        let hard_edge = |cut: &Boundary| cut.confidence >= EVEN && near(&run, cut, 1);
        if !cuts.iter().any(hard_edge) {
            cuts.retain(|cut| !near(&run, cut, FADE_EDGE));
            fades.push(fade);
        }
    }
    let mut found = cuts;
    found.append(&mut fades);
    gradual::merge(&mut found, gradual::transitions(frames));
    found
}

fn near(run: &Range<usize>, cut: &Boundary, reach: usize) -> bool {
    (run.start.saturating_sub(reach)..=run.end + reach).contains(&(cut.frame as usize))
}

fn cut_at(frames: &[FrameScore], frame: usize) -> Option<Boundary> {
    // Only local maxima were compared across.
    let across = f64::from(frames[frame].across?);
    let score = f64::from(frames[frame].dissimilarity);
    let median = neighbours_median(frames, frame);
    let margin = margin(score - CUT_MOVEMENT_SHARE * median, CUT_BASE, SCORE_SPAN)
        .min(margin(score - median, CUT_JUMP, JUMP_SPAN))
        .min(margin(across, CUT_ACROSS, SCORE_SPAN));
    let confidence = calibrated(margin);
    let at = frame as u32;
    Some(Boundary { frame: at, kind: BoundaryKind::Cut, start_frame: at, end_frame: at, confidence })
}

/// The fade whose flat run starts at a frame.
fn fade_at(frames: &[FrameScore], start: usize) -> Option<Boundary> {
    let across = f64::from(frames[start].across_flat_run?);
    let run: Vec<&FrameScore> = frames[start..].iter().take_while(|score| score.contrast < FLAT_CONTRAST).collect();
    let luma = run.iter().map(|score| score.luma).sum::<f32>() / run.len().max(1) as f32;
    let kind = match luma {
        luma if luma < FADE_BLACK_LUMA => BoundaryKind::FadeBlack,
        luma if luma > FADE_WHITE_LUMA => BoundaryKind::FadeWhite,
        _ => return None,
    };
    let end = start + run.len();
    Some(Boundary {
        frame: start.midpoint(end) as u32,
        kind,
        start_frame: start as u32,
        end_frame: end as u32,
        confidence: calibrated(margin(across, FADE_ACROSS, SCORE_SPAN)),
    })
}

/// How far a value is from its threshold: 0.5 on it, 0 and 1 a span below and above.
fn margin(value: f64, threshold: f64, span: f64) -> f64 {
    (EVEN + EVEN * (value - threshold) / span).clamp(0.0, 1.0)
}

/// The share of boundaries of a margin that are right, as measured on labelled videos.
const RIGHT_BY_MARGIN: [(f64, f64); 8] =
    [(0.0, 0.0), (0.3, 0.04), (0.45, 0.15), (0.5, 0.5), (0.6, 0.7), (0.7, 0.8), (0.85, 0.92), (1.0, 0.99)];

fn calibrated(margin: f64) -> f64 {
    let above = RIGHT_BY_MARGIN.partition_point(|(from, _)| *from <= margin).clamp(1, RIGHT_BY_MARGIN.len() - 1);
    let ((from, low), (to, high)) = (RIGHT_BY_MARGIN[above - 1], RIGHT_BY_MARGIN[above]);
    low + (high - low) * (margin - from) / (to - from)
}

fn neighbours_median(frames: &[FrameScore], frame: usize) -> f64 {
    // The first frame has no score.
    let before = &frames[frame.saturating_sub(NEIGHBOURS).max(1)..frame];
    let after = &frames[frame + 1..(frame + 1 + NEIGHBOURS).min(frames.len())];
    let mut scores: Vec<f32> = before.iter().chain(after).map(|score| score.dissimilarity).collect();
    scores.sort_by(f32::total_cmp);
    match (scores.get(scores.len() / 2), scores.get(scores.len().saturating_sub(1) / 2)) {
        (Some(upper), Some(lower)) => f64::from(lower + upper) / 2.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::{GradualScore, PictureArea, gradual::tests::SURE};
    use proptest::prelude::*;

    const STILL: FrameScore = FrameScore {
        dissimilarity: 0.02,
        across: None,
        across_flat_run: None,
        luma: 110.0,
        contrast: 50.0,
        chroma_difference: 0.5,
        gradual: None,
    };

    fn track(frames: Vec<FrameScore>) -> ScoreTrack {
        ScoreTrack { area: PictureArea { left: 0, top: 0, width: 64, height: 36 }, frames }
    }

    fn settings(sensitivity: f64, min_length_seconds: f64) -> SceneSettings {
        SceneSettings { sensitivity, min_length_seconds }
    }

    fn cut(dissimilarity: f32, across: f32) -> FrameScore {
        FrameScore { dissimilarity, across: Some(across), ..STILL }
    }

    fn frames_of(boundaries: &[Boundary]) -> Vec<u32> {
        boundaries.iter().map(|boundary| boundary.frame).collect()
    }

    fn score() -> impl Strategy<Value = FrameScore> {
        let rarely = |share: std::ops::RangeInclusive<f32>| prop::option::weighted(0.3, share);
        let levels = (16.0f32..235.0, 0.0f32..12.0);
        (0.0f32..=1.0, rarely(0.0..=1.0), rarely(0.0..=1.0), levels, rarely(0.0..=1.0)).prop_map(
            |(dissimilarity, across, across_flat_run, (luma, contrast), gradual)| FrameScore {
                dissimilarity,
                across,
                across_flat_run,
                luma,
                contrast,
                chroma_difference: 0.0,
                gradual: gradual.map(|across| GradualScore { across, ..SURE }),
            },
        )
    }

    proptest! {
        #[test]
        fn boundaries_lie_inside_in_order_and_apart(
            frames in prop::collection::vec(score(), 0..120),
            sensitivity in 0.0f64..=1.0,
            min_length in 0.0f64..1.0,
            fps in 10.0f64..60.0,
        ) {
            let count = frames.len() as u32;
            let found = frames_of(&decide(&track(frames), &settings(sensitivity, min_length), fps));
            let shortest = ((min_length * fps).round() as u32).max(1);
            let ends: Vec<u32> = [vec![0], found.clone(), vec![count]].concat();
            prop_assert!(found.iter().all(|frame| (1..count).contains(frame)));
            prop_assert!(found.is_empty() || ends.windows(2).all(|pair| pair[1] >= pair[0] + shortest), "{ends:?}");
        }

        #[test]
        fn a_higher_sensitivity_keeps_what_a_lower_one_found(
            frames in prop::collection::vec(score(), 0..120),
            low in 0.0f64..=1.0,
            more in 0.0f64..=1.0,
            min_length in 0.0f64..1.0,
        ) {
            let track = track(frames);
            let fewer = decide(&track, &settings(low, min_length), 25.0);
            let all = decide(&track, &settings((low + more).min(1.0), min_length), 25.0);
            prop_assert!(fewer.iter().all(|boundary| all.contains(boundary)));
        }
    }

    #[test]
    fn a_video_of_no_or_one_frame_has_no_boundary() {
        for frames in [vec![], vec![cut(0.9, 0.9)]] {
            assert_eq!(decide(&track(frames), &settings(1.0, 0.0), 25.0), []);
        }
    }

    proptest! {
        #[test]
        fn confidence_grows_with_the_margin(low in 0.0f64..=1.0, more in 0.0f64..=1.0) {
            let (below, above) = (calibrated(low), calibrated((low + more).min(1.0)));
            prop_assert!((0.0..=1.0).contains(&below) && below <= above);
            prop_assert_eq!(below >= EVEN, low >= 0.5);
        }
    }

    #[test]
    fn a_cut_is_found_with_its_confidence() {
        let mut frames = vec![STILL; 60];
        frames[30] = cut(0.7, 0.6);
        let found = decide(&track(frames), &settings(0.5, 0.2), 25.0);
        assert_eq!(frames_of(&found), [30]);
        assert!(found[0].kind == BoundaryKind::Cut && found[0].confidence > 0.8, "{found:?}");
    }

    #[test]
    fn a_picture_that_comes_back_is_no_cut() {
        let mut frames = vec![STILL; 60];
        frames[30] = cut(0.7, 0.05);
        assert_eq!(decide(&track(frames), &settings(1.0, 0.2), 25.0), []);
    }

    #[test]
    fn movement_raises_the_threshold() {
        let moving = FrameScore { dissimilarity: 0.4, ..STILL };
        let mut frames = vec![moving; 60];
        frames[30] = cut(0.55, 0.5);
        assert_eq!(decide(&track(frames), &settings(0.5, 0.2), 25.0), []);
    }

    #[test]
    fn of_two_boundaries_too_near_the_surer_one_stays() {
        let mut frames = vec![STILL; 60];
        frames[30] = cut(0.45, 0.4);
        frames[33] = cut(0.8, 0.7);
        let track = track(frames);
        assert_eq!(frames_of(&decide(&track, &settings(0.5, 0.2), 25.0)), [33]);
        assert_eq!(frames_of(&decide(&track, &settings(0.5, 0.1), 25.0)), [30, 33]);
    }

    #[test]
    fn a_fade_is_its_flat_runs_middle_unless_the_run_has_hard_edges() {
        let mut frames = vec![STILL; 80];
        frames[30..40].fill(FrameScore { luma: 17.0, contrast: 1.0, ..STILL });
        frames[30].across_flat_run = Some(0.6);
        let found = decide(&track(frames.clone()), &settings(0.5, 0.2), 25.0);
        assert_eq!(frames_of(&found), [35]);
        assert_eq!((found[0].kind, found[0].start_frame, found[0].end_frame), (BoundaryKind::FadeBlack, 30, 40));

        for edge in [30, 40] {
            frames[edge].dissimilarity = 0.8;
            frames[edge].across = Some(0.7);
        }
        assert_eq!(frames_of(&decide(&track(frames), &settings(0.5, 0.2), 25.0)), [30, 40]);
    }
}
