//! The cut algebra. A video's cuts divide its frames `0..frames` into segments, and the active clips are
//! exactly those segments: no gap, no overlap. An edit yields the cuts after it and says which segments
//! it replaces by which.

use crate::{Frame, FrameRange};
use std::collections::BTreeSet;

/// The cuts of a video: frames strictly inside `0..frames` at which a new segment starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiling {
    frames: Frame,
    cuts: BTreeSet<Frame>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    #[error("a video of no frames has no clips")]
    NoFrames,
    #[error("frame {frame} is not strictly inside the video's {frames} frames")]
    OutsideVideo { frame: Frame, frames: Frame },
    #[error("there already is a cut at frame {0}")]
    AlreadyCut(Frame),
    #[error("there is no cut at frame {0}")]
    NoSuchCut(Frame),
    #[error("frame {to} is not strictly between the neighbouring cuts {after} and {before}")]
    BeyondNeighbour { to: Frame, after: Frame, before: Frame },
}

/// What an edit does: clips to archive and clips to create over the same frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub replaced: Vec<FrameRange>,
    pub created: Vec<FrameRange>,
}

impl Tiling {
    /// A video without cuts: one segment.
    pub fn uncut(frames: Frame) -> Result<Self, CutError> {
        if frames == 0 { Err(CutError::NoFrames) } else { Ok(Self { frames, cuts: BTreeSet::new() }) }
    }

    /// A tiling with these cuts. Cuts named twice count once.
    pub fn new(frames: Frame, cuts: impl IntoIterator<Item = Frame>) -> Result<Self, CutError> {
        let mut tiling = Self::uncut(frames)?;
        for frame in cuts {
            tiling.check_inside(frame)?;
            tiling.cuts.insert(frame);
        }
        Ok(tiling)
    }

    pub fn frames(&self) -> Frame {
        self.frames
    }

    pub fn cuts(&self) -> impl Iterator<Item = Frame> + '_ {
        self.cuts.iter().copied()
    }

    /// The segments in order.
    pub fn segments(&self) -> Vec<FrameRange> {
        let starts = std::iter::once(0).chain(self.cuts());
        let ends = self.cuts().chain(std::iter::once(self.frames));
        starts.zip(ends).map(|(start, end)| FrameRange { start, end }).collect()
    }

    /// The segment that holds a frame.
    pub fn segment_at(&self, frame: Frame) -> Option<FrameRange> {
        (frame < self.frames).then(|| FrameRange { start: self.at_or_before(frame), end: self.after(frame) })
    }

    /// Splits the segment that holds `frame`, so that a new one starts there.
    pub fn add(&mut self, frame: Frame) -> Result<Edit, CutError> {
        self.check_inside(frame)?;
        if self.cuts.contains(&frame) {
            return Err(CutError::AlreadyCut(frame));
        }
        let whole = FrameRange { start: self.at_or_before(frame), end: self.after(frame) };
        self.cuts.insert(frame);
        Ok(Edit { replaced: vec![whole], created: halves(whole, frame) })
    }

    /// Merges the segments on both sides of the cut at `frame`.
    pub fn remove(&mut self, frame: Frame) -> Result<Edit, CutError> {
        let whole = self.around(frame)?;
        self.cuts.remove(&frame);
        Ok(Edit { replaced: halves(whole, frame), created: vec![whole] })
    }

    /// Moves the cut at `from` to `to`, strictly between its neighbours.
    pub fn shift(&mut self, from: Frame, to: Frame) -> Result<Edit, CutError> {
        let whole = self.around(from)?;
        if to == from {
            return Err(CutError::AlreadyCut(to));
        }
        if to <= whole.start || to >= whole.end {
            return Err(CutError::BeyondNeighbour { to, after: whole.start, before: whole.end });
        }
        self.cuts.remove(&from);
        self.cuts.insert(to);
        Ok(Edit { replaced: halves(whole, from), created: halves(whole, to) })
    }

    /// Both segments that meet at the cut `frame`, as one range.
    fn around(&self, frame: Frame) -> Result<FrameRange, CutError> {
        if !self.cuts.contains(&frame) {
            return Err(CutError::NoSuchCut(frame));
        }
        Ok(FrameRange { start: self.at_or_before(frame - 1), end: self.after(frame) })
    }

    fn at_or_before(&self, frame: Frame) -> Frame {
        self.cuts.range(..=frame).next_back().copied().unwrap_or(0)
    }

    fn after(&self, frame: Frame) -> Frame {
        self.cuts.range(frame + 1..).next().copied().unwrap_or(self.frames)
    }

    fn check_inside(&self, frame: Frame) -> Result<(), CutError> {
        if frame == 0 || frame >= self.frames {
            return Err(CutError::OutsideVideo { frame, frames: self.frames });
        }
        Ok(())
    }
}

fn halves(whole: FrameRange, at: Frame) -> Vec<FrameRange> {
    vec![FrameRange { start: whole.start, end: at }, FrameRange { start: at, end: whole.end }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Move {
        Add(Frame),
        Remove(usize),
        Shift(usize, Frame),
    }

    fn moves() -> impl Strategy<Value = Vec<Move>> {
        let one = prop_oneof![
            (0u32..120).prop_map(Move::Add),
            any::<usize>().prop_map(Move::Remove),
            (any::<usize>(), 0u32..120).prop_map(|(cut, to)| Move::Shift(cut, to)),
        ];
        prop::collection::vec(one, 0..60)
    }

    fn tiles(ranges: &[FrameRange], start: Frame, end: Frame) -> bool {
        ranges.iter().all(|range| !range.is_empty())
            && ranges.first().map(|range| range.start) == Some(start)
            && ranges.last().map(|range| range.end) == Some(end)
            && ranges.windows(2).all(|pair| pair[0].end == pair[1].start)
    }

    proptest! {
        #[test]
        fn segments_tile_the_video_after_any_edits(frames in 1u32..100, moves in moves()) {
            let mut tiling = Tiling::uncut(frames).unwrap();
            for step in moves {
                let before = tiling.clone();
                let nth = |index: usize| before.cuts().nth(index % before.cuts.len().max(1)).unwrap_or(0);
                let result = match step {
                    Move::Add(frame) => tiling.add(frame),
                    Move::Remove(index) => tiling.remove(nth(index)),
                    Move::Shift(index, to) => tiling.shift(nth(index), to),
                };
                prop_assert!(tiles(&tiling.segments(), 0, frames));
                match result {
                    Err(_) => prop_assert_eq!(&tiling, &before, "a refused edit changes nothing"),
                    Ok(edit) => {
                        let (start, end) = (edit.replaced[0].start, edit.replaced[edit.replaced.len() - 1].end);
                        prop_assert!(tiles(&edit.replaced, start, end) && tiles(&edit.created, start, end));
                        let segments: BTreeSet<_> = tiling.segments().into_iter().collect();
                        let mut expected: BTreeSet<_> = before.segments().into_iter().collect();
                        for range in &edit.replaced { prop_assert!(expected.remove(range)); }
                        expected.extend(edit.created);
                        prop_assert_eq!(segments, expected);
                    }
                }
            }
        }

        #[test]
        fn a_cut_added_and_removed_leaves_no_trace(frames in 2u32..100, cuts in prop::collection::vec(1u32..99, 0..10), at in 1u32..99) {
            let cuts: Vec<_> = cuts.into_iter().filter(|cut| *cut < frames && *cut != at).collect();
            let before = Tiling::new(frames, cuts).unwrap();
            let mut tiling = before.clone();
            if tiling.add(at).is_ok() {
                tiling.remove(at).unwrap();
            }
            prop_assert_eq!(tiling, before);
        }

        #[test]
        fn the_segment_at_a_frame_is_the_one_that_holds_it(frames in 1u32..100, cuts in prop::collection::vec(1u32..99, 0..10), at in 0u32..100) {
            let tiling = Tiling::new(frames, cuts.into_iter().filter(|cut| *cut < frames)).unwrap();
            let expected = tiling.segments().into_iter().find(|range| range.contains(at));
            prop_assert_eq!(tiling.segment_at(at), expected);
        }
    }
}
