//! Detecting again: which cuts replace those of clips that nobody has worked on, while every other clip keeps
//! its frames exactly.

use crate::{Frame, FrameRange, cuts::Tiling, scenes::Boundary};
use std::collections::BTreeSet;

/// A clip as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub range: FrameRange,
    /// Whether somebody has worked on it: then it stays as it is.
    pub touched: bool,
}

/// What another detection does to a video's clips and cuts.
#[derive(Debug, Clone, PartialEq)]
pub struct Retiling {
    /// The video's clips afterwards.
    pub tiling: Tiling,
    /// Clips that are as they were, touched or not.
    pub kept: Vec<FrameRange>,
    /// Clips to archive, and clips to make over the same frames.
    pub replaced: Vec<FrameRange>,
    pub created: Vec<FrameRange>,
    /// Cuts that are gone.
    pub removed_cuts: Vec<Frame>,
    /// The boundaries that are cuts now, apart from the borders of touched clips. Those at a frame that was a cut
    /// before may differ in kind and confidence.
    pub boundaries: Vec<Boundary>,
}

/// The tiling after another detection. `segments` are the clips now, in order, and tile the video. A boundary
/// nearer than `shortest` frames to a touched clip is left out, so that no sliver is made beside it.
///
/// Borders of touched clips stay; between two touched clips, or one and an end of the video, the cuts become
/// those of `boundaries`.
pub fn retile(segments: &[Segment], boundaries: &[Boundary], shortest: u32) -> Retiling {
    let frames = segments.last().map_or(0, |segment| segment.range.end);
    let old_cuts: BTreeSet<Frame> = segments.iter().skip(1).map(|segment| segment.range.start).collect();
    let mut cuts: BTreeSet<Frame> = borders(segments).filter(|frame| (1..frames).contains(frame)).collect();
    let mut taken = Vec::new();
    for run in untouched_runs(segments) {
        let from = run.start.saturating_add(if run.start == 0 { 1 } else { shortest.max(1) });
        let to = run.end.saturating_sub(if run.end == frames { 1 } else { shortest.max(1) });
        let inside = boundaries.iter().filter(|boundary| (from..=to).contains(&boundary.frame));
        taken.extend(inside.copied());
    }
    taken.sort_by_key(|boundary| boundary.frame);
    taken.dedup_by_key(|boundary| boundary.frame);
    cuts.extend(taken.iter().map(|boundary| boundary.frame));
    let removed_cuts = old_cuts.difference(&cuts).copied().collect();

    let tiling = Tiling::inside(frames, cuts);
    let now: BTreeSet<FrameRange> = tiling.segments().into_iter().collect();
    let before: BTreeSet<FrameRange> = segments.iter().map(|segment| segment.range).collect();
    Retiling {
        kept: now.intersection(&before).copied().collect(),
        replaced: before.difference(&now).copied().collect(),
        created: now.difference(&before).copied().collect(),
        tiling,
        removed_cuts,
        boundaries: taken,
    }
}

fn borders(segments: &[Segment]) -> impl Iterator<Item = Frame> + '_ {
    segments.iter().filter(|segment| segment.touched).flat_map(|segment| [segment.range.start, segment.range.end])
}

/// The frames of neighbouring untouched clips, joined.
fn untouched_runs(segments: &[Segment]) -> Vec<FrameRange> {
    let untouched = segments.chunk_by(|left, right| left.touched == right.touched);
    let runs = untouched.filter(|run| !run[0].touched);
    runs.map(|run| FrameRange { start: run[0].range.start, end: run[run.len() - 1].range.end }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::BoundaryKind;
    use proptest::prelude::*;

    fn boundary(frame: Frame) -> Boundary {
        Boundary { frame, kind: BoundaryKind::Cut, start_frame: frame, end_frame: frame, confidence: 0.5 }
    }

    fn segments(ends: &[(Frame, bool)]) -> Vec<Segment> {
        let starts = std::iter::once(0).chain(ends.iter().map(|(end, _)| *end));
        let made = starts
            .zip(ends)
            .map(|(start, (end, touched))| Segment { range: FrameRange { start, end: *end }, touched: *touched });
        made.collect()
    }

    fn ranges(pairs: &[(Frame, Frame)]) -> Vec<FrameRange> {
        pairs.iter().map(|(start, end)| FrameRange { start: *start, end: *end }).collect()
    }

    #[test]
    fn only_what_nobody_touched_is_cut_anew() {
        let before = segments(&[(10, false), (20, true), (30, false), (40, false)]);
        let boundaries = [5, 15, 21, 25, 30].map(boundary);
        let after = retile(&before, &boundaries, 3);
        // 15 lies in a touched clip and 21 too near to it.
        assert_eq!(after.tiling.segments(), ranges(&[(0, 5), (5, 10), (10, 20), (20, 25), (25, 30), (30, 40)]));
        assert_eq!(after.kept, ranges(&[(10, 20), (30, 40)]));
        assert_eq!(after.replaced, ranges(&[(0, 10), (20, 30)]));
        assert_eq!(after.created, ranges(&[(0, 5), (5, 10), (20, 25), (25, 30)]));
        assert_eq!(after.boundaries, [5, 25, 30].map(boundary));
        assert!(after.removed_cuts.is_empty());
    }

    #[test]
    fn without_boundaries_untouched_neighbours_become_one() {
        let before = segments(&[(10, false), (20, false), (30, true)]);
        let after = retile(&before, &[], 1);
        assert_eq!(after.created, ranges(&[(0, 20)]));
        assert_eq!(after.removed_cuts, [10]);
    }

    fn video() -> impl Strategy<Value = Vec<Segment>> {
        prop::collection::vec((1u32..30, any::<bool>()), 1..25).prop_map(|parts| {
            let mut at = 0;
            let ends: Vec<_> = parts
                .into_iter()
                .map(|(length, touched)| {
                    at += length;
                    (at, touched)
                })
                .collect();
            segments(&ends)
        })
    }

    proptest! {
        #[test]
        fn the_result_tiles_and_keeps_every_touched_clip(
            before in video(),
            at in prop::collection::vec(0u32..800, 0..40),
            shortest in 0u32..12,
        ) {
            let boundaries: Vec<_> = at.iter().copied().map(boundary).collect();
            let after = retile(&before, &boundaries, shortest);
            let frames = before[before.len() - 1].range.end;
            let segments = after.tiling.segments();
            prop_assert_eq!(segments[0].start, 0);
            prop_assert_eq!(segments[segments.len() - 1].end, frames);
            prop_assert!(segments.windows(2).all(|pair| pair[0].end == pair[1].start));
            prop_assert!(segments.iter().all(|segment| !segment.is_empty()));
            for segment in before.iter().filter(|segment| segment.touched) {
                prop_assert!(after.kept.contains(&segment.range), "{:?}", segment);
            }
            // What is replaced and what is created cover the same frames, and nothing is in two lists.
            let covered = |ranges: &[FrameRange]| -> BTreeSet<Frame> {
                ranges.iter().flat_map(|range| range.start..range.end).collect()
            };
            prop_assert_eq!(covered(&after.replaced), covered(&after.created));
            prop_assert!(covered(&after.replaced).is_disjoint(&covered(&after.kept)));
            // Every cut is a border of a touched clip or a boundary.
            let borders: BTreeSet<_> = borders(&before).collect();
            for cut in after.tiling.cuts() {
                prop_assert!(borders.contains(&cut) || after.boundaries.iter().any(|found| found.frame == cut));
            }
            prop_assert!(after.boundaries.iter().all(|found| at.contains(&found.frame) && !borders.contains(&found.frame)));
        }

        #[test]
        fn the_same_detection_again_changes_nothing(
            before in video(),
            at in prop::collection::vec(0u32..800, 0..40),
            shortest in 0u32..12,
        ) {
            let boundaries: Vec<_> = at.iter().copied().map(boundary).collect();
            let once = retile(&before, &boundaries, shortest);
            let touched: BTreeSet<_> = before.iter().filter(|segment| segment.touched).map(|it| it.range).collect();
            let now: Vec<_> = once
                .tiling
                .segments()
                .into_iter()
                .map(|range| Segment { range, touched: touched.contains(&range) })
                .collect();
            let twice = retile(&now, &boundaries, shortest);
            prop_assert!(twice.replaced.is_empty() && twice.created.is_empty() && twice.removed_cuts.is_empty());
        }
    }
}
