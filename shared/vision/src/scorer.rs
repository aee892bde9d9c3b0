//! The scores of frames that arrive one after the other.

use crate::{
    VisionError,
    align::lowest_moved,
    compare::{changed_blocks, dissimilarity, dissimilarity_and_changes, light_difference},
    gradual::{
        self, BEYOND, Candidate, LONGEST_REACH, OUTSIDE, RIVALS, STEP, lowest_dissimilarity, lowest_of,
        mean_dissimilarity,
    },
    picture::{BLOCKS, Picture},
};
use heaters_domain::{
    scenes::{
        Across, CHROMA_RANGE, FLAT_CONTRAST, FrameScore, LAGS, LIGHT_RANGE, LOOK_AROUND, LOOK_AROUND_FLOOR,
        LOOK_AROUND_STEP, LOOK_FAR, PictureArea, SURE_MATCH,
    },
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
/// Which frames on each side of a boundary are compared, counted from it.
const NEAR: [usize; 8] = [1, 2, 3, 4, 6, 8, 10, LOOK_AROUND];
/// Those that are moved onto each other, which costs more: a jolt blurs a few.
const MOVED: [usize; 3] = [1, 2, 4];
const MOVED_FAR: [usize; 3] = [10, 16, LOOK_FAR];
const FAR: [usize; 4] = [15, 18, 21, LOOK_FAR];
/// A boundary across which something near is more alike than this is none, however it looks further away.
const FAR_FLOOR: f32 = 0.12;
/// How many times as large as its neighbours' a step of light or chroma has to be.
const STANDS_OUT: f32 = 2.0;
const _: () = assert!(JUDGE_DELAY >= SEARCH_DELAY + RIVALS && HELD >= 2 * LOOK_FAR);

/// How many frames before a range have to be seen for its scores, and how many behind it at least.
pub const WARM_UP: usize = 2 * HELD;

pub struct Scorer {
    area: PictureArea,
    /// The number of the first frame seen. Frames have the video's numbers throughout.
    first: usize,
    frames: Vec<FrameScore>,
    /// How far light or chroma, whichever more, lies from that of the frame before, in levels.
    steps: Vec<f32>,
    /// The latest pictures, as many as the judgement of a gradual transition takes.
    recent: VecDeque<Rc<Picture>>,
    /// How the blocks of each differ from the picture before.
    changes: VecDeque<[f32; BLOCKS]>,
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
    /// For frames that begin with the video's frame `first`.
    pub fn new(area: PictureArea, first: usize) -> Self {
        Self {
            area,
            first,
            frames: Vec::new(),
            steps: Vec::new(),
            recent: VecDeque::new(),
            changes: VecDeque::new(),
            flat_run: None,
            ended_runs: Vec::new(),
            candidates: BTreeMap::new(),
        }
    }

    pub fn push(&mut self, thumb: &Thumb) -> Result<(), VisionError> {
        let picture = Rc::new(Picture::new(thumb, self.area)?);
        let before = self.recent.back();
        let lagged = |lag: usize| {
            let earlier = self.recent.len().checked_sub(lag)?;
            Some(dissimilarity(&self.recent[earlier], &picture))
        };
        let (dissimilarity_to_last, changes) =
            before.map_or((0.0, [0.0; BLOCKS]), |before| dissimilarity_and_changes(before, &picture));
        let chroma_difference = before.map_or(0.0, |before| before.chroma_difference(&picture));
        let step = before.map_or(0.0, |before| light_difference(before, &picture).max(chroma_difference));
        self.steps.push(step);
        self.frames.push(FrameScore {
            dissimilarity: dissimilarity_to_last,
            luma: picture.mean(),
            contrast: picture.contrast(),
            chroma_difference,
            lagged: LAGS.map(|lag| lagged(lag).unwrap_or(0.0)),
            ..FrameScore::default()
        });
        self.follow_flat_run(picture.contrast() < FLAT_CONTRAST);
        if self.recent.len() == HELD {
            self.recent.pop_front();
            self.changes.pop_front();
        }
        self.recent.push_back(picture);
        self.changes.push_back(changes);
        self.settle(self.end().checked_sub(LOOK_FAR), LOOK_AROUND)?;
        let newest = self.end() - 1;
        if let Some(middle) = newest.checked_sub(SEARCH_DELAY) {
            self.find_candidate(middle);
        }
        if let Some(middle) = newest.checked_sub(JUDGE_DELAY) {
            self.judge_candidate(middle)?;
        }
        Ok(())
    }

    /// Whether no frame that is still to come changes the scores of those before `frame`.
    pub fn is_settled(&self, frame: usize) -> bool {
        let waits = |run: &FlatRun| run.start < frame;
        self.end() >= frame + HELD
            && !self.flat_run.as_ref().is_some_and(waits)
            && !self.ended_runs.iter().any(|(run, _)| waits(run))
    }

    /// The scores of all frames that were seen.
    pub fn finish(mut self) -> Result<Vec<FrameScore>, VisionError> {
        let end = self.end();
        for boundary in (end + 1).saturating_sub(LOOK_FAR)..end {
            self.settle(Some(boundary), 1)?;
        }
        self.settle(None, 1)?;
        for middle in end.saturating_sub(SEARCH_DELAY)..end {
            self.find_candidate(middle);
        }
        for middle in end.saturating_sub(JUDGE_DELAY)..end {
            self.judge_candidate(middle)?;
        }
        Ok(self.frames)
    }

    /// The number of the frame that comes next.
    fn end(&self) -> usize {
        self.first + self.frames.len()
    }

    /// Looks around a boundary, and closes the runs after which so many frames have come.
    fn settle(&mut self, boundary: Option<usize>, frames_after: usize) -> Result<(), VisionError> {
        if let Some(boundary) = boundary
            && self.may_be_boundary(boundary)
        {
            let across = self.look_around(boundary)?;
            self.frames[boundary - self.first].across = Some(across);
        }
        self.close_runs(frames_after);
        Ok(())
    }

    /// Compares the frames on both sides of the boundary before a frame.
    fn look_around(&self, boundary: usize) -> Result<Across, VisionError> {
        let before = |steps: &[usize]| self.held(steps.iter().filter_map(|step| boundary.checked_sub(*step)));
        let after = |steps: &[usize]| self.held(steps.iter().map(|step| boundary + step - 1));
        // The nearest first, since they are the likeliest to match and a sure match ends the search.
        let (near_before, near_after) = (before(&NEAR), after(&NEAR));
        let near = lowest_dissimilarity(&near_before, &near_after, SURE_MATCH);
        let mean = mean_dissimilarity(&near_before, &near_after);
        let (far_before, far_after) = (before(&FAR), after(&FAR));
        let mut far = near;
        if near >= FAR_FLOOR {
            for (before, after) in [(&far_before, &near_after), (&near_before, &far_after), (&far_before, &far_after)] {
                far = far.min(lowest_dissimilarity(before, after, SURE_MATCH));
            }
        }
        let (mut moved, mut moved_far) = (near, far);
        if near >= FAR_FLOOR {
            moved = near.min(lowest_moved(&before(&MOVED), &after(&MOVED), SURE_MATCH)?);
            moved_far = far.min(lowest_moved(&before(&MOVED[..1]), &after(&MOVED_FAR), SURE_MATCH)?);
        }
        let lowest = |of: fn(&Picture, &Picture) -> f32, range: f32| {
            let among = |before, after| lowest_of(before, after, of) / range;
            let near = among(&near_before, &near_after);
            [near, near.min(among(&near_before, &far_after)).min(among(&far_before, &near_after))]
        };
        let light = lowest(light_difference, LIGHT_RANGE);
        let chroma = lowest(Picture::chroma_difference, CHROMA_RANGE);
        let changed = |before: &[Rc<Picture>], after: &[Rc<Picture>]| {
            before.first().zip(after.first()).map_or([0.0; 2], |(before, after)| changed_blocks(before, after))
        };
        let changed_at = changed(&near_before, &near_after);
        let changed_around = changed(&before(&[LOOK_AROUND]), &after(&[LOOK_AROUND]));
        Ok(Across { near, far, mean, moved, moved_far, changed_at, changed_around, light, chroma })
    }

    fn may_be_boundary(&self, boundary: usize) -> bool {
        let Some(at) = boundary.checked_sub(self.first).filter(|at| *at > 0) else { return false };
        let score = |frame: usize| self.frames.get(frame).map_or(0.0, |score| score.dissimilarity);
        let step = |frame: usize| self.steps.get(frame).copied().unwrap_or(0.0);
        let is_peak = score(at) >= LOOK_AROUND_FLOOR && score(at) >= score(at - 1) && score(at) >= score(at + 1);
        is_peak || (step(at) >= LOOK_AROUND_STEP && step(at) >= STANDS_OUT * step(at - 1).max(step(at + 1)))
    }

    /// Those of the frames that are at hand.
    fn held(&self, frames: impl Iterator<Item = usize>) -> Vec<Rc<Picture>> {
        let first = self.end() - self.recent.len();
        frames.filter_map(|frame| self.recent.get(frame.checked_sub(first)?).cloned()).collect()
    }

    /// Called with the newest frame's flatness, before its picture joins the recent ones.
    fn follow_flat_run(&mut self, is_flat: bool) {
        let frame = self.end() - 1;
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
        let frames = self.end();
        let (due, waiting): (Vec<_>, _) =
            std::mem::take(&mut self.ended_runs).into_iter().partition(|(_, end)| frames >= end + frames_after);
        self.ended_runs = waiting;
        for (run, end) in due {
            // A run at the very start has nothing before it, so it is no transition.
            if !run.before.is_empty() {
                let after = self.held(end..end + LOOK_AROUND);
                self.frames[run.start - self.first].across_flat_run =
                    Some(lowest_dissimilarity(&run.before, &after, SURE_MATCH));
            }
        }
    }

    fn find_candidate(&mut self, middle: usize) {
        if !middle.is_multiple_of(STEP) || middle < self.first {
            return;
        }
        let held = self.end() - self.recent.len();
        let at = |frame: usize| &*self.recent[frame - held];
        // Some of the windows' ends have been compared already.
        let ends = |middle: usize, reach: usize| match LAGS.iter().position(|lag| *lag == 2 * reach) {
            Some(lag) => self.frames[middle + reach - self.first].lagged[lag],
            None => dissimilarity(at(middle - reach), at(middle + reach)),
        };
        let found = gradual::candidate(middle, &(held..self.end()), at, ends);
        self.candidates.extend(found.map(|found| (middle, found)));
    }

    /// Compares the sides of the candidate around a frame, unless a rival explains more.
    fn judge_candidate(&mut self, middle: usize) -> Result<(), VisionError> {
        // Those further back are nobody's rivals any more.
        self.candidates = self.candidates.split_off(&middle.saturating_sub(RIVALS));
        let Some(candidate) = self.candidates.get(&middle) else { return Ok(()) };
        let mut rivals = self.candidates.range(middle.saturating_sub(RIVALS)..=middle + RIVALS);
        if rivals.any(|(_, rival)| rival.is_better_than(candidate)) {
            return Ok(());
        }
        let mut score = candidate.score;
        let (before, after) = gradual::beyond(middle, usize::from(score.reach));
        let (before, after) = (self.held(before), self.held(after));
        score.across = lowest_dissimilarity(&before, &after, SURE_MATCH);
        score.across_mean = mean_dissimilarity(&before, &after);
        let held = self.end() - self.recent.len();
        let (at, changes) = (|frame: usize| &*self.recent[frame - held], |frame: usize| &self.changes[frame - held]);
        gradual::follow(&mut score, middle, &(held..self.end()), at, changes)?;
        self.frames[middle - self.first].gradual = Some(score);
        Ok(())
    }
}
