//! The rules of review, tried with random sequences of actions from several reviewers.

use heaters_domain::{
    ClipId, FrameRange,
    cuts::Tiling,
    review::{
        Action, ActionError, BuiltOn, Change, ClipRef, CutOrigin, Doing, Effect, Event, EventAction, Redetection,
        ReviewClip, Verdict, VideoReview, next_redo, next_undo,
    },
    scenes::{Boundary, BoundaryKind},
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

const FRAMES: u32 = 60;
const REVIEWERS: [&str; 3] = ["tess", "ugo", "vera"];

/// A video under review with its whole log.
#[derive(Clone)]
struct Desk {
    state: VideoReview,
    log: Vec<Event>,
    ids: u128,
}

impl Desk {
    fn new(cuts: &[u32]) -> Self {
        let mut desk = Self { state: VideoReview::empty(FRAMES), log: Vec::new(), ids: 0 };
        let found: Vec<Boundary> = cuts.iter().map(|frame| boundary(*frame)).collect();
        let change = desk.with_doing("heaters", |_, doing| VideoReview::detect(FRAMES, &found, doing).unwrap());
        desk.keep("heaters", EventAction::Detect, None, change);
        desk
    }

    fn with_doing<T>(&mut self, name: &str, work: impl FnOnce(&VideoReview, &mut Doing<'_>) -> T) -> T {
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

    fn next_event(&self) -> i64 {
        self.log.len() as i64 + 1
    }

    fn keep(&mut self, actor: &str, action: EventAction, undoes: Option<i64>, change: Change) {
        self.state = self.state.clone().after(&change);
        self.log.push(Event { id: self.next_event(), actor: actor.to_owned(), action, undoes, change });
    }

    fn act(&mut self, actor: &str, action: &Action) -> Result<Change, ActionError> {
        let change = self.with_doing(actor, |state, doing| state.apply(action, doing))?;
        self.keep(actor, action.kind(), None, change.clone());
        Ok(change)
    }

    fn undo(&mut self, actor: &str) -> Option<Result<(), BuiltOn>> {
        let event = next_undo(&self.log, actor)?.clone();
        Some(self.revert(actor, EventAction::Undo, &event))
    }

    fn redo(&mut self, actor: &str) -> Option<Result<(), BuiltOn>> {
        let event = next_redo(&self.log, actor)?.clone();
        Some(self.revert(actor, EventAction::Redo, &event))
    }

    fn revert(&mut self, actor: &str, action: EventAction, event: &Event) -> Result<(), BuiltOn> {
        let change = self.state.revert(&event.change)?;
        self.keep(actor, action, Some(event.id), change);
        Ok(())
    }

    fn nth(&self, index: usize) -> ClipRef {
        let active = self.state.active();
        seen(active[index % active.len()])
    }

    fn pair(&self, index: usize) -> [ClipRef; 2] {
        let active = self.state.active();
        let left = index % active.len();
        [seen(active[left]), seen(active[(left + 1) % active.len()])]
    }

    fn redetect(&mut self, actor: &str, found: &[Boundary], shortest: u32) -> Change {
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

    fn detectors(&self) -> BTreeSet<i64> {
        let of_detector = |event: &&Event| matches!(event.action, EventAction::Detect | EventAction::Redetect);
        self.log.iter().filter(of_detector).map(|event| event.id).collect()
    }
}

fn seen(clip: &ReviewClip) -> ClipRef {
    ClipRef { id: clip.id, version: clip.version }
}

fn boundary(frame: u32) -> Boundary {
    Boundary { frame, kind: BoundaryKind::Dissolve, start_frame: frame, end_frame: frame + 1, confidence: 0.5 }
}

/// The state without what only grows: versions.
fn timeless(state: &VideoReview) -> (BTreeMap<u32, String>, BTreeMap<ClipId, ReviewClip>) {
    let cuts = state.cuts.iter().map(|(frame, cut)| (*frame, format!("{cut:?}"))).collect();
    let clips = state.clips.iter().map(|(id, clip)| (*id, ReviewClip { version: 0, ..clip.clone() })).collect();
    (cuts, clips)
}

/// As [`timeless`], without clips that don't exist any more and what made them so.
fn visible(state: &VideoReview) -> (BTreeMap<u32, String>, BTreeMap<ClipId, ReviewClip>) {
    let (cuts, clips) = timeless(state);
    (cuts, clips.into_iter().filter(|(_, clip)| clip.is_active()).collect())
}

fn assert_tiled(state: &VideoReview) {
    let tiling = Tiling::new(state.frames, state.cuts.keys().copied()).unwrap();
    let active: Vec<FrameRange> = state.active().iter().map(|clip| clip.range).collect();
    assert_eq!(active, tiling.segments());
}

#[derive(Debug, Clone)]
enum Step {
    Decide(Verdict, Vec<usize>),
    Reopen(usize),
    Group(usize, usize),
    Split(usize, u32),
    Merge(usize),
    MoveCut(usize, u32),
    Trim(usize, u32, u32),
    Tag(usize, String),
    Note(usize, String),
    Redetect(BTreeSet<u32>),
    Undo,
    Redo,
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let any_clip = any::<usize>;
    let verdict = prop_oneof![Just(Verdict::Approved), Just(Verdict::Skipped), Just(Verdict::Archived)];
    let one = prop_oneof![
        3 => (verdict, prop::collection::vec(any_clip(), 1..4)).prop_map(|(verdict, clips)| Step::Decide(verdict, clips)),
        1 => any_clip().prop_map(Step::Reopen),
        1 => (any_clip(), any_clip()).prop_map(|(one, other)| Step::Group(one, other)),
        2 => (any_clip(), 0..FRAMES).prop_map(|(clip, frame)| Step::Split(clip, frame)),
        1 => any_clip().prop_map(Step::Merge),
        2 => (any_clip(), 0..FRAMES).prop_map(|(clip, to)| Step::MoveCut(clip, to)),
        1 => (any_clip(), 0..FRAMES, 0..FRAMES).prop_map(|(clip, start, end)| Step::Trim(clip, start, end)),
        1 => (any_clip(), "[a-c]").prop_map(|(clip, tag)| Step::Tag(clip, tag)),
        1 => (any_clip(), "[a-c]?").prop_map(|(clip, text)| Step::Note(clip, text)),
        1 => prop::collection::btree_set(1..FRAMES, 0..5).prop_map(Step::Redetect),
        5 => Just(Step::Undo),
        3 => Just(Step::Redo),
    ];
    prop::collection::vec((0..REVIEWERS.len(), one), 1..40)
}

/// Takes one step. `false` where it was refused or there was nothing to do.
fn take(desk: &mut Desk, actor: &str, step: &Step) -> bool {
    let action = match step {
        Step::Undo => return matches!(desk.undo(actor), Some(Ok(()))),
        Step::Redo => return matches!(desk.redo(actor), Some(Ok(()))),
        Step::Redetect(frames) => {
            let found: Vec<Boundary> = frames.iter().map(|frame| boundary(*frame)).collect();
            return !desk.redetect(actor, &found, 1).is_empty();
        }
        Step::Decide(verdict, clips) => {
            let clips: Vec<ClipRef> = clips.iter().map(|clip| desk.nth(*clip)).collect();
            match verdict {
                Verdict::Approved => Action::Approve { clips },
                Verdict::Skipped => Action::Skip { clips },
                _ => Action::Archive { clips },
            }
        }
        Step::Reopen(clip) => Action::Reopen { clips: vec![desk.nth(*clip)] },
        Step::Group(one, other) => Action::Group { clips: vec![desk.nth(*one), desk.nth(*other)] },
        Step::Split(clip, frame) => Action::Split { clip: desk.nth(*clip), frame: *frame },
        Step::Merge(clip) => Action::Merge { clips: desk.pair(*clip) },
        Step::MoveCut(clip, to) => Action::MoveCut { clips: desk.pair(*clip), to: *to },
        Step::Trim(clip, start, end) => Action::Trim { clip: desk.nth(*clip), start: *start, end: *end },
        Step::Tag(clip, tag) => Action::Tag { clip: desk.nth(*clip), tags: vec![tag.clone()] },
        Step::Note(clip, text) => Action::Note { clip: desk.nth(*clip), text: text.clone() },
    };
    desk.act(actor, &action).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn clips_tile_versions_go_out_once_and_the_log_gives_the_state(
        cuts in prop::collection::btree_set(1..FRAMES, 0..6), steps in steps(),
    ) {
        let mut desk = Desk::new(&cuts.into_iter().collect::<Vec<_>>());
        let (mut published, mut out) = (BTreeSet::new(), BTreeSet::new());
        for (reviewer, step) in &steps {
            let before = desk.clone();
            if !take(&mut desk, REVIEWERS[*reviewer], step) {
                prop_assert_eq!(&desk.state, &before.state, "a refused step changes nothing");
                prop_assert_eq!(desk.log.len(), before.log.len());
                continue;
            }
            assert_tiled(&desk.state);
            for effect in desk.log.last().unwrap().change.effects() {
                match effect {
                    Effect::Publish { clip, version } => {
                        prop_assert!(published.insert((clip, version)), "version {} goes out twice", version);
                        prop_assert!(out.insert((clip, version)));
                    }
                    Effect::Withdraw { clip, version, .. } => prop_assert!(out.remove(&(clip, version))),
                }
            }
            for (id, clip) in &before.state.clips {
                prop_assert!(desk.state.clips[id].version >= clip.version, "versions grow");
                prop_assert_eq!(&desk.state.clips[id].range, &clip.range, "a clip keeps its frames");
            }
        }
        // What is out is exactly what is approved, in its current version.
        let approved: BTreeSet<_> = desk.state.clips.values()
            .filter(|clip| clip.verdict == Verdict::Approved).map(|clip| (clip.id, clip.version)).collect();
        prop_assert_eq!(out, approved);
        for clip in desk.state.clips.values().filter(|clip| !clip.parents.is_empty()) {
            for parent in &clip.parents {
                let parent = desk.state.clips[parent].range;
                prop_assert!(parent.start < clip.range.end && clip.range.start < parent.end, "ancestors share frames");
            }
        }
        let replayed = VideoReview::replay(FRAMES, desk.log.iter().map(|event| (event.id, &event.change)));
        prop_assert_eq!(replayed.unwrap(), desk.state);
    }

    #[test]
    fn a_reviewer_alone_can_undo_everything_and_redo_it(
        cuts in prop::collection::btree_set(1..FRAMES, 0..6), steps in steps(),
    ) {
        let mut desk = Desk::new(&cuts.into_iter().collect::<Vec<_>>());
        let mut states = vec![desk.state.clone()];
        for (_, step) in steps.iter().filter(|(_, step)| !matches!(step, Step::Undo | Step::Redo)) {
            if take(&mut desk, "tess", step) {
                states.push(desk.state.clone());
            }
        }
        for earlier in states.iter().rev().skip(1) {
            desk.undo("tess").unwrap().unwrap();
            prop_assert_eq!(visible(&desk.state), visible(earlier), "undo restores exactly");
            assert_tiled(&desk.state);
        }
        prop_assert!(desk.undo("tess").is_none());
        for later in &states[1..] {
            desk.redo("tess").unwrap().unwrap();
            prop_assert_eq!(visible(&desk.state), visible(later), "redo gives the same");
        }
        prop_assert_eq!(timeless(&desk.state), timeless(states.last().unwrap()));
        prop_assert!(desk.redo("tess").is_none());
    }

    #[test]
    fn an_undo_takes_back_its_own_event_and_nothing_of_anybody_else(
        cuts in prop::collection::btree_set(1..FRAMES, 1..6), steps in steps(),
    ) {
        let mut desk = Desk::new(&cuts.into_iter().collect::<Vec<_>>());
        for (reviewer, step) in &steps {
            take(&mut desk, REVIEWERS[*reviewer], step);
        }
        for actor in REVIEWERS {
            let Some(event) = next_undo(&desk.log, actor).cloned() else { continue };
            let before = desk.clone();
            let touched: BTreeSet<ClipId> = event.change.after.clips.iter().map(|clip| clip.id).collect();
            match desk.undo(actor).unwrap() {
                Ok(()) => {
                    for (id, clip) in &before.state.clips {
                        if !touched.contains(id) {
                            prop_assert_eq!(clip, &desk.state.clips[id]);
                        }
                    }
                    desk.redo(actor).unwrap().unwrap();
                    prop_assert_eq!(timeless(&desk.state), timeless(&before.state));
                }
                Err(built_on) => {
                    prop_assert_eq!(&desk.state, &before.state);
                    prop_assert!(touched.contains(&built_on.clip));
                    // It was an event of somebody else that stands: one's own later ones are taken back by now.
                    let by = desk.log.iter().find(|event| event.id == built_on.by).unwrap();
                    prop_assert_ne!(by.actor.as_str(), actor);
                }
            }
        }
    }

    #[test]
    fn a_new_action_empties_redo(steps in steps(), frame in 1..FRAMES) {
        let mut desk = Desk::new(&[30]);
        for (_, step) in &steps {
            take(&mut desk, "tess", step);
        }
        let clip = desk.nth(frame as usize);
        desk.act("tess", &Action::Note { clip, text: frame.to_string() }).unwrap();
        prop_assert!(next_redo(&desk.log, "tess").is_none());
    }

    #[test]
    fn redetecting_leaves_alone_what_people_touched(
        cuts in prop::collection::btree_set(1..FRAMES, 0..8), steps in steps(), found in prop::collection::btree_set(1..FRAMES, 0..8),
    ) {
        let mut desk = Desk::new(&cuts.into_iter().collect::<Vec<_>>());
        for (reviewer, step) in &steps {
            take(&mut desk, REVIEWERS[*reviewer], step);
        }
        let (before, detectors) = (desk.state.clone(), desk.detectors());
        let boundaries: Vec<Boundary> = found.iter().map(|frame| boundary(*frame)).collect();
        let change = desk.redetect("tess", &boundaries, 1);
        assert_tiled(&desk.state);
        for clip in before.active() {
            let touched = clip.verdict != Verdict::Pending || !clip.tags.is_empty() || clip.note.is_some()
                || clip.group.is_some() || !detectors.contains(&clip.set_by.decision);
            if touched {
                prop_assert_eq!(Some(clip), desk.state.clips.get(&clip.id));
            } else {
                // Inside it, exactly what was found is a cut now.
                for frame in clip.range.start + 1..clip.range.end {
                    prop_assert_eq!(found.contains(&frame), desk.state.cuts.contains_key(&frame));
                }
            }
        }
        if !change.is_empty() {
            desk.undo("tess").unwrap().unwrap();
            prop_assert_eq!(visible(&desk.state), visible(&before));
        }
    }
}

#[test]
fn no_sliver_is_made_beside_a_clip_that_is_kept() {
    let mut desk = Desk::new(&[20, 40]);
    let middle = desk.nth(1);
    desk.act("tess", &Action::Skip { clips: vec![middle] }).unwrap();
    let found: Vec<Boundary> = [2, 15, 16, 30, 44, 45, 58].into_iter().map(boundary).collect();
    desk.redetect("tess", &found, 5);
    // The ends of the video are the detector's business.
    assert_eq!(desk.state.cuts.keys().copied().collect::<Vec<_>>(), [2, 15, 20, 40, 45, 58]);
    assert!(desk.redetect("tess", &found, 5).is_empty(), "the same again changes nothing");
}

#[test]
fn cuts_stay_inside_clips_and_between_neighbours() {
    let mut desk = Desk::new(&[20, 40]);
    let middle = desk.nth(1);
    for frame in [0, 20, 40, 59, 60] {
        let refused = desk.act("tess", &Action::Split { clip: middle, frame });
        let range = FrameRange { start: 20, end: 40 };
        assert_eq!(refused, Err(ActionError::NotInside { frame, range }));
    }
    for to in [0, 40, 41] {
        let refused = desk.act("tess", &Action::MoveCut { clips: desk.pair(0), to });
        assert_eq!(refused, Err(ActionError::NotBetween { to, whole: FrameRange { start: 0, end: 40 } }));
    }
    assert_eq!(desk.act("tess", &Action::MoveCut { clips: desk.pair(0), to: 20 }), Err(ActionError::NotMoved(20)));
    let [left, _] = desk.pair(0);
    let last = desk.nth(2);
    assert_eq!(desk.act("tess", &Action::Merge { clips: [left, last] }), Err(ActionError::NotNeighbours));
    desk.act("tess", &Action::MoveCut { clips: desk.pair(0), to: 39 }).unwrap();
    assert_eq!(desk.state.cuts[&39].origin, CutOrigin::Reviewer);
    assert_eq!(desk.state.cuts[&40].origin, CutOrigin::Detector);
}

#[test]
fn an_edit_keeps_ancestry_and_remarks_and_a_trim_archives_what_it_cuts_off() {
    let mut desk = Desk::new(&[]);
    let whole = desk.nth(0);
    desk.act("tess", &Action::Tag { clip: whole, tags: vec![" sea ".into(), "sea".into(), "dusk".into()] }).unwrap();
    desk.act("tess", &Action::Note { clip: whole, text: "Look.".into() }).unwrap();
    let change = desk.act("tess", &Action::Trim { clip: whole, start: 10, end: 50 }).unwrap();
    let pieces = change.after.active();
    let verdicts: Vec<_> = pieces.iter().map(|clip| (clip.range.start, clip.verdict)).collect();
    assert_eq!(verdicts, [(0, Verdict::Archived), (10, Verdict::Pending), (50, Verdict::Archived)]);
    assert!(pieces.iter().all(|piece| piece.parents == [whole.id]));
    assert_eq!(
        (&pieces[1].tags[..], pieces[1].note.as_deref()),
        (&["sea".to_owned(), "dusk".to_owned()][..], Some("Look."))
    );
    assert!(pieces[0].tags.is_empty() && pieces[0].note.is_none());
    let merged = desk.act("tess", &Action::Merge { clips: desk.pair(0) }).unwrap();
    assert_eq!(merged.after.active()[0].parents.len(), 2);
    assert_eq!(merged.after.active()[0].tags, ["sea", "dusk"]);
}

#[test]
fn an_edit_of_an_approved_clip_supersedes_it_and_its_undo_publishes_a_new_version() {
    let mut desk = Desk::new(&[]);
    let whole = desk.nth(0);
    desk.act("tess", &Action::Approve { clips: vec![whole] }).unwrap();
    let split = desk.act("tess", &Action::Split { clip: whole, frame: 9 }).unwrap();
    assert_eq!(split.effects(), [Effect::Withdraw { clip: whole.id, version: 1, superseded: true }]);
    desk.undo("tess").unwrap().unwrap();
    assert_eq!(desk.log.last().unwrap().change.effects(), [Effect::Publish { clip: whole.id, version: 2 }]);
    desk.undo("tess").unwrap().unwrap();
    let taken_back = Effect::Withdraw { clip: whole.id, version: 2, superseded: false };
    assert_eq!(desk.log.last().unwrap().change.effects(), [taken_back]);
}

#[test]
fn what_another_reviewer_went_on_from_stays_until_they_take_it_back() {
    let mut desk = Desk::new(&[30]);
    let clip = desk.nth(0);
    desk.act("tess", &Action::Skip { clips: vec![clip] }).unwrap();
    desk.act("ugo", &Action::Reopen { clips: vec![clip] }).unwrap();
    desk.act("ugo", &Action::Skip { clips: vec![desk.nth(0)] }).unwrap();
    // The clip is skipped, as Tess left it, and yet it is Ugo's doing.
    assert_eq!(desk.undo("tess"), Some(Err(BuiltOn { clip: clip.id, by: 4 })));
    desk.undo("ugo").unwrap().unwrap();
    desk.undo("ugo").unwrap().unwrap();
    assert_eq!(desk.undo("tess"), Some(Ok(())));
    assert_eq!(desk.state.clips[&clip.id].verdict, Verdict::Pending);
}

#[test]
fn a_note_of_somebody_else_does_not_keep_a_decision_from_being_undone() {
    let mut desk = Desk::new(&[30]);
    let clip = desk.nth(0);
    desk.act("tess", &Action::Approve { clips: vec![clip] }).unwrap();
    desk.act("ugo", &Action::Note { clip, text: "Too dark.".into() }).unwrap();
    assert_eq!(desk.undo("tess"), Some(Ok(())));
    assert_eq!(desk.state.clips[&clip.id].note.as_deref(), Some("Too dark."));
}

#[test]
fn actions_that_are_wrong_in_themselves_are_refused() {
    let mut desk = Desk::new(&[30]);
    let clip = desk.nth(0);
    let tag = |text: &str| Action::Tag { clip, tags: vec![text.to_owned()] };
    for action in [
        Action::Approve { clips: vec![] },
        Action::Approve { clips: vec![clip, clip] },
        Action::Group { clips: vec![clip] },
        tag(""),
        tag("two\nlines"),
        tag(&"x".repeat(41)),
        Action::Tag { clip, tags: (0..21).map(|number| number.to_string()).collect() },
        Action::Note { clip, text: "x".repeat(2001) },
    ] {
        assert!(desk.act("tess", &action).is_err_and(|error| error.is_bad_request()), "{action:?}");
    }
    let stale = ClipRef { version: 2, ..clip };
    assert_eq!(desk.act("tess", &Action::Skip { clips: vec![stale] }), Err(ActionError::Stale(clip.id)));
}
