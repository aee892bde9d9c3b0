//! The states of a clip and the moves between them.

use crate::named_enum;

named_enum! {
    /// Where a clip stands. `archived` clips were replaced by an edit and take no part in the tiling.
    pub enum ClipState {
        PendingReview => "pending_review",
        ReviewApproved => "review_approved",
        ReviewSkipped => "review_skipped",
        ReviewArchived => "review_archived",
        Exporting => "exporting",
        Exported => "exported",
        Keyframing => "keyframing",
        Keyframed => "keyframed",
        Embedding => "embedding",
        Embedded => "embedded",
        ExportFailed => "export_failed",
        KeyframeFailed => "keyframe_failed",
        EmbeddingFailed => "embedding_failed",
        Archived => "archived",
        Withdrawn => "withdrawn",
    }
}

impl ClipState {
    /// The states that may follow this one.
    pub const fn next(self) -> &'static [Self] {
        use ClipState::{
            Archived, Embedded, Embedding, EmbeddingFailed, ExportFailed, Exported, Exporting, KeyframeFailed,
            Keyframed, Keyframing, PendingReview, ReviewApproved, ReviewArchived, ReviewSkipped, Withdrawn,
        };
        match self {
            PendingReview => &[ReviewApproved, ReviewSkipped, ReviewArchived, Archived],
            ReviewApproved => &[Exporting, ExportFailed, PendingReview, Withdrawn, Archived],
            ReviewSkipped | ReviewArchived | Withdrawn => &[PendingReview, Archived],
            Exporting => &[Exported, ExportFailed, Withdrawn, Archived],
            Exported => &[Keyframing, KeyframeFailed, Withdrawn, Archived],
            Keyframing => &[Keyframed, KeyframeFailed, Withdrawn, Archived],
            Keyframed => &[Embedding, EmbeddingFailed, Withdrawn, Archived],
            Embedding => &[Embedded, EmbeddingFailed, Withdrawn, Archived],
            Embedded => &[Withdrawn, Archived],
            // A retry publishes again from the start: what is finished is recognised.
            ExportFailed | KeyframeFailed | EmbeddingFailed => &[ReviewApproved, Withdrawn, Archived],
            // Only undoing the edit brings a replaced clip back.
            Archived => &[PendingReview],
        }
    }

    /// The state a failure leads to from here; `None` where nothing is under way that could fail.
    pub const fn on_failure(self) -> Option<Self> {
        match self {
            Self::ReviewApproved | Self::Exporting => Some(Self::ExportFailed),
            Self::Exported | Self::Keyframing => Some(Self::KeyframeFailed),
            Self::Keyframed | Self::Embedding => Some(Self::EmbeddingFailed),
            _ => None,
        }
    }

    pub fn is_failed(self) -> bool {
        matches!(self, Self::ExportFailed | Self::KeyframeFailed | Self::EmbeddingFailed)
    }

    /// Whether an approval stands, published or on the way there.
    pub fn is_approved(self) -> bool {
        matches!(
            self,
            Self::ReviewApproved
                | Self::Exporting
                | Self::Exported
                | Self::Keyframing
                | Self::Keyframed
                | Self::Embedding
                | Self::Embedded
        ) || self.is_failed()
    }

    /// Whether the clip is one of the segments that tile its video.
    pub fn is_active(self) -> bool {
        self != Self::Archived
    }

    /// Whether an execution should be at work on the clip.
    pub fn is_under_way(self) -> bool {
        self.on_failure().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_state_can_be_reached_from_pending_review() {
        let mut seen = BTreeSet::from([ClipState::PendingReview]);
        let mut open = vec![ClipState::PendingReview];
        while let Some(state) = open.pop() {
            open.extend(state.next().iter().copied().filter(|next| seen.insert(*next)));
        }
        assert_eq!(seen, ClipState::ALL.iter().copied().collect());
    }

    #[test]
    fn every_failure_is_an_allowed_move_with_a_retry() {
        for state in ClipState::ALL {
            if let Some(failed) = state.on_failure() {
                assert!(state.next().contains(&failed), "{state} cannot fail");
                assert!(failed.next().contains(&ClipState::ReviewApproved));
            }
        }
    }

    #[test]
    fn an_approval_can_always_be_withdrawn_or_undone() {
        for state in ClipState::ALL.iter().filter(|state| state.is_approved()) {
            assert!(state.next().contains(&ClipState::Withdrawn), "{state}");
        }
    }
}
