//! Boundaries from scores.
//!
//! Each candidate has a confidence that doesn't depend on the settings: the share of such candidates
//! that are right, and 0.5 where a cut just meets the thresholds below. A sensitivity `s` takes the candidates
//! of a confidence of at least `1 - s` (of somewhat more where pictures run into each other, see [`standing`]), so
//! that a higher one always finds all that a lower one found.

use super::{Boundary, BoundaryKind, FrameScore, ScoreTrack, evidence, fade::Fade, gradual, model::MODELS};
use crate::settings::SceneSettings;
use serde::Serialize;
use std::{collections::BTreeMap, ops::Range};

/// Around a fade's flat run the picture changes fast: boundaries this near in frames belong to it.
const FADE_EDGE: usize = 4;
/// The confidence at which the default sensitivity takes a boundary.
pub(super) const EVEN: f64 = 0.5;

/// What the odds of a dissolve, wipe or slide are divided by before they are held against a cut's: the default takes
/// those of a confidence of 0.8. Movement is seen as one of them more often than they occur in most footage, and a
/// false one in a quiet shot annoys more than a transition that is joined to its neighbour.
const GRADUAL_ODDS: f64 = 4.0;

/// The boundaries of a video, by frame. They lie inside `1..frames`, and neither two of them nor one
/// and an end of the video are nearer than the shortest shot; of two that are, the less confident one
/// is left out. `fps` is the mean frame rate.
pub fn decide(track: &ScoreTrack, settings: &SceneSettings, fps: f64) -> Vec<Boundary> {
    let frames = track.frames.len();
    let least_confidence = 1.0 - settings.sensitivity.clamp(0.0, 1.0);
    let mut candidates = possible(&track.frames);
    candidates.retain(|candidate| candidate.confidence > 0.0 && standing(candidate) >= least_confidence);
    candidates.sort_by(|a, b| standing(b).total_cmp(&standing(a)).then(a.frame.cmp(&b.frame)));

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

/// The confidence by which a candidate is taken, and comes before another one: its own, or less where it is a dissolve,
/// wipe or slide.
fn standing(candidate: &Boundary) -> f64 {
    let confidence = candidate.confidence;
    match candidate.kind {
        BoundaryKind::Cut | BoundaryKind::FadeBlack | BoundaryKind::FadeWhite => confidence,
        // Odds divided by a number, and made a probability again.
        BoundaryKind::Dissolve | BoundaryKind::Wipe | BoundaryKind::Slide => {
            confidence / (confidence + GRADUAL_ODDS * (1.0 - confidence))
        }
    }
}

/// In frames, at least 1.
fn shortest_shot(settings: &SceneSettings, fps: f64) -> usize {
    let frames = (settings.min_length_seconds * fps).round();
    if frames.is_finite() { frames.max(1.0) as usize } else { 1 }
}

/// What may be a cut or a gradual transition, with all that its decision rests on: for training.
#[derive(Debug, Serialize)]
pub struct Candidate {
    pub kind: BoundaryKind,
    pub frame: usize,
    pub start_frame: usize,
    pub end_frame: usize,
    pub evidence: Vec<f32>,
}

/// All candidates of a track, in the order of frames.
pub fn candidates(track: &ScoreTrack) -> Vec<Candidate> {
    let frames = &track.frames;
    let place = |at: usize, offset: i8| (at as i64 + i64::from(offset)).clamp(0, frames.len() as i64) as usize;
    let of_frame = |at: usize| {
        let cut = (at > 0).then(|| evidence::of_cut(frames, at)).flatten().map(|evidence| Candidate {
            kind: BoundaryKind::Cut,
            frame: at,
            start_frame: at,
            end_frame: at,
            evidence: evidence.to_vec(),
        });
        let gradual = gradual::seen_at(frames, at).map(|gradual| Candidate {
            kind: gradual.kind,
            frame: place(at, gradual.middle),
            start_frame: place(at, gradual.start),
            end_frame: place(at, gradual.end),
            evidence: evidence::of_gradual(frames, at, &gradual).to_vec(),
        });
        let fade = (at > 0).then(|| Fade::at(frames, at)).flatten().map(|fade| Candidate {
            kind: fade.kind,
            frame: fade.middle(),
            start_frame: fade.whole.start,
            end_frame: fade.whole.end,
            evidence: evidence::of_fade(frames, &fade).to_vec(),
        });
        cut.into_iter().chain(gradual).chain(fade)
    };
    (0..frames.len()).flat_map(of_frame).collect()
}

/// All that may be a boundary at some sensitivity.
fn possible(frames: &[FrameScore]) -> Vec<Boundary> {
    let mut cuts: Vec<Boundary> = (1..frames.len()).filter_map(|frame| cut_at(frames, frame)).collect();
    let mut fades = Vec::new();
    for fade in (1..frames.len()).filter_map(|frame| Fade::at(frames, frame)) {
        let boundary = fade.boundary(frames);
        let hard_edge = |cut: &Boundary| cut.confidence >= EVEN && near(&fade.flat, cut, 1);
        if !cuts.iter().any(hard_edge) {
            let is_fades = |cut: &Boundary| {
                (near(&fade.flat, cut, FADE_EDGE) || near(&fade.whole, cut, 1)) && cut.confidence < boundary.confidence
            };
            cuts.retain(|cut| !is_fades(cut));
            fades.push(boundary);
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
    let confidence = MODELS.cut.confidence(&evidence::of_cut(frames, frame)?);
    let at = frame as u32;
    Some(Boundary { frame: at, kind: BoundaryKind::Cut, start_frame: at, end_frame: at, confidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::{Across, GradualScore, LAGS, PictureArea, gradual::tests::SURE};
    use proptest::prelude::*;

    const STILL: FrameScore = FrameScore {
        dissimilarity: 0.02,
        across: None,
        across_flat_run: None,
        luma: 110.0,
        contrast: 50.0,
        chroma_difference: 0.5,
        lagged: [0.03, 0.05],
        gradual: None,
    };

    fn track(frames: Vec<FrameScore>) -> ScoreTrack {
        ScoreTrack { area: PictureArea { left: 0, top: 0, width: 64, height: 36 }, frames }
    }

    fn settings(sensitivity: f64, min_length_seconds: f64) -> SceneSettings {
        SceneSettings { sensitivity, min_length_seconds }
    }

    /// Two shots that meet at a frame, or one whose picture is `across` like itself behind it.
    fn cut(frames: &mut [FrameScore], at: usize, dissimilarity: f32, across: f32) {
        let mean = across.midpoint(dissimilarity);
        frames[at].dissimilarity = dissimilarity;
        frames[at].across = Some(Across {
            near: across,
            far: across,
            mean,
            moved: across,
            moved_far: across,
            changed_at: [dissimilarity, 0.8 * dissimilarity],
            changed_around: [across, 0.8 * across],
            light: [0.3 * across; 2],
            chroma: [0.2 * across; 2],
        });
        frames[at].chroma_difference = 12.0;
        for (lag, frames_behind) in LAGS.into_iter().enumerate() {
            for frame in frames.iter_mut().skip(at).take(frames_behind) {
                frame.lagged[lag] = frame.lagged[lag].max(across);
            }
        }
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
                across: across.map(|near| Across {
                    near,
                    far: near,
                    mean: near,
                    moved: near,
                    moved_far: near,
                    changed_at: [near; 2],
                    changed_around: [near; 2],
                    light: [near; 2],
                    chroma: [near; 2],
                }),
                across_flat_run,
                luma,
                contrast,
                chroma_difference: 0.0,
                lagged: [across.unwrap_or(dissimilarity); 2],
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
        let mut one = vec![STILL];
        cut(&mut one, 0, 0.9, 0.9);
        for frames in [vec![], one] {
            assert_eq!(decide(&track(frames), &settings(1.0, 0.0), 25.0), []);
        }
    }

    #[test]
    fn a_cut_is_found_with_its_confidence() {
        let mut frames = vec![STILL; 80];
        cut(&mut frames, 40, 0.7, 0.6);
        let found = decide(&track(frames), &settings(0.5, 0.2), 25.0);
        assert_eq!(frames_of(&found), [40]);
        assert!(found[0].kind == BoundaryKind::Cut && found[0].confidence > 0.8, "{found:?}");
    }

    #[test]
    fn a_picture_that_comes_back_is_no_cut() {
        let mut frames = vec![STILL; 80];
        cut(&mut frames, 40, 0.7, 0.05);
        assert_eq!(decide(&track(frames), &settings(0.5, 0.2), 25.0), []);
    }

    #[test]
    fn movement_asks_for_more() {
        let moving = FrameScore { dissimilarity: 0.45, lagged: [0.5, 0.55], ..STILL };
        let confidence = |around: FrameScore| {
            let mut frames = vec![around; 80];
            cut(&mut frames, 40, 0.5, 0.4);
            decide(&track(frames), &settings(1.0, 0.2), 25.0).first().map_or(0.0, |found| found.confidence)
        };
        assert!(confidence(moving) < 0.5 && confidence(STILL) > 0.5, "{} {}", confidence(moving), confidence(STILL));
    }

    #[test]
    fn of_two_boundaries_too_near_the_surer_one_stays() {
        let mut frames = vec![STILL; 80];
        cut(&mut frames, 40, 0.5, 0.42);
        cut(&mut frames, 44, 0.8, 0.7);
        let track = track(frames);
        let found = |min_length: f64| frames_of(&decide(&track, &settings(0.9, min_length), 25.0));
        assert_eq!(found(0.1), [40, 44]);
        assert_eq!(found(0.2).len(), 1);
    }

    #[test]
    fn a_fade_is_its_flat_runs_middle_unless_the_run_has_hard_edges() {
        let mut frames = vec![STILL; 80];
        for (at, frame) in frames.iter_mut().enumerate().take(50).skip(20) {
            let away = (at as f32 - 35.0).abs();
            let contrast = if away <= 5.0 { 1.0 } else { 5.0 * (away - 5.0) };
            *frame = FrameScore { luma: 17.0 + contrast, contrast, ..STILL };
        }
        frames[30].across_flat_run = Some(0.6);
        let found = decide(&track(frames.clone()), &settings(0.5, 0.2), 25.0);
        assert_eq!((frames_of(&found), found[0].kind), (vec![35], BoundaryKind::FadeBlack));
        let Boundary { start_frame, end_frame, .. } = found[0];
        assert!((18..23).contains(&start_frame) && (47..52).contains(&end_frame), "{found:?}");

        for edge in [30, 40] {
            cut(&mut frames, edge, 0.8, 0.7);
        }
        assert_eq!(frames_of(&decide(&track(frames), &settings(0.5, 0.2), 25.0)), [30, 40]);
    }
}
