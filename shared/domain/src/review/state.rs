//! The review state of a video: its cuts, its clips, and what people said about them.

use crate::{ClipId, ClipState, Frame, FrameRange, named_enum, scenes::Boundary, scenes::BoundaryKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// An event's number in the log; later ones are higher.
pub type EventId = i64;

named_enum! {
    /// What people decided about a clip. The pipeline's states are steps of an approval.
    pub enum Verdict {
        Pending => "pending",
        Approved => "approved",
        Skipped => "skipped",
        Archived => "archived",
        /// An edit put other clips in its place.
        Replaced => "replaced",
    }
}

impl Verdict {
    /// The state in which the clip starts with this verdict.
    pub const fn state(self) -> ClipState {
        match self {
            Self::Pending => ClipState::PendingReview,
            Self::Approved => ClipState::ReviewApproved,
            Self::Skipped => ClipState::ReviewSkipped,
            Self::Archived => ClipState::ReviewArchived,
            Self::Replaced => ClipState::Archived,
        }
    }
}

impl ClipState {
    pub const fn verdict(self) -> Verdict {
        match self {
            // A withdrawn clip is on its way back to the reviewers.
            Self::PendingReview | Self::Withdrawn => Verdict::Pending,
            Self::ReviewSkipped => Verdict::Skipped,
            Self::ReviewArchived => Verdict::Archived,
            Self::Archived => Verdict::Replaced,
            Self::ReviewApproved
            | Self::Exporting
            | Self::Exported
            | Self::Keyframing
            | Self::Keyframed
            | Self::Embedding
            | Self::Embedded
            | Self::ExportFailed
            | Self::KeyframeFailed
            | Self::EmbeddingFailed => Verdict::Approved,
        }
    }

    /// The allowed moves that take a clip from this state to a verdict: none when it has it already.
    pub fn moves_to(self, verdict: Verdict) -> Vec<Self> {
        if self.verdict() == verdict && self != Self::Withdrawn {
            return Vec::new();
        }
        let target = verdict.state();
        if self.next().contains(&target) && !(self.is_approved() && verdict == Verdict::Pending) {
            return vec![target];
        }
        let mut moves = Vec::new();
        // An approval is withdrawn before the clip is pending again; everything else passes `pending_review`.
        if self.is_approved() {
            moves.push(Self::Withdrawn);
        }
        if self != Self::PendingReview {
            moves.push(Self::PendingReview);
        }
        if target != Self::PendingReview {
            moves.push(target);
        }
        moves
    }
}

named_enum! {
    /// Who put a cut where it is.
    pub enum CutOrigin {
        Detector => "detector",
        Reviewer => "reviewer",
    }
}

/// A cut with where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cut {
    /// The first frame of the clip after it.
    pub frame: Frame,
    pub kind: BoundaryKind,
    /// The transition's frames, half-open; equal to `frame` for a hard cut.
    pub start_frame: Frame,
    pub end_frame: Frame,
    /// 0..1; a reviewer's is 1.
    pub confidence: f64,
    pub origin: CutOrigin,
}

impl Cut {
    pub const fn of_reviewer(frame: Frame) -> Self {
        let kind = BoundaryKind::Cut;
        Self { frame, kind, start_frame: frame, end_frame: frame, confidence: 1.0, origin: CutOrigin::Reviewer }
    }

    pub const fn of_detector(found: &Boundary) -> Self {
        let Boundary { frame, kind, start_frame, end_frame, confidence } = *found;
        Self { frame, kind, start_frame, end_frame, confidence, origin: CutOrigin::Detector }
    }
}

/// The events that made the parts of a clip what they are. An undo puts back the earlier ones, so that they
/// tell whether somebody has gone on from an event since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SetBy {
    /// Of range, verdict and group.
    pub decision: EventId,
    /// 0 for a clip that never had tags.
    pub tags: EventId,
    /// 0 for a clip that never had a note.
    pub note: EventId,
}

/// A clip with all that people said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewClip {
    pub id: ClipId,
    #[serde(flatten)]
    pub range: FrameRange,
    pub verdict: Verdict,
    /// Grows whenever a decision or an edit is taken back, so that no version is approved twice.
    pub version: u32,
    pub group: Option<Uuid>,
    /// The name of who decided.
    pub reviewed_by: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub reviewed_at: Option<OffsetDateTime>,
    pub tags: Vec<String>,
    pub note: Option<String>,
    /// The clips that an edit made it of.
    pub parents: Vec<ClipId>,
    pub set_by: SetBy,
}

impl ReviewClip {
    /// A clip that waits for review.
    pub fn new(id: ClipId, range: FrameRange, by: EventId) -> Self {
        Self {
            id,
            range,
            verdict: Verdict::Pending,
            version: 1,
            group: None,
            reviewed_by: None,
            reviewed_at: None,
            tags: Vec::new(),
            note: None,
            parents: Vec::new(),
            set_by: SetBy { decision: by, ..SetBy::default() },
        }
    }

    pub fn is_active(&self) -> bool {
        self.verdict != Verdict::Replaced
    }
}

/// The cuts and clips of a video, or those of them that an action is about.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoReview {
    pub frames: Frame,
    pub cuts: BTreeMap<Frame, Cut>,
    /// Those that edits replaced are among them.
    pub clips: BTreeMap<ClipId, ReviewClip>,
}

impl VideoReview {
    /// Nothing but the video's length.
    pub fn empty(frames: Frame) -> Self {
        Self { frames, cuts: BTreeMap::new(), clips: BTreeMap::new() }
    }

    /// The active clips in order.
    pub fn active(&self) -> Vec<&ReviewClip> {
        let mut active: Vec<_> = self.clips.values().filter(|clip| clip.is_active()).collect();
        active.sort_by_key(|clip| clip.range);
        active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_to_a_verdict_is_allowed_and_gets_there() {
        for from in ClipState::ALL {
            for verdict in Verdict::ALL {
                let mut at = *from;
                for state in from.moves_to(*verdict) {
                    assert!(at.next().contains(&state), "{from} to {verdict}: {at} can't become {state}");
                    at = state;
                }
                assert_eq!(at.verdict(), *verdict, "from {from}");
                assert_ne!(at, ClipState::Withdrawn, "from {from}");
            }
        }
    }

    #[test]
    fn a_verdict_starts_in_a_state_of_its_own() {
        for verdict in Verdict::ALL {
            assert_eq!(verdict.state().verdict(), *verdict);
        }
    }
}
