//! The scores of frames that arrive one after the other.

use crate::{
    VisionError,
    compare::dissimilarity,
    gradual::{self, BEYOND, Candidate, LONGEST_REACH, OUTSIDE, RIVALS, STEP, lowest_dissimilarity},
    picture::Picture,
};
use heaters_domain::{
    scenes::{FLAT_CONTRAST, FrameScore, LOOK_AROUND, LOOK_AROUND_FLOOR, PictureArea, SURE_MATCH, ScoreTrack},
    thumbs::Thumb,
};
use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

/// How many frames after a window's middle its candidate is looked for, and then judged.
const SEARCH_DELAY: usize = LONGEST_REACH + OUTSIDE;
const JUDGE_DELAY: usize = LONGEST_REACH + BEYOND;
const HELD: usize = 2 * JUDGE_DELAY + 1;
/// How many frames on either side of a frame its score may depend on, runs of flat frames apart; a multiple of [`STEP`].
pub const AROUND: usize = 2 * HELD;
const _: () = assert!(AROUND.is_multiple_of(STEP));
const _: () = assert!(JUDGE_DELAY >= SEARCH_DELAY + RIVALS && HELD >= 2 * LOOK_AROUND);

pub struct Scorer {
    area: PictureArea,
    frames: Vec<FrameScore>,
    /// The latest pictures, as many as the judgement of a gradual transition takes.
    recent: VecDeque<Rc<Picture>>,
    flat_run: Option<FlatRun>,
    /// Runs that have ended and wait for the frames after them.
    ended_runs: Vec<(FlatRun, usize)>,
    /// Windows that may be gradual transitions, by their middle.
    candidates: BTreeMap<usize, Candidate>,
}

/// A run of flat frames that has begun.
struct FlatRun {
    start: usize,
    before: Vec<Rc<Picture>>,
}

impl Scorer {
    pub fn new(area: PictureArea) -> Self {
        Self {
            area,
            frames: Vec::new(),
            recent: VecDeque::new(),
            flat_run: None,
            ended_runs: Vec::new(),
            candidates: BTreeMap::new(),
        }
    }

    pub fn push(&mut self, thumb: &Thumb) -> Result<(), VisionError> {
        let picture = Rc::new(Picture::new(thumb, self.area)?);
        let before = self.recent.back();
        self.frames.push(FrameScore {
            dissimilarity: before.map_or(0.0, |before| dissimilarity(before, &picture)),
            luma: picture.mean(),
            contrast: picture.contrast(),
            chroma_difference: before.map_or(0.0, |before| before.chroma_difference(&picture)),
            ..FrameScore::default()
        });
        self.follow_flat_run(picture.contrast() < FLAT_CONTRAST);
        if self.recent.len() == HELD {
            self.recent.pop_front();
        }
        self.recent.push_back(picture);
        if let Some(boundary) = self.frames.len().checked_sub(LOOK_AROUND) {
            self.look_around(boundary);
        }
        self.close_runs(LOOK_AROUND);
        let newest = self.frames.len() - 1;
        if let Some(middle) = newest.checked_sub(SEARCH_DELAY) {
            self.find_candidate(middle);
        }
        if let Some(middle) = newest.checked_sub(JUDGE_DELAY) {
            self.judge_candidate(middle);
        }
        Ok(())
    }

    /// Whether the score of a frame before this one waits for a run of flat frames to end.
    pub fn awaits_run_before(&self, frame: usize) -> bool {
        let ended = self.ended_runs.iter().map(|(run, _)| run);
        self.flat_run.iter().chain(ended).any(|run| run.start < frame)
    }

    pub fn finish(mut self) -> ScoreTrack {
        let frames = self.frames.len();
        for boundary in (frames + 1).saturating_sub(LOOK_AROUND)..frames {
            self.look_around(boundary);
        }
        self.close_runs(1);
        for middle in frames.saturating_sub(SEARCH_DELAY)..frames {
            self.find_candidate(middle);
        }
        for middle in frames.saturating_sub(JUDGE_DELAY)..frames {
            self.judge_candidate(middle);
        }
        ScoreTrack { area: self.area, frames: self.frames }
    }

    /// Compares the frames on both sides of the boundary before a frame, where there may be one.
    fn look_around(&mut self, boundary: usize) {
        if !self.may_be_boundary(boundary) {
            return;
        }
        let mut before = self.pictures(boundary.saturating_sub(LOOK_AROUND), boundary);
        // The nearest first, since they are the likeliest to match and a sure match ends the search.
        before.reverse();
        let after = self.pictures(boundary, boundary + LOOK_AROUND);
        self.frames[boundary].across = Some(lowest_dissimilarity(&before, &after, SURE_MATCH));
    }

    fn may_be_boundary(&self, boundary: usize) -> bool {
        let at = |frame: usize| self.frames.get(frame).map_or(0.0, |score| score.dissimilarity);
        boundary > 0
            && at(boundary) >= LOOK_AROUND_FLOOR
            && at(boundary) >= at(boundary - 1)
            && at(boundary) >= at(boundary + 1)
    }

    /// Those of the frames `start..end` that are at hand.
    fn pictures(&self, start: usize, end: usize) -> Vec<Rc<Picture>> {
        let first = self.frames.len() - self.recent.len();
        let inside = start.saturating_sub(first)..end.saturating_sub(first).min(self.recent.len());
        self.recent.range(inside).cloned().collect()
    }

    /// Called with the newest frame's flatness, before its picture joins the recent ones.
    fn follow_flat_run(&mut self, is_flat: bool) {
        let frame = self.frames.len() - 1;
        match (is_flat, self.flat_run.is_some()) {
            (true, false) => {
                let before = self.recent.iter().rev().take(LOOK_AROUND).cloned().collect();
                self.flat_run = Some(FlatRun { start: frame, before });
            }
            (false, true) => self.ended_runs.extend(self.flat_run.take().map(|run| (run, frame))),
            _ => {}
        }
    }

    /// Compares both sides of the runs after which at least so many frames have come.
    fn close_runs(&mut self, frames_after: usize) {
        let frames = self.frames.len();
        let (due, waiting) =
            std::mem::take(&mut self.ended_runs).into_iter().partition(|(_, end)| frames >= end + frames_after);
        self.ended_runs = waiting;
        let due: Vec<(FlatRun, usize)> = due;
        for (run, end) in due {
            // A run at the very start has nothing before it, so it is no transition.
            if !run.before.is_empty() {
                let after = self.pictures(end, end + LOOK_AROUND);
                self.frames[run.start].across_flat_run = Some(lowest_dissimilarity(&run.before, &after, SURE_MATCH));
            }
        }
    }

    fn find_candidate(&mut self, middle: usize) {
        if !middle.is_multiple_of(STEP) {
            return;
        }
        let first = self.frames.len() - self.recent.len();
        let at = |frame: usize| &*self.recent[frame - first];
        self.candidates.extend(gradual::candidate(middle, self.frames.len(), at).map(|found| (middle, found)));
    }

    /// Compares the sides of the candidate around a frame, unless a rival explains more.
    fn judge_candidate(&mut self, middle: usize) {
        // Those further back are nobody's rivals any more.
        self.candidates = self.candidates.split_off(&middle.saturating_sub(RIVALS));
        let Some(candidate) = self.candidates.get(&middle) else { return };
        let mut rivals = self.candidates.range(middle.saturating_sub(RIVALS)..=middle + RIVALS);
        if rivals.any(|(_, rival)| rival.is_better_than(candidate)) {
            return;
        }
        let mut score = candidate.score;
        let first = self.frames.len() - self.recent.len();
        let held = |frames: Vec<usize>| -> Vec<Rc<Picture>> {
            frames.into_iter().filter_map(|frame| self.recent.get(frame.checked_sub(first)?).cloned()).collect()
        };
        let (before, after) = gradual::beyond(middle, usize::from(score.reach), self.frames.len());
        score.across = lowest_dissimilarity(&held(before), &held(after), SURE_MATCH);
        self.frames[middle].gradual = Some(score);
    }
}
