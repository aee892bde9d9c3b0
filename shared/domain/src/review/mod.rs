//! Review: what people do to cuts and clips, the log that it leaves, and the way back. Pure: the database applies
//! a [`Change`] in one transaction.
//!
//! An [`Action`] applied to a [`VideoReview`] gives a [`Change`]: the clips and cuts before and after. The log
//! keeps changes; replayed, they give the state. Undo and redo are changes that put back what another one found.

mod action;
mod apply;
mod change;
mod edit;
mod error;
mod revert;
mod state;
mod tell;

pub use action::{Action, ClipRef, EventAction};
pub use apply::{Doing, MAX_CLIPS, MAX_NOTE_CHARS, MAX_TAG_CHARS, MAX_TAGS};
pub use change::{Change, Effect, Event, ReplayError, Snapshot};
pub use edit::Redetection;
pub use error::{ActionError, BuiltOn};
pub use revert::{next_redo, next_undo};
pub use state::{Cut, CutOrigin, EventId, ReviewClip, SetBy, Verdict, VideoReview};
pub use tell::{Told, tell};
