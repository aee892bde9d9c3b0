//! What an event did: the cuts and clips it was about before and after. The whole log of a video, replayed,
//! gives its review state.

use super::{Cut, EventAction, EventId, ReviewClip, Verdict, VideoReview};
use crate::{ClipId, settings::SceneSettings};
use serde::{Deserialize, Serialize};

/// The part of a review state that an event was about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// Without those that did not exist.
    pub clips: Vec<ReviewClip>,
    /// Before: the cuts that were taken away. After: those that were put there.
    pub cuts: Vec<Cut>,
    /// Before: the detector's settings that hold no more. After: those that hold from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenes: Option<SceneSettings>,
}

impl Snapshot {
    pub fn clip(&self, id: ClipId) -> Option<&ReviewClip> {
        self.clips.iter().find(|clip| clip.id == id)
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Change {
    pub before: Snapshot,
    /// Has every clip of `before`.
    pub after: Snapshot,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: EventId,
    pub actor: String,
    pub action: EventAction,
    /// The event that an undo, or a redo, takes back. It takes back one that is not taken back yet.
    pub undoes: Option<EventId>,
    pub change: Change,
}

/// What has to follow from a change outside the review state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The clip's version goes out.
    Publish { clip: ClipId, version: u32 },
    /// What was approved is out, or on its way there, and must not be: `superseded` by an edit, or taken back.
    Withdraw { clip: ClipId, version: u32, superseded: bool },
}

/// The log and the state don't fit: an event is about something that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    #[error("event {event}: clip {clip} was not what the event found")]
    Clip { event: EventId, clip: ClipId },
    #[error("event {event}: the cut at frame {frame} was not what the event found")]
    Cut { event: EventId, frame: u32 },
}

impl Change {
    /// One that leaves the cuts.
    pub(super) fn of_clips(before: Vec<ReviewClip>, after: Vec<ReviewClip>) -> Self {
        let of = |clips| Snapshot { clips, ..Snapshot::default() };
        Self { before: of(before), after: of(after) }
    }

    pub fn is_empty(&self) -> bool {
        self.after.clips.is_empty()
    }

    /// Whether it is about the settings of the detector.
    pub const fn is_about_scenes(&self) -> bool {
        self.before.scenes.is_some() || self.after.scenes.is_some()
    }

    /// Each clip before, if there was one, and after.
    pub fn clips(&self) -> impl Iterator<Item = (Option<&ReviewClip>, &ReviewClip)> {
        self.after.clips.iter().map(|after| (self.before.clip(after.id), after))
    }

    /// What must follow, in the order of the clips.
    pub fn effects(&self) -> Vec<Effect> {
        let effect = |(before, after): (Option<&ReviewClip>, &ReviewClip)| {
            let was = before.filter(|before| before.verdict == Verdict::Approved);
            match (was, after.verdict) {
                (None, Verdict::Approved) => Some(Effect::Publish { clip: after.id, version: after.version }),
                (Some(_), Verdict::Approved) | (None, _) => None,
                (Some(before), verdict) => {
                    let superseded = verdict == Verdict::Replaced;
                    Some(Effect::Withdraw { clip: after.id, version: before.version, superseded })
                }
            }
        };
        self.clips().filter_map(effect).collect()
    }
}

impl VideoReview {
    /// The state after a change of this one.
    #[must_use]
    pub fn after(mut self, change: &Change) -> Self {
        for cut in &change.before.cuts {
            self.cuts.remove(&cut.frame);
        }
        self.cuts.extend(change.after.cuts.iter().map(|cut| (cut.frame, *cut)));
        self.clips.extend(change.after.clips.iter().map(|clip| (clip.id, clip.clone())));
        self
    }

    /// The state that the events of a video lead to, the oldest first. Each has to find what it says it found.
    pub fn replay<'a>(
        frames: u32,
        events: impl IntoIterator<Item = (EventId, &'a Change)>,
    ) -> Result<Self, ReplayError> {
        let mut state = Self::empty(frames);
        for (event, change) in events {
            for (before, after) in change.clips() {
                if state.clips.get(&after.id) != before {
                    return Err(ReplayError::Clip { event, clip: after.id });
                }
            }
            for cut in &change.before.cuts {
                if state.cuts.get(&cut.frame) != Some(cut) {
                    return Err(ReplayError::Cut { event, frame: cut.frame });
                }
            }
            state = state.after(change);
        }
        Ok(state)
    }
}
