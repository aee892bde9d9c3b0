//! Events in sentences for people.

use super::{Change, Cut, EventAction, ReviewClip};
use crate::{Frame, FrameRange, Rational};

/// What a sentence is made of.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    pub action: EventAction,
    /// What was done first, of an undo or redo; else the action.
    pub root: EventAction,
    /// `None` where it is not at hand.
    pub change: Option<&'a Change>,
    /// How many clips it was about.
    pub clips: u32,
    pub fps: Rational,
}

impl EventAction {
    /// As a thing that somebody has done: "an approval".
    pub fn noun(self) -> &'static str {
        match self {
            Self::Approve => "an approval",
            Self::Skip => "a skip",
            Self::Archive => "an archiving",
            Self::Reopen => "a reopening",
            Self::Group => "a group",
            Self::Split => "a split",
            Self::Merge => "a merge",
            Self::MoveCut => "a moved cut",
            Self::Trim => "a trim",
            Self::Tag => "a change of tags",
            Self::Note => "a note",
            Self::Detect | Self::Redetect => "a detection",
            Self::Undo | Self::Redo | Self::Retry | Self::Rename | Self::Cancel | Self::Delete | Self::Restore => {
                "a change"
            }
        }
    }
}

/// A sentence without the actor: "Split the clip at 0:01.20–0:04.00 at frame 57."
pub fn tell(told: &Told<'_>) -> String {
    match told.action {
        EventAction::Undo => format!("Took back {}: {}.", told.root.noun(), subject(told)),
        EventAction::Redo => format!("Did {} again: {}.", told.root.noun(), subject(told)),
        EventAction::Approve => format!("Approved {}.", subject(told)),
        EventAction::Skip => format!("Skipped {}.", subject(told)),
        EventAction::Archive => format!("Archived {}.", subject(told)),
        EventAction::Reopen => format!("Brought {} back to the queue.", subject(told)),
        EventAction::Group => format!("Grouped {}.", subject(told)),
        EventAction::Split => format!("Split {}{}.", subject(told), at(told.change.and_then(added))),
        EventAction::Merge => format!("Merged {}.", subject(told)),
        EventAction::MoveCut => moved(told),
        EventAction::Trim => trimmed(told),
        EventAction::Tag => tagged(told),
        EventAction::Note => noted(told),
        EventAction::Retry => "Started again what had failed.".to_owned(),
        EventAction::Rename => "Gave the video another title.".to_owned(),
        EventAction::Cancel => "Cancelled the video.".to_owned(),
        EventAction::Delete => "Deleted the video.".to_owned(),
        EventAction::Restore => "Restored the video.".to_owned(),
        EventAction::Detect => format!("Found {}.", shots(told.clips)),
        EventAction::Redetect => format!("Detected the cuts again: {} changed.", clips(told.clips)),
    }
}

/// The clips as they were, or, where there were none, as they are.
fn subject(told: &Told<'_>) -> String {
    let Some(change) = told.change else { return clips(told.clips) };
    let found = if change.before.clips.is_empty() { change.after.active() } else { change.before.active() };
    match found[..] {
        [clip] => format!("the clip at {}", times(clip.range, told.fps)),
        [first, .., last] => {
            let whole = FrameRange { start: first.range.start, end: last.range.end };
            format!("{} at {}", clips(found.len() as u32), times(whole, told.fps))
        }
        [] => clips(told.clips),
    }
}

fn clips(count: u32) -> String {
    if count == 1 { "1 clip".to_owned() } else { format!("{count} clips") }
}

fn shots(count: u32) -> String {
    if count == 1 { "1 shot".to_owned() } else { format!("{count} shots") }
}

fn added(change: &Change) -> Option<&Cut> {
    change.after.cuts.first()
}

fn at(cut: Option<&Cut>) -> String {
    cut.map(|cut| format!(" at frame {}", cut.frame)).unwrap_or_default()
}

fn moved(told: &Told<'_>) -> String {
    let cuts = told.change.and_then(|change| Some((change.before.cuts.first()?.frame, added(change)?.frame)));
    match cuts {
        Some((from, to)) => {
            let (by, way) = (from.abs_diff(to), if to < from { "earlier" } else { "later" });
            let frames = if by == 1 { "frame" } else { "frames" };
            format!("Moved the cut at frame {from} to {to}, {by} {frames} {way}.")
        }
        None => "Moved a cut.".to_owned(),
    }
}

fn trimmed(told: &Told<'_>) -> String {
    let kept = told.change.and_then(|change| {
        let pending = |clip: &&ReviewClip| clip.verdict == super::Verdict::Pending;
        change.after.active().into_iter().find(pending).map(|clip| clip.range)
    });
    let kept = kept.map(|range| format!(" to {}", times(range, told.fps))).unwrap_or_default();
    format!("Trimmed {}{kept}.", subject(told))
}

fn tagged(told: &Told<'_>) -> String {
    let tags = told.change.and_then(|change| change.after.clips.first()).map(|clip| clip.tags.join(", "));
    match tags.filter(|tags| !tags.is_empty()) {
        Some(tags) => format!("Tagged {}: {tags}.", subject(told)),
        None => format!("Took the tags from {}.", subject(told)),
    }
}

fn noted(told: &Told<'_>) -> String {
    let note = told.change.and_then(|change| change.after.clips.first()).and_then(|clip| clip.note.as_deref());
    match note {
        Some(_) => format!("Wrote a note on {}.", subject(told)),
        None => format!("Took the note from {}.", subject(told)),
    }
}

fn times(range: FrameRange, fps: Rational) -> String {
    format!("{}–{}", clock(range.start, fps), clock(range.end, fps))
}

/// Minutes, seconds and hundredths at a constant frame rate.
fn clock(frame: Frame, fps: Rational) -> String {
    let hundredths = u64::from(frame) * u64::from(fps.den) * 100 / u64::from(fps.num.max(1));
    let (minutes, rest) = (hundredths / 6000, hundredths % 6000);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let (seconds, hundredths) = (rest / 100, rest % 100);
    if hours > 0 {
        return format!("{hours}:{minutes:02}:{seconds:02}.{hundredths:02}");
    }
    format!("{minutes}:{seconds:02}.{hundredths:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ClipId,
        review::{Action, ClipRef, Doing, VideoReview},
        scenes::{Boundary, BoundaryKind},
    };
    use time::OffsetDateTime;
    use uuid::Uuid;

    const FPS: Rational = Rational { num: 25, den: 1 };

    fn sentence(action: &Action, change: &Change) -> String {
        let (kind, clips) = (action.kind(), change.after.clips.len() as u32);
        tell(&Told { action: kind, root: kind, change: Some(change), clips, fps: FPS })
    }

    #[test]
    fn sentences_say_what_was_done_to_which_frames() {
        let mut ids = 0;
        let mut new_id = || {
            ids += 1;
            Uuid::from_u128(ids)
        };
        let mut doing = Doing { event: 1, name: "Tess", at: OffsetDateTime::UNIX_EPOCH, new_id: &mut new_id };
        let cut = Boundary { frame: 50, kind: BoundaryKind::Cut, start_frame: 50, end_frame: 50, confidence: 0.9 };
        let state = VideoReview::empty(100_000).after(&VideoReview::detect(100_000, &[cut], &mut doing).unwrap());
        let [one, two] = [1, 2].map(|id| ClipRef { id: ClipId(Uuid::from_u128(id)), version: 1 });
        let mut said = |action: Action| sentence(&action, &state.apply(&action, &mut doing).unwrap());
        assert_eq!(said(Action::Skip { clips: vec![one] }), "Skipped the clip at 0:00.00–0:02.00.");
        assert_eq!(said(Action::Group { clips: vec![two, one] }), "Grouped 2 clips at 0:00.00–1:06:40.00.");
        assert_eq!(said(Action::Split { clip: one, frame: 30 }), "Split the clip at 0:00.00–0:02.00 at frame 30.");
        let moved = said(Action::MoveCut { clips: [one, two], to: 49 });
        assert_eq!(moved, "Moved the cut at frame 50 to 49, 1 frame earlier.");
        let trimmed = said(Action::Trim { clip: one, start: 25, end: 50 });
        assert_eq!(trimmed, "Trimmed the clip at 0:00.00–0:02.00 to 0:01.00–0:02.00.");
        let tags = vec!["sea".to_owned(), "dusk".to_owned()];
        assert_eq!(said(Action::Tag { clip: one, tags }), "Tagged the clip at 0:00.00–0:02.00: sea, dusk.");
    }
}
