//! Gradual transitions: windows whose frames change from one picture to another, little by little.

use crate::{
    VisionError,
    align::{moved_dissimilarity, moved_least_change},
    compare::{Sides, changed_blocks, dissimilarity, sides},
    explain::{Explanation, Share, distance, explain},
    picture::{BLOCKS, Picture},
    slide::{Frames, slide, step_of},
    timing::timing,
};
use heaters_domain::scenes::{BoundaryKind, GradualScore};
use std::{ops::Range, rc::Rc};

/// Half the windows' lengths in frames; multiples of 4.
const REACHES: [usize; 5] = [4, 8, 12, 16, 24];
pub const LONGEST_REACH: usize = 24;
/// A window is looked at around every so many frames.
pub const STEP: usize = 2;
/// How far beyond a window its ends are compared with, to see whether the picture moves there too.
pub const OUTSIDE: usize = 12;
/// How far beyond a window frames must be unlike those beyond its other end, and which of them are looked at.
pub const BEYOND: usize = 22;
const LOOKED_AT: [usize; 7] = [0, 3, 6, 10, 14, 18, BEYOND];
/// How far beyond a window both pictures should be at rest.
const REST: usize = 6;
/// Of windows whose middles are this near in frames only the best explained one is kept.
pub const RIVALS: usize = 4;

/// The frames between the ends that are looked at.
const SAMPLES: usize = 7;
/// Ends more alike than this show the same shot.
const LEAST_DISSIMILARITY: f32 = 0.2;
/// A middle more like both ends than this, or than this share of their dissimilarity, only moved.
const LEAST_HALF_WAY: f32 = 0.07;
const LEAST_HALF_WAY_SHARE: f32 = 0.2;
/// How much of the samples a transition may leave unexplained, as a share of what no change leaves.
const MOST_UNEXPLAINED: f32 = 0.85;
/// Less than this is no change that needs an explanation: a cut at one sample, or none.
const LEAST_CHANGE: f32 = 0.4;
/// How far a transition may go back between two samples, and how far forward at most.
const LARGEST_STEP_BACK: f32 = 0.3;
const LARGEST_STEP: f32 = 0.8;
/// A window must hold its transition: at the first sample less is done than this, at the last more than
/// the rest.
const DONE_AT_FIRST: f32 = 0.45;
/// How much of the middle sample a slide has to explain for the others to be tried: the search is long.
const SLIDE_WORTH_TRYING: f32 = 0.8;
/// The share of a transition that is done at its start and not yet done at its end: less can't be told
/// from noise.
const MARGIN: f32 = 0.08;
/// How a large step weighs against what is unexplained, where windows compete.
const STEP_WEIGHT: f32 = 0.5;
/// The same of how unlike the ends are: part of a dissolve is a dissolve too, but its ends are more alike.
const ENDS_WEIGHT: f32 = 0.5;

/// A window that may be a transition, before what lies beyond it is compared.
pub struct Candidate {
    pub score: GradualScore,
    /// The lower the better explained.
    cost: f32,
}

impl Candidate {
    pub fn is_better_than(&self, other: &Self) -> bool {
        self.cost < other.cost
    }
}

/// The best explained window around a frame. `at` gives the picture of a frame of those at hand, `ends` the
/// dissimilarity of the ends of a window by its middle and reach.
pub fn candidate<'a>(
    middle: usize,
    held: &Range<usize>,
    at: impl Fn(usize) -> &'a Picture,
    ends: impl Fn(usize, usize) -> f32,
) -> Option<Candidate> {
    let windows = REACHES.iter().filter(|reach| middle >= held.start + **reach && middle + **reach < held.end);
    let best = windows
        .filter_map(|&reach| in_window(middle, reach, ends(middle, reach), &at))
        .reduce(|best, other| if other.is_better_than(&best) { other } else { best })?;
    let reach = usize::from(best.score.reach);
    let (first, last) = (middle - reach, middle + reach);
    let half_way = dissimilarity(at(first), at(middle)).max(dissimilarity(at(middle), at(last)));
    if half_way < LEAST_HALF_WAY || half_way < LEAST_HALF_WAY_SHARE * best.score.ends {
        return None;
    }
    let outside = reach.min(OUTSIDE);
    let before = dissimilarity(at(first.saturating_sub(outside).max(held.start)), at(first));
    let after = dissimilarity(at(last), at((last + outside).min(held.end - 1)));
    let (moved_most, moved_least) = (before.max(after), before.min(after));
    let score = GradualScore { moved_most, moved_least, half_way, ..best.score };
    Some(Candidate { score, ..best })
}

/// The frames on either side of a window whose pictures must differ, so far as there are any.
pub fn beyond(middle: usize, reach: usize) -> (impl Iterator<Item = usize>, impl Iterator<Item = usize>) {
    let (first, last) = (middle - reach, middle + reach);
    let before = LOOKED_AT.iter().filter_map(move |step| first.checked_sub(*step));
    (before, LOOKED_AT.iter().map(move |step| last + step))
}

fn in_window<'a>(middle: usize, reach: usize, ends: f32, at: &impl Fn(usize) -> &'a Picture) -> Option<Candidate> {
    if ends <= LEAST_DISSIMILARITY {
        return None;
    }
    let (first, last) = (at(middle - reach), at(middle + reach));
    let apart = distance(&first.luma, &last.luma);
    let samples: [&Picture; SAMPLES] = std::array::from_fn(|sample| at(middle - reach + (sample + 1) * reach / 4));
    let found = samples.map(|sample| explain(&first.luma, &sample.luma, &last.luma, apart));
    let change: f32 = found.iter().map(|sample| sample.neither).sum();
    if change < LEAST_CHANGE {
        return None;
    }
    let slides = || slide_shares(first, &samples, last, apart, &found);
    let kinds = [
        (BoundaryKind::Dissolve, Some(found.map(|sample| sample.blend))),
        (BoundaryKind::Wipe, Some(found.map(|sample| sample.wipe))),
        (BoundaryKind::Slide, slides()),
    ];
    let left = kinds.each_ref().map(|(_, shares)| shares.map_or(1.0, |shares| unexplained(&shares, change)));
    let found = kinds.into_iter().filter_map(|(kind, shares)| judged(kind, reach, &shares?, change));
    let best = found.reduce(|best, other| if other.is_better_than(&best) { other } else { best })?;
    let [blend, wipe, slide] = left.map(|left| left.min(1.0));
    let cost = best.cost - ENDS_WEIGHT * ends;
    Some(Candidate { score: GradualScore { ends, blend, wipe, slide, ..best.score }, cost })
}

/// The samples as steps of one slide; `None` where they are none.
fn slide_shares(
    first: &Picture,
    samples: &[&Picture; SAMPLES],
    last: &Picture,
    apart: f32,
    found: &[Explanation; SAMPLES],
) -> Option<[Share; SAMPLES]> {
    let frames = |at: usize| Frames {
        first: first.strips(),
        middle: samples[at].strips(),
        last: last.strips(),
        distance: apart,
    };
    let middle = SAMPLES / 2;
    let (wanted, in_middle) = slide(frames(middle), SLIDE_WORTH_TRYING * found[middle].neither)?;
    let mut shares = [in_middle; SAMPLES];
    let mut others = 0;
    for at in (0..SAMPLES).filter(|at| *at != middle) {
        let neither = found[at].neither;
        shares[at] = match step_of(frames(at), wanted, neither).ok()? {
            Some(share) => {
                others += 1;
                share
            }
            None => Share { done: found[at].blend.done.round(), unexplained: neither },
        };
    }
    (others > 0).then_some(shares)
}

fn unexplained(shares: &[Share; SAMPLES], change: f32) -> f32 {
    shares.iter().map(|share| share.unexplained).sum::<f32>() / change
}

fn judged(kind: BoundaryKind, reach: usize, shares: &[Share; SAMPLES], change: f32) -> Option<Candidate> {
    let unexplained = unexplained(shares, change);
    let done: Vec<f32> =
        std::iter::once(0.0).chain(shares.iter().map(|share| share.done)).chain(std::iter::once(1.0)).collect();
    let steps = || done.windows(2).map(|pair| pair[1] - pair[0]);
    let largest_step = steps().fold(0.0, f32::max);
    let step_back = -steps().fold(0.0, f32::min);
    let holds = done[1] < DONE_AT_FIRST && done[SAMPLES] > 1.0 - DONE_AT_FIRST;
    let middle = time_of(&done, 0.5, reach);
    if unexplained > MOST_UNEXPLAINED
        || largest_step >= LARGEST_STEP
        || step_back >= LARGEST_STEP_BACK
        || !holds
        || middle.abs() > 0.3 * reach as f32 + 1.0
    {
        return None;
    }
    let start = time_of(&done, MARGIN, reach).floor() as i8;
    let end = time_of(&done, 1.0 - MARGIN, reach).ceil() as i8;
    let score = GradualScore::of(kind, reach as u8, [start, middle.round() as i8, end]);
    let score = GradualScore { unexplained, largest_step, step_back, ..score };
    Some(Candidate { score, cost: unexplained + STEP_WEIGHT * largest_step })
}

/// Compares a window's frames once more, with movement allowed for. `changes` gives how the blocks of a frame differ
/// from the one before.
pub fn follow<'a>(
    score: &mut GradualScore,
    middle: usize,
    held: &Range<usize>,
    at: impl Fn(usize) -> &'a Picture,
    changes: impl Fn(usize) -> &'a [f32; BLOCKS],
) -> Result<(), VisionError> {
    let reach = usize::from(score.reach);
    let (first_frame, last_frame) = (middle - reach, middle + reach);
    let (first, last) = (at(first_frame), at(last_frame));
    score.ends_moved = moved_dissimilarity(first, last)?;
    score.half_way_moved = moved_dissimilarity(first, at(middle))?.max(moved_dissimilarity(at(middle), last)?);
    let quarters = [middle - reach / 2, middle, middle + reach / 2].map(|frame| sides(first, at(frame), last));
    let mean = |of: fn(&Sides) -> f32| quarters.iter().map(of).sum::<f32>() / quarters.len() as f32;
    score.blocks_left = mean(|quarter| quarter.left);
    score.blocks_sided = mean(|quarter| quarter.sided);
    score.blocks_turned = (quarters[2].last - quarters[0].last).clamp(0.0, 1.0);
    let (before, after) =
        (at(first_frame.saturating_sub(REST).max(held.start)), at((last_frame + REST).min(held.end - 1)));
    [score.blocks_changed, score.blocks_changed_least] = changed_blocks(before, after);
    score.blocks_moved_least = moved_least_change(before, after)?;
    let detail = [first, at(middle), last].map(Picture::detail);
    score.detail_kept = (detail[1] / (detail[0] + detail[2]).max(1.0)).min(1.0);
    let timing = timing(&(first_frame + 1..=last_frame).map(changes).collect::<Vec<_>>());
    score.turned = timing.turned;
    score.turn_takes = timing.takes;
    score.turns_apart = timing.apart;
    score.turns_in_order = timing.in_order;
    Ok(())
}

/// When a share is first done, in frames from the window's middle; `done` has it at even distances, from
/// 0 at the window's first frame to 1 at its last.
fn time_of(done: &[f32], share: f32, reach: usize) -> f32 {
    let spacing = reach as f32 / 4.0;
    let mut before = 0.0f32;
    for (at, &now) in done.iter().enumerate().skip(1) {
        if now >= share {
            let part = (share - before) / (now - before).max(1e-6);
            return (at as f32 - 1.0 + part) * spacing - reach as f32;
        }
        before = before.max(now);
    }
    reach as f32
}

/// Mean dissimilarity of pictures of the two sides, each with its counterpart.
pub fn mean_dissimilarity(before: &[Rc<Picture>], after: &[Rc<Picture>]) -> f32 {
    let pairs = before.len().min(after.len()).max(1);
    before.iter().zip(after).map(|(one, other)| dissimilarity(one, other)).sum::<f32>() / pairs as f32
}

/// The lowest difference of any two pictures of the two sides.
pub fn lowest_of(before: &[Rc<Picture>], after: &[Rc<Picture>], of: fn(&Picture, &Picture) -> f32) -> f32 {
    let pairs = before.iter().flat_map(|one| after.iter().map(move |other| of(one, other)));
    pairs.fold(f32::MAX, f32::min)
}

/// Lowest dissimilarity of any two pictures of the two sides; stops at one under `enough`.
pub fn lowest_dissimilarity(before: &[Rc<Picture>], after: &[Rc<Picture>], enough: f32) -> f32 {
    let mut lowest = 1.0f32;
    for (one, other) in before.iter().flat_map(|one| after.iter().map(move |other| (one, other))) {
        lowest = lowest.min(dissimilarity(one, other));
        if lowest < enough {
            break;
        }
    }
    lowest
}
