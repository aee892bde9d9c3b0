//! What holds after any sequence of steps.

use crate::{
    desk::{Desk, FRAMES, REVIEWERS, assert_tiled, boundary, timeless, visible},
    steps::{Step, steps, take},
};
use heaters_domain::{
    ClipId,
    review::{Action, Effect, Verdict, VideoReview, next_redo, next_undo},
    scenes::Boundary,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

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
