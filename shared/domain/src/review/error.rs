use super::{EventId, MAX_CLIPS, MAX_NOTE_CHARS, MAX_TAG_CHARS, MAX_TAGS, Verdict};
use crate::{ClipId, Frame, FrameRange};

/// Why an action can't be done. The texts are sentences for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    #[error("Choose at least one clip.")]
    NoClips,
    #[error("One action takes up to {MAX_CLIPS} clips.")]
    TooManyClips,
    #[error("A clip is named twice.")]
    NamedTwice(ClipId),
    #[error("There is no such clip in this video.")]
    Unknown(ClipId),
    #[error("An edit has put other clips in this one's place since you saw it.")]
    Replaced(ClipId),
    #[error("This clip has changed since you saw it. Look at it again.")]
    Stale(ClipId),
    #[error("This clip has been decided already: it is {}. Bring it back to the queue first.", past(*.verdict))]
    Decided { clip: ClipId, verdict: Verdict },
    #[error("This clip waits for review already.")]
    Pending(ClipId),
    #[error("A group needs at least two clips.")]
    GroupOfOne,
    #[error("A clip that is {} can't be grouped. Bring it back to the queue first.", past(*.verdict))]
    NotGroupable { clip: ClipId, verdict: Verdict },
    #[error("These two clips are not neighbours.")]
    NotNeighbours,
    #[error("Frame {frame} is not inside the clip: a cut needs at least one frame on each side of it, {} to {}.",
        .range.start + 1, .range.end - 1)]
    NotInside { frame: Frame, range: FrameRange },
    #[error("A clip of one frame can't be cut.")]
    OneFrame(ClipId),
    #[error("The cut can't go to frame {to}: it stays between frames {} and {}, so that both clips keep a frame.",
        .whole.start + 1, .whole.end - 1)]
    NotBetween { to: Frame, whole: FrameRange },
    #[error("The cut is at frame {0} already.")]
    NotMoved(Frame),
    #[error("A trimmed clip keeps at least one frame of {} to {} and loses at least one.", .range.start, .range.end - 1)]
    NotATrim { range: FrameRange },
    #[error("A clip has up to {MAX_TAGS} tags.")]
    TooManyTags,
    #[error("A tag has 1 to {MAX_TAG_CHARS} characters on one line.")]
    BadTag(String),
    #[error("A note has up to {MAX_NOTE_CHARS} characters.")]
    LongNote,
}

fn past(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pending => "waiting for review",
        Verdict::Approved => "approved",
        Verdict::Skipped => "skipped",
        Verdict::Archived => "archived",
        Verdict::Replaced => "replaced",
    }
}

impl ActionError {
    /// Whether the request itself is wrong, whatever the clips are like.
    pub fn is_bad_request(&self) -> bool {
        matches!(
            self,
            Self::NoClips
                | Self::TooManyClips
                | Self::NamedTwice(_)
                | Self::GroupOfOne
                | Self::TooManyTags
                | Self::BadTag(_)
                | Self::LongNote
        )
    }
}

/// Somebody has gone on from what an event left: it can't be taken back any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("clip {clip} is not as the event left it: event {by} set it since")]
pub struct BuiltOn {
    pub clip: ClipId,
    /// The event that went on; 0 where it is not known.
    pub by: EventId,
}
