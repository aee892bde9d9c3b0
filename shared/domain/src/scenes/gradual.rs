//! Dissolves, wipes and slides from scores.

use super::{Boundary, BoundaryKind, FrameScore, decide::EVEN, evidence, fade, model::MODELS};

/// The score with its shares, so that fields, record and evidence all have the order of one list.
macro_rules! gradual_score {
    ($($(#[$doc:meta])* $share:ident,)*) => {
        /// A window of frames that look like a gradual transition. Shares are 0..1.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct GradualScore {
            /// Dissolve, wipe or slide.
            pub kind: BoundaryKind,
            /// Half the window's length in frames.
            pub reach: u8,
            /// Where the transition starts, is half done, and ends, in frames from the window's middle.
            pub start: i8,
            pub middle: i8,
            pub end: i8,
            $($(#[$doc])* pub $share: f32,)*
        }

        /// How many shares a score has.
        pub(super) const SHARES: usize = [$(stringify!($share)),*].len();

        impl GradualScore {
            /// One of which no share is known yet.
            pub fn of(kind: BoundaryKind, reach: u8, places: [i8; 3]) -> Self {
                Self::new(kind, reach, places, [0.0; SHARES])
            }

            /// With its start, middle and end, and its shares in the order of the fields.
            pub(super) fn new(kind: BoundaryKind, reach: u8, places: [i8; 3], shares: [f32; SHARES]) -> Self {
                let [start, middle, end] = places;
                let [$($share),*] = shares;
                Self { kind, reach, start, middle, end, $($share),* }
            }

            /// The shares in the order of the fields.
            pub(super) fn shares(&self) -> [f32; SHARES] {
                [$(self.$share),*]
            }
        }
    };
}

gradual_score! {
    /// What the transition leaves unexplained of the frames between the window's ends, as a share of
    /// what no transition at all leaves.
    unexplained,
    /// The largest share of the transition that happens from one of the nine looked-at frames to the next.
    largest_step,
    /// The largest that is undone.
    step_back,
    /// The lowest dissimilarity of the frames before the window and those after it.
    across,
    /// The mean of a few of them.
    across_mean,
    /// The dissimilarity of each of the window's ends to a frame further out: the larger.
    moved_most,
    /// The smaller.
    moved_least,
    /// The dissimilarity of the window's middle to the end it is less like. Movement that is followed from
    /// each end to the middle makes little of it.
    half_way,
    /// The dissimilarity of the window's ends.
    ends,
    /// What a dissolve leaves unexplained; 1 where it explains nothing.
    blend,
    /// The same of a wipe.
    wipe,
    /// The same of a slide.
    slide,
    /// `ends` where one picture is moved onto the other as a whole.
    ends_moved,
    /// `half_way` in the same way.
    half_way_moved,
    /// What the frames between have that is in neither end, each block followed by itself.
    blocks_left,
    /// How much more alike a block is to one end than to the other.
    blocks_sided,
    /// The share of blocks that go over from the first to the last.
    blocks_turned,
    /// How much the blocks differ between frames a little outside the window: the mean.
    blocks_changed,
    /// The mean of the quarter that differs least.
    blocks_changed_least,
    /// The same where one picture is moved onto the other as a whole.
    blocks_moved_least,
    /// How much detail the middle has, as a share of both ends' together: half, if it stays; less in a dissolve.
    detail_kept,
    /// How much the blocks change from frame to frame beyond their usual change, summed over the window.
    turned,
    /// How long a block's change takes, as a share of the window.
    turn_takes,
    /// How far the blocks' changes lie apart in time.
    turns_apart,
    /// How much of that follows from their places: a wipe's do.
    turns_in_order,
}

/// Less than this is not worth keeping at any sensitivity.
const LEAST_CONFIDENCE: f64 = 0.02;
/// Transitions nearer than this in frames are one.
const APART: i64 = 3;
/// A fade's halves look like blends; so far from it one is still taken for its half.
const FADE_REACH: i64 = 4;

/// The transitions of a track, none overlapping another: of those that do, the surest.
pub(super) fn transitions(frames: &[FrameScore]) -> Vec<Boundary> {
    let mut found: Vec<Boundary> = (0..frames.len()).filter_map(|frame| transition_at(frames, frame)).collect();
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.frame.cmp(&b.frame)));
    let mut kept: Vec<Boundary> = Vec::new();
    for candidate in found {
        if !kept.iter().rev().any(|other| overlap(&candidate, other, APART)) {
            kept.push(candidate);
        }
    }
    kept
}

fn transition_at(frames: &[FrameScore], frame: usize) -> Option<Boundary> {
    let score = seen_at(frames, frame)?;
    let confidence = MODELS.gradual.confidence(&evidence::of_gradual(frames, frame, &score));
    let place = |offset: i8| (frame as i64 + i64::from(offset)).clamp(0, frames.len() as i64) as u32;
    let (start_frame, middle, end_frame) = (place(score.start), place(score.middle), place(score.end));
    let inside = middle > 0 && (middle as usize) < frames.len() && confidence >= LEAST_CONFIDENCE;
    inside.then_some(Boundary { frame: middle, kind: score.kind, start_frame, end_frame, confidence })
}

/// The window around a frame that may be a transition. How the first picture comes out of black or white is none, nor
/// how the last one goes.
pub(super) fn seen_at(frames: &[FrameScore], frame: usize) -> Option<GradualScore> {
    let score = frames[frame].gradual?;
    let reach = usize::from(score.reach);
    let (before, behind) = frames.split_at(frame);
    let nothing_before = before[..(frame + 1).saturating_sub(reach).min(frame)].iter().rev().all(fade::is_faded_out);
    let nothing_behind = behind[reach.min(behind.len() - 1)..].iter().all(fade::is_faded_out);
    (!nothing_before && !nothing_behind).then_some(score)
}

fn overlap(one: &Boundary, other: &Boundary, apart: i64) -> bool {
    let (start, end) = (i64::from(one.start_frame) - apart, i64::from(one.end_frame) + apart);
    i64::from(other.end_frame) >= start && i64::from(other.start_frame) <= end
}

/// Adds transitions to the cuts and fades that were found without regard to them.
///
/// A sure cut inside a transition rules the transition out, since a cut with movement around it looks
/// like a short one. Two cuts and more inside a sure transition are its fastest frames.
pub(super) fn merge(found: &mut Vec<Boundary>, transitions: Vec<Boundary>) {
    for transition in transitions {
        let is_sure_cut = |other: &Boundary| other.kind == BoundaryKind::Cut && other.confidence >= EVEN;
        let is_fade = |other: &Boundary| matches!(other.kind, BoundaryKind::FadeBlack | BoundaryKind::FadeWhite);
        let belongs_to_fade = found
            .iter()
            .any(|other| is_fade(other) && other.confidence >= EVEN && overlap(&transition, other, FADE_REACH));
        let cuts = found.iter().filter(|other| is_sure_cut(other) && overlap(&transition, other, APART)).count();
        if belongs_to_fade || cuts == 1 || (cuts > 1 && transition.confidence < EVEN) {
            continue;
        }
        found.retain(|other| {
            other.kind != BoundaryKind::Cut
                || !overlap(&transition, other, APART)
                || (cuts == 0 && other.confidence >= transition.confidence)
        });
        found.push(transition);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::scenes::FrameScore;

    /// A dissolve of twelve frames that leaves no doubt.
    pub const SURE: GradualScore = GradualScore {
        kind: BoundaryKind::Dissolve,
        reach: 8,
        start: -6,
        middle: 0,
        end: 6,
        unexplained: 0.1,
        largest_step: 0.15,
        step_back: 0.0,
        across: 0.5,
        across_mean: 0.6,
        moved_most: 0.05,
        moved_least: 0.03,
        half_way: 0.4,
        ends: 0.6,
        blend: 0.1,
        wipe: 0.4,
        slide: 1.0,
        ends_moved: 0.6,
        half_way_moved: 0.4,
        blocks_left: 0.35,
        blocks_sided: 0.2,
        blocks_turned: 0.7,
        blocks_changed: 0.6,
        blocks_changed_least: 0.4,
        blocks_moved_least: 0.4,
        detail_kept: 0.38,
        turned: 0.1,
        turn_takes: 0.3,
        turns_apart: 0.1,
        turns_in_order: 0.2,
    };

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

    /// Still shots with such transitions between them, as the frames around see them.
    fn frames(graduals: &[(usize, GradualScore)]) -> Vec<FrameScore> {
        let mut frames = vec![STILL; 100];
        for (frame, gradual) in graduals {
            frames[*frame].gradual = Some(*gradual);
            for near in &mut frames[frame - 6..frame + 6] {
                near.dissimilarity = 0.12;
                near.contrast = 38.0;
                near.chroma_difference = 2.0;
            }
            frames.iter_mut().skip(frame - 2).take(12).for_each(|frame| frame.lagged[0] = 0.45);
            frames.iter_mut().skip(frame - 2).take(24).for_each(|frame| frame.lagged[1] = 0.6);
        }
        frames
    }

    fn cut(frame: u32, confidence: f64) -> Boundary {
        Boundary { frame, kind: BoundaryKind::Cut, start_frame: frame, end_frame: frame, confidence }
    }

    fn merged(cuts: &[Boundary], transition: GradualScore) -> Vec<(u32, BoundaryKind)> {
        let mut found = cuts.to_vec();
        merge(&mut found, transitions(&frames(&[(50, transition)])));
        found.iter().map(|boundary| (boundary.frame, boundary.kind)).collect()
    }

    #[test]
    fn a_well_explained_change_is_a_transition_and_one_that_only_moves_is_none() {
        let found = transitions(&frames(&[(50, GradualScore { middle: 2, ..SURE })]));
        assert_eq!((found[0].frame, found[0].start_frame, found[0].end_frame), (52, 44, 56));
        assert!(found[0].confidence > 0.7, "{found:?}");
        let moving = GradualScore {
            across: 0.05,
            across_mean: 0.2,
            unexplained: 0.7,
            blend: 0.7,
            largest_step: 0.5,
            moved_most: 0.5,
            moved_least: 0.4,
            ..SURE
        };
        let found = transitions(&frames(&[(50, moving)]));
        assert!(found.iter().all(|found| found.confidence < EVEN), "{found:?}");
    }

    #[test]
    fn a_picture_that_comes_out_of_black_is_no_transition() {
        let mut frames = frames(&[(50, SURE)]);
        for frame in &mut frames[..43] {
            *frame = FrameScore { luma: 16.0, contrast: 1.0, ..STILL };
        }
        assert_eq!(transitions(&frames), []);
    }

    #[test]
    fn of_overlapping_transitions_the_surest_stays() {
        let weaker = GradualScore { unexplained: 0.4, blend: 0.4, across: 0.3, largest_step: 0.3, ..SURE };
        let mut found = transitions(&frames(&[(44, weaker), (50, SURE), (80, weaker)]));
        found.sort_by_key(|found| found.frame);
        assert_eq!(found.iter().map(|found| found.frame).collect::<Vec<_>>(), [50, 80]);
    }

    #[test]
    fn one_sure_cut_rules_a_transition_out_and_more_are_part_of_it() {
        let dissolve = (50, BoundaryKind::Dissolve);
        assert_eq!(merged(&[cut(51, 0.9)], SURE), [(51, BoundaryKind::Cut)]);
        assert_eq!(merged(&[cut(48, 0.9), cut(52, 0.8)], SURE), [dissolve]);
        assert_eq!(merged(&[cut(52, 0.2)], SURE), [dissolve]);
        assert_eq!(merged(&[cut(70, 0.9)], SURE), [(70, BoundaryKind::Cut), dissolve]);
    }

    #[test]
    fn the_ends_of_a_fade_are_no_transition() {
        let fade = Boundary { kind: BoundaryKind::FadeBlack, start_frame: 58, end_frame: 64, ..cut(61, 0.9) };
        assert_eq!(merged(&[fade], SURE), [(61, BoundaryKind::FadeBlack)]);
    }
}
