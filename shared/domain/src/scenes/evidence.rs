//! What a decision rests on: numbers about a candidate and the frames around it, in a fixed order.
//!
//! The models of [`super::model`] are trained on these numbers, so that a change here needs a new training
//! (`tests/bench/footage/train.py`).

use super::{BoundaryKind, CHROMA_RANGE, FrameScore, GradualScore, LAGS, LIGHT_RANGE, fade::Fade};
use std::ops::Range;

pub(super) const OF_CUT: usize = 42;
pub(super) const OF_GRADUAL: usize = 55;
pub(super) const OF_FADE: usize = 17;
/// Neighbours on each side that a cut stands out from.
const NEIGHBOURS: usize = 9;
/// Frames on each side whose light and contrast are compared.
const BESIDE: usize = 5;
/// How far around a cut others count as its company.
const COMPANY: usize = 12;
/// How far outside a transition the pictures should be at rest.
const OUTSIDE: usize = 24;
/// How far around a transition others count as its company: where the camera or a person moves there are several.
const GRADUAL_COMPANY: usize = 75;
/// How far around an edge of a fade's flat run its suddenness is looked for.
const EDGE: usize = 3;
/// A plain picture's contrast, which is not compared in proportion to less.
const LEAST_CONTRAST: f32 = 4.0;
/// A change of light or chroma that is not compared in proportion to less.
const LEAST_LIGHT: f32 = 4.0;
/// More of it is left than that where the picture moves, which says no more.
const MOST_LEFT: f32 = 4.0;

/// The evidence for a cut before a frame; `None` where no cut can be.
pub(super) fn of_cut(frames: &[FrameScore], at: usize) -> Option<[f32; OF_CUT]> {
    let here = &frames[at];
    let across = here.across?;
    let score = |range: Range<usize>| inside(frames, range).iter().map(|frame| frame.dissimilarity);
    let before = at.saturating_sub(NEIGHBOURS).max(1)..at;
    let after = at + 1..at + 1 + NEIGHBOURS;
    let mut neighbours: Vec<f32> = score(before.clone()).chain(score(after.clone())).collect();
    neighbours.sort_by(f32::total_cmp);
    let ranked = |share: f32| {
        let place = ((neighbours.len() as f32 - 1.0).max(0.0) * share).round() as usize;
        neighbours.get(place).copied().unwrap_or(0.0)
    };
    let median = ranked(0.5);
    let company = at.saturating_sub(COMPANY)..at + 1 + COMPANY;
    let rivals = inside(frames, company).iter().filter(|frame| frame.across.is_some());
    let strong = rivals.clone().filter(|frame| frame.dissimilarity >= 0.6 * here.dissimilarity).count();
    let apart = rivals.filter(|frame| frame.across.is_some_and(|across| across.near > 0.25)).count();
    let level = |range: Range<usize>, of: fn(&FrameScore) -> f32| mean(inside(frames, range).iter().map(of));
    let (earlier, later) = (at.saturating_sub(BESIDE)..at, at..at + BESIDE);
    let lag = |lag: usize, range: Range<usize>| mean(inside(frames, range).iter().map(|frame| frame.lagged[lag]));
    let lowest = |lag: usize| {
        let across = inside(frames, at..at + LAGS[lag]).iter().map(|frame| frame.lagged[lag]);
        across.fold(1.0f32, f32::min)
    };
    let gradual = inside(frames, at.saturating_sub(8)..at + 9)
        .iter()
        .filter_map(|frame| frame.gradual)
        .min_by(|one, other| one.unexplained.total_cmp(&other.unexplained));
    Some([
        here.dissimilarity,
        across.near,
        across.far,
        across.mean,
        median,
        ranked(1.0),
        ranked(0.9),
        ranked(0.75),
        here.dissimilarity - median,
        score(at.saturating_sub(2).max(1)..at).fold(0.0, f32::max),
        score(at + 1..at + 3).fold(0.0, f32::max),
        mean(score(before)),
        mean(score(after)),
        strong as f32,
        apart as f32,
        (here.luma - frames[at.saturating_sub(1)].luma).abs(),
        (level(earlier.clone(), |frame| frame.luma) - level(later.clone(), |frame| frame.luma)).abs(),
        level(earlier, |frame| frame.contrast),
        level(later, |frame| frame.contrast),
        inside(frames, at.saturating_sub(3)..at + 3).iter().map(|frame| frame.contrast).fold(255.0, f32::min),
        here.chroma_difference,
        level(at + 1..at + 1 + NEIGHBOURS, |frame| frame.chroma_difference),
        lag(0, at..at + LAGS[0]),
        lowest(0),
        lag(0, at.saturating_sub(LAGS[0])..at),
        lag(0, at + LAGS[0]..at + 2 * LAGS[0]),
        lag(1, at..at + LAGS[1]),
        lowest(1),
        lag(1, at.saturating_sub(LAGS[1])..at),
        gradual.map_or(2.0, |gradual| gradual.unexplained + gradual.largest_step),
        across.moved,
        across.changed_at[0],
        across.changed_at[1],
        across.changed_around[0],
        across.changed_around[1],
        across.moved_far,
        across.light[0],
        across.light[1],
        across.chroma[0],
        across.chroma[1],
        stays(across.light[1] * LIGHT_RANGE, (here.luma - frames[at.saturating_sub(1)].luma).abs()),
        stays(across.chroma[1] * CHROMA_RANGE, here.chroma_difference),
    ])
}

/// The evidence for the transition around a frame.
pub(super) fn of_gradual(frames: &[FrameScore], at: usize, gradual: &GradualScore) -> [f32; OF_GRADUAL] {
    let place = |offset: i8| (at as i64 + i64::from(offset)).clamp(0, frames.len() as i64 - 1) as usize;
    let (start, middle, end) = (place(gradual.start), place(gradual.middle), place(gradual.end));
    let during = start..end + 1;
    let largest = inside(frames, start.saturating_sub(2)..end + 3)
        .iter()
        .max_by(|one, other| one.dissimilarity.total_cmp(&other.dissimilarity));
    let largest = largest.copied().unwrap_or_default();
    let across = largest.across.unwrap_or_default();
    let of = |range: Range<usize>, of: fn(&FrameScore) -> f32| mean(inside(frames, range).iter().map(of));
    let score = |frame: &FrameScore| frame.dissimilarity;
    let (before, after) = (start.saturating_sub(OUTSIDE)..start, end + 1..end + 1 + OUTSIDE);
    let beside = |of: fn(&FrameScore) -> f32| {
        let [earlier, later] = on_both_sides(frames, &(start..end), of);
        (earlier.min(later), earlier.max(later))
    };
    let (darker, lighter) = beside(|frame| frame.luma);
    let (flatter, richer) = beside(|frame| frame.contrast);
    let peak = |lag: usize| {
        let behind = inside(frames, start..end + LAGS[lag]).iter().map(|frame| frame.lagged[lag]);
        behind.fold(0.0f32, f32::max)
    };
    let chroma = |range: Range<usize>| of(range, |frame| frame.chroma_difference);
    let kind = match gradual.kind {
        BoundaryKind::Dissolve => 0.0,
        BoundaryKind::Wipe => 1.0,
        _ => 2.0,
    };
    let shares = gradual.shares();
    let mut evidence = [0.0; OF_GRADUAL];
    evidence[..shares.len()].copy_from_slice(&shares);
    let [early, half, late] = contrast_kept(frames, start..end);
    let company = || company(frames, at, gradual);
    evidence[shares.len()..].copy_from_slice(&[
        kind,
        f32::from(gradual.reach),
        (end - start) as f32,
        largest.dissimilarity,
        across.near,
        across.far,
        of(during.clone(), score),
        of(before.clone(), score),
        of(after.clone(), score),
        inside(frames, before.clone()).iter().map(score).fold(0.0, f32::max),
        inside(frames, after.clone()).iter().map(score).fold(0.0, f32::max),
        darker - frames[middle].luma,
        frames[middle].luma - lighter,
        lighter - darker,
        flatter - frames[middle].contrast,
        flatter,
        richer,
        chroma(during),
        chroma(before.clone()).midpoint(chroma(after)),
        peak(0),
        peak(1),
        of(before, |frame| frame.lagged[0]),
        // Behind a transition the pictures of its start are still in reach of the lag for a while.
        of(end + 1 + LAGS[0]..end + 1 + OUTSIDE, |frame| frame.lagged[0]),
        of(end + 1 + LAGS[1]..end + 1 + LAGS[1] + OUTSIDE, |frame| frame.lagged[1]),
        early,
        half,
        late,
        light_strays(frames, start..end),
        company().count() as f32,
        company().map(|other| other.unexplained).fold(1.0, f32::min),
    ]);
    evidence
}

/// How much of a step of light or chroma is left a while later: little after a burst of light.
fn stays(left: f32, step: f32) -> f32 {
    ((left + LEAST_LIGHT) / (step + LEAST_LIGHT)).min(MOST_LEFT)
}

/// A number of the frames before a transition and of those after it.
fn on_both_sides(frames: &[FrameScore], during: &Range<usize>, of: fn(&FrameScore) -> f32) -> [f32; 2] {
    let (earlier, later) = (during.start.saturating_sub(BESIDE)..during.start, during.end + 1..during.end + 1 + BESIDE);
    [earlier, later].map(|range| mean(inside(frames, range).iter().map(of)))
}

/// The evidence for a fade.
pub(super) fn of_fade(frames: &[FrameScore], fade: &Fade) -> [f32; OF_FADE] {
    let (flat, whole) = (fade.flat.clone(), fade.whole.clone());
    let [before, after] = on_both_sides(frames, &whole, |frame| frame.luma);
    let [rich, other_rich] = on_both_sides(frames, &whole, |frame| frame.contrast);
    let level = mean(inside(frames, flat.clone()).iter().map(|frame| frame.luma));
    // The largest of a number around each of the run's edges.
    let edges = |of: &dyn Fn(usize) -> f32| {
        [flat.start, flat.end].map(|edge| {
            let around = edge.saturating_sub(EDGE).max(1)..(edge + EDGE).min(frames.len());
            around.map(of).fold(0.0f32, f32::max)
        })
    };
    let sudden = edges(&|at| frames[at].dissimilarity);
    let jump = edges(&|at| (frames[at].luma - frames[at - 1].luma).abs());
    let apart = edges(&|at| frames[at].across.map_or(0.0, |across| across.near));
    let strays = |at: usize| (frames[at].luma - level).abs();
    let lasting = [flat.start - whole.start, whole.end.saturating_sub(flat.end)];
    [
        fade.across,
        flat.len() as f32,
        level,
        flat.clone().map(|at| frames[at].contrast).fold(f32::MAX, f32::min),
        flat.clone().map(strays).fold(0.0, f32::max),
        lasting[0].min(lasting[1]) as f32,
        lasting[0].max(lasting[1]) as f32,
        sudden[0].max(sudden[1]),
        sudden[0].min(sudden[1]),
        jump[0].max(jump[1]),
        jump[0].min(jump[1]),
        apart[0].max(apart[1]),
        rich.min(other_rich),
        rich.max(other_rich),
        (before - level).abs().min((after - level).abs()),
        (before - level).abs().max((after - level).abs()),
        f32::from(u8::from(fade.kind == BoundaryKind::FadeWhite)),
    ]
}

/// Contrast a quarter, half and three quarters through a transition, against what leads from one side's to the other's
/// in a line: pictures that are mixed have less than either.
fn contrast_kept(frames: &[FrameScore], during: Range<usize>) -> [f32; 3] {
    let [before, after] = on_both_sides(frames, &during, |frame| frame.contrast);
    [0.25, 0.5, 0.75].map(|share| {
        let at = during.start + (share * during.len() as f32).round() as usize;
        let expected = before + share * (after - before);
        frames.get(at).map_or(0.0, |frame| frame.contrast) / expected.max(LEAST_CONTRAST)
    })
}

/// How far light strays from the line between both sides, as a share of its change.
fn light_strays(frames: &[FrameScore], during: Range<usize>) -> f32 {
    let [before, after] = on_both_sides(frames, &during, |frame| frame.luma);
    let length = during.len().max(1) as f32;
    let strays = inside(frames, during).iter().enumerate().map(|(at, frame)| {
        let share = (at as f32 + 0.5) / length;
        (frame.luma - before - share * (after - before)).abs()
    });
    mean(strays) / ((after - before).abs() + LEAST_LIGHT)
}

/// Other transitions that may be near one, apart from it.
fn company<'a>(
    frames: &'a [FrameScore],
    at: usize,
    gradual: &GradualScore,
) -> impl Iterator<Item = GradualScore> + use<'a> {
    let reach = usize::from(gradual.reach);
    let before = at.saturating_sub(GRADUAL_COMPANY)..at.saturating_sub(reach);
    let after = at + reach + 1..at + GRADUAL_COMPANY + 1;
    [before, after].into_iter().flat_map(|range| inside(frames, range).iter().filter_map(|frame| frame.gradual))
}

fn inside(frames: &[FrameScore], range: Range<usize>) -> &[FrameScore] {
    let end = range.end.min(frames.len());
    &frames[range.start.min(end)..end]
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f32 }
}
