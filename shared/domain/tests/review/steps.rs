//! Random steps of random reviewers.

use crate::desk::{Desk, FRAMES, REVIEWERS, boundary};
use heaters_domain::{
    review::{Action, ClipRef, Verdict},
    scenes::Boundary,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
pub enum Step {
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

pub fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
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
pub fn take(desk: &mut Desk, actor: &str, step: &Step) -> bool {
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
