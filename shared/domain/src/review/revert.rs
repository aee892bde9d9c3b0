//! Undo and redo: events that put back what another event found.

use super::{BuiltOn, Change, Event, EventAction, EventId, ReviewClip, Snapshot, Verdict, VideoReview};

impl VideoReview {
    /// Puts back what a change found: cuts, clips, groups, verdicts and remarks, exactly, but that versions of
    /// clips whose verdict changes grow. What somebody has gone on from is left alone, all of it. An undo takes
    /// back an action's change, a redo an undo's.
    pub fn revert(&self, change: &Change) -> Result<Change, BuiltOn> {
        let mut reverted = Change::default();
        for (before, after) in change.clips() {
            let now = self.clips.get(&after.id).ok_or(BuiltOn { clip: after.id, by: 0 })?;
            let back = match before {
                Some(before) if before.is_active() && after.is_active() => parts_back(before, after, now),
                _ => whole_back(before, after, now),
            };
            let mut back = back.map_err(|by| BuiltOn { clip: after.id, by })?;
            back.version = now.version + u32::from(back.verdict != now.verdict);
            reverted.before.clips.push(now.clone());
            reverted.after.clips.push(back);
        }
        // Clips that are as the event left them have their cuts as it left them.
        reverted.before.cuts.clone_from(&change.after.cuts);
        reverted.after.cuts.clone_from(&change.before.cuts);
        (reverted.before.scenes, reverted.after.scenes) = (change.after.scenes, change.before.scenes);
        Ok(reverted)
    }
}

/// A clip that the event made or replaced goes, or comes back, as a whole: nothing of it may have changed.
fn whole_back(before: Option<&ReviewClip>, after: &ReviewClip, now: &ReviewClip) -> Result<ReviewClip, EventId> {
    if decision(now) != decision(after) {
        return Err(now.set_by.decision);
    }
    if (now.set_by.tags, &now.tags) != (after.set_by.tags, &after.tags) {
        return Err(now.set_by.tags);
    }
    if (now.set_by.note, &now.note) != (after.set_by.note, &after.note) {
        return Err(now.set_by.note);
    }
    Ok(before.cloned().unwrap_or_else(|| ReviewClip { verdict: Verdict::Replaced, ..now.clone() }))
}

/// Of a clip that stays only the parts that the event changed are put back, and only they must be as it left
/// them: a note that came after an approval stays when the approval is undone.
fn parts_back(before: &ReviewClip, after: &ReviewClip, now: &ReviewClip) -> Result<ReviewClip, EventId> {
    if !now.is_active() {
        return Err(now.set_by.decision);
    }
    let mut back = now.clone();
    if decision(before) != decision(after) {
        if decision(now) != decision(after) {
            return Err(now.set_by.decision);
        }
        back.verdict = before.verdict;
        back.group = before.group;
        back.reviewed_by.clone_from(&before.reviewed_by);
        back.reviewed_at = before.reviewed_at;
        back.set_by.decision = before.set_by.decision;
    }
    if before.set_by.tags != after.set_by.tags {
        if (now.set_by.tags, &now.tags) != (after.set_by.tags, &after.tags) {
            return Err(now.set_by.tags);
        }
        back.tags.clone_from(&before.tags);
        back.set_by.tags = before.set_by.tags;
    }
    if before.set_by.note != after.set_by.note {
        if (now.set_by.note, &now.note) != (after.set_by.note, &after.note) {
            return Err(now.set_by.note);
        }
        back.note.clone_from(&before.note);
        back.set_by.note = before.set_by.note;
    }
    Ok(back)
}

fn decision(clip: &ReviewClip) -> (EventId, Verdict) {
    (clip.set_by.decision, clip.verdict)
}

/// The event that an actor's next undo takes back: the latest of theirs that changed something and stands.
pub fn next_undo<'a>(log: &'a [Event], actor: &str) -> Option<&'a Event> {
    log.iter().rev().find(|event| event.actor == actor && event.action.can_be_undone() && !is_reverted(log, event.id))
}

/// The undo that an actor's next redo takes back: the latest that stands, unless they did something new since.
pub fn next_redo<'a>(log: &'a [Event], actor: &str) -> Option<&'a Event> {
    log.iter()
        .rev()
        .filter(|event| event.actor == actor)
        .take_while(|event| matches!(event.action, EventAction::Undo | EventAction::Redo | EventAction::Retry))
        .find(|event| event.action == EventAction::Undo && !is_reverted(log, event.id))
}

fn is_reverted(log: &[Event], event: EventId) -> bool {
    log.iter().any(|later| later.undoes == Some(event))
}

impl EventAction {
    /// Whether an undo may take such an event back; a redo counts as what it did again.
    pub const fn can_be_undone(self) -> bool {
        !matches!(
            self,
            Self::Undo | Self::Retry | Self::Detect | Self::Rename | Self::Cancel | Self::Delete | Self::Restore
        )
    }
}

impl Snapshot {
    /// The ids of active clips, in the order of the video.
    pub fn active(&self) -> Vec<&ReviewClip> {
        let mut active: Vec<_> = self.clips.iter().filter(|clip| clip.is_active()).collect();
        active.sort_by_key(|clip| clip.range);
        active
    }
}
