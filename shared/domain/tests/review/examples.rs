//! Rules by example.

use crate::desk::{Desk, boundary};
use heaters_domain::{
    FrameRange,
    review::{Action, ActionError, BuiltOn, ClipRef, CutOrigin, Effect, Verdict},
    scenes::Boundary,
};

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
fn a_remark_on_a_clip_that_somebody_replaced_since_is_not_taken_back() {
    let mut desk = Desk::new(&[30]);
    let [left, right] = desk.pair(0);
    desk.act("tess", &Action::Tag { clip: left, tags: vec!["sea".into()] }).unwrap();
    desk.act("ugo", &Action::Merge { clips: [left, right] }).unwrap();
    assert_eq!(desk.undo("tess"), Some(Err(BuiltOn { clip: left.id, by: 3 })));
    assert_eq!(desk.state.active()[0].tags, ["sea"], "the merged clip keeps it");
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
