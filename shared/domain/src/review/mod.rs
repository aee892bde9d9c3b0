//! What a reviewer's decision does to a clip. Pure: the database applies it in one transaction.

mod action;
mod apply;
mod change;
mod edit;
mod error;
mod revert;
mod state;

pub use action::{Action, ClipRef, EventAction};
pub use apply::{Doing, MAX_CLIPS, MAX_NOTE_CHARS, MAX_TAG_CHARS, MAX_TAGS};
pub use change::{Change, Effect, Event, ReplayError, Snapshot};
pub use error::{ActionError, BuiltOn};
pub use revert::{next_redo, next_undo};
pub use state::{Cut, CutOrigin, EventId, ReviewClip, SetBy, Verdict, VideoReview};

use crate::{ClipState, named_enum};

named_enum! {
    /// A decision about one clip.
    pub enum ReviewAction {
        Approve => "approve",
        Skip => "skip",
        Archive => "archive",
    }
}

impl ReviewAction {
    /// The state a pending clip gets.
    pub const fn target(self) -> ClipState {
        match self {
            Self::Approve => ClipState::ReviewApproved,
            Self::Skip => ClipState::ReviewSkipped,
            Self::Archive => ClipState::ReviewArchived,
        }
    }
}

impl From<ReviewAction> for EventAction {
    fn from(action: ReviewAction) -> Self {
        match action {
            ReviewAction::Approve => Self::Approve,
            ReviewAction::Skip => Self::Skip,
            ReviewAction::Archive => Self::Archive,
        }
    }
}

/// What undoing a decision does to the clip, given where it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndoneDecision {
    pub state: ClipState,
    /// Whether a published version, or one on its way, has to be marked withdrawn.
    pub withdraws: bool,
}

/// `None` when the clip is where no decision could have left it, so that there is nothing to undo.
pub fn undo(current: ClipState) -> Option<UndoneDecision> {
    match current {
        ClipState::ReviewSkipped | ClipState::ReviewArchived => {
            Some(UndoneDecision { state: ClipState::PendingReview, withdraws: false })
        }
        // Even an approval that nothing has begun on may have an execution that was started for it, so
        // its version is withdrawn too: the next approval gets a new one.
        state if state.is_approved() => Some(UndoneDecision { state: ClipState::PendingReview, withdraws: true }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decision_is_an_allowed_move_and_can_be_undone() {
        for action in ReviewAction::ALL {
            let target = action.target();
            assert!(ClipState::PendingReview.next().contains(&target));
            assert_eq!(undo(target).map(|undone| undone.state), Some(ClipState::PendingReview));
        }
    }

    #[test]
    fn undo_withdraws_whatever_an_approval_led_to() {
        for state in ClipState::ALL {
            match undo(*state) {
                Some(undone) => assert_eq!(undone.withdraws, state.is_approved(), "{state}"),
                None => assert!(matches!(state, ClipState::PendingReview | ClipState::Archived | ClipState::Withdrawn)),
            }
        }
    }
}
