//! Edits of the cuts: which clips they replace by which. The cut algebra says what happens to the frames; here
//! the clips, their remarks and the cuts' provenance follow.

use super::{
    ActionError, Change, Cut, Doing, EventId, MAX_NOTE_CHARS, MAX_TAGS, ReviewClip, Snapshot, Verdict, VideoReview,
};
use crate::{
    ClipId, Frame, FrameRange,
    cuts::{CutError, Tiling},
    scenes::Boundary,
};
use std::collections::BTreeSet;

pub(super) fn split(
    state: &VideoReview,
    clip: &ReviewClip,
    frame: Frame,
    doing: &mut Doing<'_>,
) -> Result<Change, ActionError> {
    if clip.range.len() < 2 {
        return Err(ActionError::OneFrame(clip.id));
    }
    let outside = ActionError::NotInside { frame, range: clip.range };
    if frame <= clip.range.start || frame >= clip.range.end {
        return Err(outside);
    }
    let edit = tiling(state, &[clip]).and_then(|mut tiling| tiling.add(frame)).map_err(|_| outside)?;
    let mut change = replace(&[clip], &edit.created, doing);
    change.after.cuts.push(Cut::of_reviewer(frame));
    Ok(change)
}

pub(super) fn merge(
    state: &VideoReview,
    clips: [&ReviewClip; 2],
    doing: &mut Doing<'_>,
) -> Result<Change, ActionError> {
    let frame = clips[1].range.start;
    let edit = tiling(state, &clips).and_then(|mut tiling| tiling.remove(frame));
    let edit = edit.map_err(|_| ActionError::NotNeighbours)?;
    let mut change = replace(&clips, &edit.created, doing);
    change.before.cuts.extend(state.cuts.get(&frame));
    Ok(change)
}

pub(super) fn move_cut(
    state: &VideoReview,
    clips: [&ReviewClip; 2],
    to: Frame,
    doing: &mut Doing<'_>,
) -> Result<Change, ActionError> {
    let from = clips[1].range.start;
    let edit = tiling(state, &clips).and_then(|mut tiling| tiling.shift(from, to)).map_err(|error| match error {
        CutError::AlreadyCut(frame) => ActionError::NotMoved(frame),
        CutError::BeyondNeighbour { to, after, before } => {
            ActionError::NotBetween { to, whole: FrameRange { start: after, end: before } }
        }
        _ => ActionError::NotNeighbours,
    })?;
    let mut change = replace(&clips, &edit.created, doing);
    change.before.cuts.extend(state.cuts.get(&from));
    change.after.cuts.push(Cut::of_reviewer(to));
    Ok(change)
}

pub(super) fn trim(
    state: &VideoReview,
    clip: &ReviewClip,
    start: Frame,
    end: Frame,
    doing: &mut Doing<'_>,
) -> Result<Change, ActionError> {
    let refused = ActionError::NotATrim { range: clip.range };
    let inside = clip.range.start <= start && start < end && end <= clip.range.end;
    if !inside || (start, end) == (clip.range.start, clip.range.end) {
        return Err(refused);
    }
    let added: Vec<Frame> =
        [start, end].into_iter().filter(|at| clip.range.start < *at && *at < clip.range.end).collect();
    let mut tiling = tiling(state, &[clip]).map_err(|_| refused.clone())?;
    for frame in &added {
        tiling.add(*frame).map_err(|_| refused.clone())?;
    }
    let within = |range: &FrameRange| clip.range.start <= range.start && range.end <= clip.range.end;
    let pieces: Vec<FrameRange> = tiling.segments().into_iter().filter(within).collect();
    let mut change = replace(&[clip], &pieces, doing);
    change.after.cuts.extend(added.into_iter().map(Cut::of_reviewer));
    for piece in change.after.clips.iter_mut().filter(|piece| piece.is_active() && piece.range.start != start) {
        *piece = ReviewClip {
            verdict: Verdict::Archived,
            reviewed_by: Some(doing.name.to_owned()),
            reviewed_at: Some(doing.at),
            parents: piece.parents.clone(),
            ..ReviewClip::new(piece.id, piece.range, doing.event)
        };
    }
    Ok(change)
}

/// What the detector found this time.
#[derive(Debug, Clone, Copy)]
pub struct Redetection<'a> {
    pub found: &'a [Boundary],
    /// Cuts nearer than so many frames to a clip that stays are left out, so that no sliver is made beside it.
    pub shortest: u32,
    /// The events by which the detector has made clips before.
    pub detectors: &'a BTreeSet<EventId>,
    /// Clips that stay although nobody has touched them yet.
    pub held: &'a BTreeSet<ClipId>,
}

impl VideoReview {
    /// Replaces the cuts between clips that nobody has touched by those that the detector found; cuts of other
    /// clips stay. The state has to hold all active clips and cuts. Nothing may change.
    pub fn redetect(&self, redetection: &Redetection<'_>, doing: &mut Doing<'_>) -> Change {
        let Redetection { found, shortest, detectors, held } = *redetection;
        let untouched = |clip: &ReviewClip| {
            clip.verdict == Verdict::Pending
                && detectors.contains(&clip.set_by.decision)
                && clip.group.is_none()
                && clip.tags.is_empty()
                && clip.note.is_none()
                && !held.contains(&clip.id)
        };
        let active = self.active();
        let mut change = Change::default();
        for run in active.chunk_by(|left, right| untouched(left) && untouched(right)).filter(|run| untouched(run[0])) {
            let whole = FrameRange { start: run[0].range.start, end: run[run.len() - 1].range.end };
            let from = if whole.start == 0 { 1 } else { whole.start.saturating_add(shortest.max(1)) };
            let to = if whole.end == self.frames { whole.end } else { whole.end.saturating_sub(shortest.max(1) - 1) };
            let found: Vec<Boundary> = found.iter().filter(|cut| (from..to).contains(&cut.frame)).copied().collect();
            self.redetect_run(run, whole, &found, doing, &mut change);
        }
        change
    }

    fn redetect_run(
        &self,
        run: &[&ReviewClip],
        whole: FrameRange,
        found: &[Boundary],
        doing: &mut Doing<'_>,
        change: &mut Change,
    ) {
        let old: BTreeSet<Frame> = run.iter().skip(1).map(|clip| clip.range.start).collect();
        let new: BTreeSet<Frame> = found.iter().map(|cut| cut.frame).collect();
        let bounds: Vec<Frame> = [whole.start].into_iter().chain(new.iter().copied()).chain([whole.end]).collect();
        let ranges = bounds.windows(2).map(|pair| FrameRange { start: pair[0], end: pair[1] });
        let kept: BTreeSet<FrameRange> = run.iter().map(|clip| clip.range).collect();
        let made: Vec<FrameRange> = ranges.clone().filter(|range| !kept.contains(range)).collect();
        let stays: BTreeSet<FrameRange> = ranges.collect();
        let replaced: Vec<&ReviewClip> = run.iter().copied().filter(|clip| !stays.contains(&clip.range)).collect();
        let edit = replace(&replaced, &made, doing);
        change.before.clips.extend(edit.before.clips);
        change.after.clips.extend(edit.after.clips);
        change.before.cuts.extend(old.difference(&new).filter_map(|frame| self.cuts.get(frame)));
        let added = found.iter().filter(|cut| !old.contains(&cut.frame));
        change.after.cuts.extend(added.map(Cut::of_detector));
    }

    /// The first cuts and clips of a video.
    pub fn detect(frames: Frame, found: &[Boundary], doing: &mut Doing<'_>) -> Result<Change, CutError> {
        let tiling = Tiling::new(frames, found.iter().map(|cut| cut.frame))?;
        let clip = |range| ReviewClip::new(ClipId((doing.new_id)()), range, doing.event);
        let clips = tiling.segments().into_iter().map(clip).collect();
        let cuts = found.iter().map(Cut::of_detector).collect();
        Ok(Change { before: Snapshot::default(), after: Snapshot { clips, cuts, scenes: None } })
    }
}

/// The cuts around some clips; those of the rest of the video don't matter to an edit of these.
fn tiling(state: &VideoReview, clips: &[&ReviewClip]) -> Result<Tiling, CutError> {
    let borders = clips.iter().flat_map(|clip| [clip.range.start, clip.range.end]);
    Tiling::new(state.frames, borders.filter(|frame| *frame > 0 && *frame < state.frames))
}

/// Archives clips and makes pending ones over the same frames.
fn replace(replaced: &[&ReviewClip], created: &[FrameRange], doing: &mut Doing<'_>) -> Change {
    let before: Vec<ReviewClip> = replaced.iter().map(|clip| (*clip).clone()).collect();
    let mut after = before.clone();
    for clip in &mut after {
        clip.verdict = Verdict::Replaced;
        clip.set_by.decision = doing.event;
    }
    after.extend(created.iter().map(|range| {
        let parents: Vec<&ReviewClip> = replaced
            .iter()
            .copied()
            .filter(|parent| parent.range.start < range.end && range.start < parent.range.end)
            .collect();
        child(ClipId((doing.new_id)()), *range, &parents, doing.event)
    }));
    Change::of_clips(before, after)
}

/// A clip made of others. What people noted about those stays with it, and the group they agree on.
fn child(id: ClipId, range: FrameRange, parents: &[&ReviewClip], event: EventId) -> ReviewClip {
    let mut clip = ReviewClip::new(id, range, event);
    // Of those that lie mostly elsewhere only the frames come along.
    let whole = |parent: &ReviewClip| range.start <= parent.range.start && parent.range.end <= range.end;
    let main =
        parents.iter().max_by_key(|parent| (overlap(range, parent.range), std::cmp::Reverse(parent.range.start)));
    let givers = parents.iter().filter(|parent| whole(parent) || Some(parent.id) == main.map(|main| main.id));
    for parent in givers {
        for tag in &parent.tags {
            if clip.tags.len() < MAX_TAGS && !clip.tags.contains(tag) {
                clip.tags.push(tag.clone());
            }
        }
        clip.note = joined(clip.note.take(), parent.note.as_deref());
        clip.group = clip.group.or(parent.group);
    }
    clip.parents = parents.iter().map(|parent| parent.id).collect();
    let given = |is: bool| if is { event } else { 0 };
    clip.set_by.tags = given(!clip.tags.is_empty());
    clip.set_by.note = given(clip.note.is_some());
    clip
}

fn overlap(one: FrameRange, other: FrameRange) -> u32 {
    one.end.min(other.end).saturating_sub(one.start.max(other.start))
}

fn joined(first: Option<String>, second: Option<&str>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) if first != second => {
            Some(format!("{first}\n{second}").chars().take(MAX_NOTE_CHARS).collect())
        }
        (first, second) => first.or_else(|| second.map(str::to_owned)),
    }
}
