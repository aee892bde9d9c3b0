//! What an action does to a review state. Pure: ids and the time are given.

use super::{Action, ActionError, Change, ClipRef, EventId, ReviewClip, Verdict, VideoReview, edit};
use crate::ClipId;
use std::collections::BTreeSet;
use time::OffsetDateTime;
use uuid::Uuid;

/// The most clips of one action.
pub const MAX_CLIPS: usize = 500;
pub const MAX_TAGS: usize = 20;
pub const MAX_TAG_CHARS: usize = 40;
pub const MAX_NOTE_CHARS: usize = 2000;

/// Who does something and when, and where new ids come from.
pub struct Doing<'a> {
    pub event: EventId,
    /// The reviewer's name.
    pub name: &'a str,
    pub at: OffsetDateTime,
    /// Gives ids of clips and groups that never were given before.
    pub new_id: &'a mut dyn FnMut() -> Uuid,
}

impl VideoReview {
    /// What an action changes. The state has to hold the clips that the action names, and their cuts.
    pub fn apply(&self, action: &Action, doing: &mut Doing<'_>) -> Result<Change, ActionError> {
        check_clips(action.clips())?;
        match action {
            Action::Approve { clips } => self.decide(clips, Verdict::Approved, doing),
            Action::Skip { clips } => self.decide(clips, Verdict::Skipped, doing),
            Action::Archive { clips } => self.decide(clips, Verdict::Archived, doing),
            Action::Reopen { clips } => self.reopen(clips, doing),
            Action::Group { clips } => self.group(clips, doing),
            Action::Split { clip, frame } => edit::split(self, self.seen(*clip)?, *frame, doing),
            Action::Merge { clips } => edit::merge(self, self.neighbours(*clips)?, doing),
            Action::MoveCut { clips, to } => edit::move_cut(self, self.neighbours(*clips)?, *to, doing),
            Action::Trim { clip, start, end } => edit::trim(self, self.seen(*clip)?, *start, *end, doing),
            Action::Tag { clip, tags } => {
                let tags = checked_tags(tags)?;
                self.remark(*clip, |clip| {
                    clip.tags = tags;
                    clip.set_by.tags = doing.event;
                })
            }
            Action::Note { clip, text } => {
                let note = checked_note(text)?;
                self.remark(*clip, |clip| {
                    clip.note = note;
                    clip.set_by.note = doing.event;
                })
            }
        }
    }

    fn decide(&self, clips: &[ClipRef], verdict: Verdict, doing: &Doing<'_>) -> Result<Change, ActionError> {
        self.change(clips, |clip| {
            if clip.verdict != Verdict::Pending {
                return Err(ActionError::Decided { clip: clip.id, verdict: clip.verdict });
            }
            set_verdict(clip, verdict, doing);
            Ok(())
        })
    }

    fn reopen(&self, clips: &[ClipRef], doing: &Doing<'_>) -> Result<Change, ActionError> {
        self.change(clips, |clip| {
            if clip.verdict == Verdict::Pending {
                return Err(ActionError::Pending(clip.id));
            }
            set_verdict(clip, Verdict::Pending, doing);
            clip.version += 1;
            Ok(())
        })
    }

    fn group(&self, clips: &[ClipRef], doing: &mut Doing<'_>) -> Result<Change, ActionError> {
        if clips.len() < 2 {
            return Err(ActionError::GroupOfOne);
        }
        let group = (doing.new_id)();
        self.change(clips, |clip| {
            match clip.verdict {
                Verdict::Pending => set_verdict(clip, Verdict::Approved, doing),
                Verdict::Approved => clip.set_by.decision = doing.event,
                verdict => return Err(ActionError::NotGroupable { clip: clip.id, verdict }),
            }
            clip.group = Some(group);
            Ok(())
        })
    }

    /// Tags and notes are about the clip whatever was decided meanwhile: its version does not matter.
    fn remark(&self, clip: ClipRef, set: impl FnOnce(&mut ReviewClip)) -> Result<Change, ActionError> {
        let before = self.known(clip.id)?;
        let mut after = before.clone();
        set(&mut after);
        Ok(Change::of_clips(vec![before.clone()], vec![after]))
    }

    fn change(
        &self,
        clips: &[ClipRef],
        mut set: impl FnMut(&mut ReviewClip) -> Result<(), ActionError>,
    ) -> Result<Change, ActionError> {
        let mut before: Vec<_> = clips.iter().map(|clip| self.seen(*clip).cloned()).collect::<Result<_, _>>()?;
        before.sort_by_key(|clip| clip.range);
        let mut after = before.clone();
        after.iter_mut().try_for_each(&mut set)?;
        Ok(Change::of_clips(before, after))
    }

    /// An active clip.
    fn known(&self, id: ClipId) -> Result<&ReviewClip, ActionError> {
        let clip = self.clips.get(&id).ok_or(ActionError::Unknown(id))?;
        if clip.is_active() { Ok(clip) } else { Err(ActionError::Replaced(id)) }
    }

    /// An active clip as the reviewer saw it.
    fn seen(&self, seen: ClipRef) -> Result<&ReviewClip, ActionError> {
        let clip = self.known(seen.id)?;
        if clip.version == seen.version { Ok(clip) } else { Err(ActionError::Stale(seen.id)) }
    }

    fn neighbours(&self, clips: [ClipRef; 2]) -> Result<[&ReviewClip; 2], ActionError> {
        let [left, right] = [self.seen(clips[0])?, self.seen(clips[1])?];
        if left.range.end == right.range.start { Ok([left, right]) } else { Err(ActionError::NotNeighbours) }
    }
}

fn set_verdict(clip: &mut ReviewClip, verdict: Verdict, doing: &Doing<'_>) {
    let decided = verdict != Verdict::Pending;
    clip.verdict = verdict;
    clip.reviewed_by = decided.then(|| doing.name.to_owned());
    clip.reviewed_at = decided.then_some(doing.at);
    clip.set_by.decision = doing.event;
}

fn check_clips(clips: &[ClipRef]) -> Result<(), ActionError> {
    if clips.is_empty() {
        return Err(ActionError::NoClips);
    }
    if clips.len() > MAX_CLIPS {
        return Err(ActionError::TooManyClips);
    }
    let mut seen = BTreeSet::new();
    match clips.iter().find(|clip| !seen.insert(clip.id)) {
        Some(twice) => Err(ActionError::NamedTwice(twice.id)),
        None => Ok(()),
    }
}

/// The tags without white space around them, each once, in the order given.
fn checked_tags(tags: &[String]) -> Result<Vec<String>, ActionError> {
    let mut checked: Vec<String> = Vec::new();
    for tag in tags.iter().map(|tag| tag.trim()) {
        if tag.is_empty() || tag.chars().count() > MAX_TAG_CHARS || tag.chars().any(char::is_control) {
            return Err(ActionError::BadTag(tag.to_owned()));
        }
        if !checked.iter().any(|known| known == tag) {
            checked.push(tag.to_owned());
        }
    }
    if checked.len() > MAX_TAGS { Err(ActionError::TooManyTags) } else { Ok(checked) }
}

/// The note without white space around it and without characters that a database can't keep.
fn checked_note(text: &str) -> Result<Option<String>, ActionError> {
    let text = text.trim().replace('\0', "");
    if text.chars().count() > MAX_NOTE_CHARS {
        return Err(ActionError::LongNote);
    }
    Ok((!text.is_empty()).then_some(text))
}
