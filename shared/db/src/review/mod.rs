//! The review: its log, its state in the tables, and the one way to change it.

mod activity;
mod events;
mod load;
mod record;

pub use activity::{ActivityRow, of_clip, of_video, tags};
pub use events::{
    EventRow, OtherEvent, Source, actor_of, append, by_id, by_request, changes, detectors, lock_actor, next_id,
    next_redo, next_undo,
};
pub use load::{Claim, Loaded, Which, load};
pub(crate) use load::{claim_of, cuts};
pub(crate) use record::record_with_looks;
pub use record::{Looks, NewClaim, Publishing, Recording, record};
