//! What a reviewer can do, as the page sends it.

use crate::{ClipId, Frame, named_enum};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A clip as the reviewer saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClipRef {
    pub id: ClipId,
    /// The version that was on the page. An action on another one is refused, but for tags and notes.
    pub version: u32,
}

/// Something a reviewer does to clips. Each is one event, and one undo takes all of it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    /// Pending clips go on to be exported.
    Approve { clips: Vec<ClipRef> },
    /// Pending clips are put aside for later.
    Skip { clips: Vec<ClipRef> },
    /// Pending clips are left out.
    Archive { clips: Vec<ClipRef> },
    /// Decided clips are pending again; an approval is withdrawn.
    Reopen { clips: Vec<ClipRef> },
    /// Links two or more clips of one video and approves those of them that are pending.
    Group { clips: Vec<ClipRef> },
    /// Cuts a clip in two, so that a new one starts at the frame, which is strictly inside.
    Split { clip: ClipRef, frame: Frame },
    /// Makes one clip of two neighbours, the earlier one first.
    Merge { clips: [ClipRef; 2] },
    /// Moves the cut between two neighbours, the earlier one first, to a frame strictly between their ends.
    MoveCut { clips: [ClipRef; 2], to: Frame },
    /// Shortens a clip to `start..end`. What is cut off becomes clips in state `review_archived`.
    Trim { clip: ClipRef, start: Frame, end: Frame },
    /// Replaces the clip's tags by this list.
    Tag { clip: ClipRef, tags: Vec<String> },
    /// Replaces the clip's note; an empty one removes it.
    Note { clip: ClipRef, text: String },
}

named_enum! {
    /// What the event log records.
    pub enum EventAction {
        Approve => "approve",
        Skip => "skip",
        Archive => "archive",
        Reopen => "reopen",
        Group => "group",
        Split => "split",
        Merge => "merge",
        MoveCut => "move_cut",
        Trim => "trim",
        Tag => "tag",
        Note => "note",
        Undo => "undo",
        Redo => "redo",
        Retry => "retry",
        Rename => "rename",
        Cancel => "cancel",
        Delete => "delete",
        Restore => "restore",
        /// The first cuts and clips of a video.
        Detect => "detect",
        /// Other settings of the detector, where nobody has touched the clips.
        Redetect => "redetect",
    }
}

impl Action {
    pub fn kind(&self) -> EventAction {
        match self {
            Self::Approve { .. } => EventAction::Approve,
            Self::Skip { .. } => EventAction::Skip,
            Self::Archive { .. } => EventAction::Archive,
            Self::Reopen { .. } => EventAction::Reopen,
            Self::Group { .. } => EventAction::Group,
            Self::Split { .. } => EventAction::Split,
            Self::Merge { .. } => EventAction::Merge,
            Self::MoveCut { .. } => EventAction::MoveCut,
            Self::Trim { .. } => EventAction::Trim,
            Self::Tag { .. } => EventAction::Tag,
            Self::Note { .. } => EventAction::Note,
        }
    }

    /// The clips it names.
    pub fn clips(&self) -> &[ClipRef] {
        match self {
            Self::Approve { clips }
            | Self::Skip { clips }
            | Self::Archive { clips }
            | Self::Reopen { clips }
            | Self::Group { clips } => clips,
            Self::Merge { clips } | Self::MoveCut { clips, .. } => clips,
            Self::Split { clip, .. } | Self::Trim { clip, .. } | Self::Tag { clip, .. } | Self::Note { clip, .. } => {
                std::slice::from_ref(clip)
            }
        }
    }
}
