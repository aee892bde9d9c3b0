//! A video under review with its whole log, and what reviewers do to it.

use heaters_domain::{
    ClipId, FrameRange,
    cuts::Tiling,
    review::{
        Action, ActionError, BuiltOn, Change, ClipRef, Doing, Event, EventAction, Redetection, ReviewClip, VideoReview,
        next_redo, next_undo,
    },
    scenes::{Boundary, BoundaryKind},
};
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

pub const FRAMES: u32 = 60;
pub const REVIEWERS: [&str; 3] = ["tess", "ugo", "vera"];

/// A video under review with its whole log.
#[derive(Clone)]
pub struct Desk {
    pub state: VideoReview,
    pub log: Vec<Event>,
    ids: u128,
}

impl Desk {
    pub fn new(cuts: &[u32]) -> Self {
        let mut desk = Self { state: VideoReview::empty(FRAMES), log: Vec::new(), ids: 0 };
        let found: Vec<Boundary> = cuts.iter().map(|frame| boundary(*frame)).collect();
        let change = desk.with_doing("heaters", |_, doing| VideoReview::detect(FRAMES, &found, doing).unwrap());
        desk.keep("heaters", EventAction::Detect, None, change);
        desk
    }

    pub fn with_doing<T>(&mut self, name: &str, work: impl FnOnce(&VideoReview, &mut Doing<'_>) -> T) -> T {
        let (event, mut ids) = (self.next_event(), self.ids);
        let mut new_id = || {
            ids += 1;
            Uuid::from_u128(ids)
        };
        let at = OffsetDateTime::from_unix_timestamp(event).unwrap();
        let result = work(&self.state, &mut Doing { event, name, at, new_id: &mut new_id });
        self.ids = ids;
        result
    }

    pub fn next_event(&self) -> i64 {
        self.log.len() as i64 + 1
    }

    pub fn keep(&mut self, actor: &str, action: EventAction, undoes: Option<i64>, change: Change) {
        self.state = self.state.clone().after(&change);
        self.log.push(Event { id: self.next_event(), actor: actor.to_owned(), action, undoes, change });
    }

    pub fn act(&mut self, actor: &str, action: &Action) -> Result<Change, ActionError> {
        let change = self.with_doing(actor, |state, doing| state.apply(action, doing))?;
        self.keep(actor, action.kind(), None, change.clone());
        Ok(change)
    }

    pub fn undo(&mut self, actor: &str) -> Option<Result<(), BuiltOn>> {
        let event = next_undo(&self.log, actor)?.clone();
        Some(self.revert(actor, EventAction::Undo, &event))
    }

    pub fn redo(&mut self, actor: &str) -> Option<Result<(), BuiltOn>> {
        let event = next_redo(&self.log, actor)?.clone();
        Some(self.revert(actor, EventAction::Redo, &event))
    }

    pub fn revert(&mut self, actor: &str, action: EventAction, event: &Event) -> Result<(), BuiltOn> {
        let change = self.state.revert(&event.change)?;
        self.keep(actor, action, Some(event.id), change);
        Ok(())
    }

    pub fn nth(&self, index: usize) -> ClipRef {
        let active = self.state.active();
        seen(active[index % active.len()])
    }

    pub fn pair(&self, index: usize) -> [ClipRef; 2] {
        let active = self.state.active();
        let left = index % active.len();
        [seen(active[left]), seen(active[(left + 1) % active.len()])]
    }

    pub fn redetect(&mut self, actor: &str, found: &[Boundary], shortest: u32) -> Change {
        let detectors = self.detectors();
        let change = self.with_doing(actor, |state, doing| {
            let redetection = Redetection { found, shortest, detectors: &detectors, held: &BTreeSet::new() };
            state.redetect(&redetection, doing)
        });
        if !change.is_empty() {
            self.keep(actor, EventAction::Redetect, None, change.clone());
        }
        change
    }

    pub fn detectors(&self) -> BTreeSet<i64> {
        let of_detector = |event: &&Event| matches!(event.action, EventAction::Detect | EventAction::Redetect);
        self.log.iter().filter(of_detector).map(|event| event.id).collect()
    }
}

pub fn seen(clip: &ReviewClip) -> ClipRef {
    ClipRef { id: clip.id, version: clip.version }
}

pub fn boundary(frame: u32) -> Boundary {
    Boundary { frame, kind: BoundaryKind::Dissolve, start_frame: frame, end_frame: frame + 1, confidence: 0.5 }
}

/// The state without what only grows: versions.
pub fn timeless(state: &VideoReview) -> (BTreeMap<u32, String>, BTreeMap<ClipId, ReviewClip>) {
    let cuts = state.cuts.iter().map(|(frame, cut)| (*frame, format!("{cut:?}"))).collect();
    let clips = state.clips.iter().map(|(id, clip)| (*id, ReviewClip { version: 0, ..clip.clone() })).collect();
    (cuts, clips)
}

/// As [`timeless`], without clips that don't exist any more and what made them so.
pub fn visible(state: &VideoReview) -> (BTreeMap<u32, String>, BTreeMap<ClipId, ReviewClip>) {
    let (cuts, clips) = timeless(state);
    (cuts, clips.into_iter().filter(|(_, clip)| clip.is_active()).collect())
}

pub fn assert_tiled(state: &VideoReview) {
    let tiling = Tiling::new(state.frames, state.cuts.keys().copied()).unwrap();
    let active: Vec<FrameRange> = state.active().iter().map(|clip| clip.range).collect();
    assert_eq!(active, tiling.segments());
}
