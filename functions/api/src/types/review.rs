//! The JSON of review: actions and what they led to, claims, the history and the log.

use super::Clip;
use heaters_domain::{
    ClipFilters, ClipId, ClipOrder, ClipState,
    review::{Action, EventAction},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActionRequest {
    /// The same id sent again gets the same answer and changes nothing.
    pub request_id: Uuid,
    /// From the clip's first frame on the page to the key press, in milliseconds.
    #[schema(maximum = 2_147_483_647)]
    pub took_ms: u32,
    /// The page that acts: the one that holds the clips' claims. It gets those of pending clips that the action makes.
    pub page: Uuid,
    pub action: Action,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActionAnswer {
    pub event_id: i64,
    /// The active clips that the action changed or made, in order of video and frame, as they stand now.
    pub clips: Vec<Clip>,
    /// The clips that an edit replaced.
    pub archived: Vec<ClipId>,
    /// How many clips wait for review now.
    pub pending: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UndoRequest {
    /// The same id sent again gets the same answer and changes nothing.
    pub request_id: Uuid,
    /// The page that asks. It gets the claims of the clips that are pending again.
    #[serde(default)]
    pub page: Option<Uuid>,
}

/// What an undo or a redo led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UndoAnswer {
    pub event_id: i64,
    /// The event that was taken back; of a redo that is the undo.
    pub undone_event_id: i64,
    /// What the reviewer had done that is undone, or done again.
    pub undone_action: EventAction,
    /// The active clips that it changed or brought back, in order of video and frame, as they stand now.
    pub clips: Vec<Clip>,
    /// The clips that are replaced now.
    pub archived: Vec<ClipId>,
    /// How many clips wait for review now.
    pub pending: u32,
}

/// What the caller's next undo and redo would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct History {
    #[schema(required = true)]
    pub undo: Option<HistoryStep>,
    #[schema(required = true)]
    pub redo: Option<HistoryStep>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HistoryStep {
    pub event_id: i64,
    /// What the reviewer did.
    pub action: EventAction,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// What a list of clips is asked for with, besides the filters.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClipsQuery {
    pub state: Option<ClipState>,
    pub order: Option<ClipOrder>,
    /// 1..500, 24 by default.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimRequest {
    /// The page that will show the clips.
    pub page: Uuid,
    #[serde(default)]
    pub filters: ClipFilters,
    #[serde(default)]
    pub order: ClipOrder,
    /// How many clips the page wants.
    #[schema(minimum = 1, maximum = 12)]
    pub limit: u32,
    /// The clip after which to go on in that order. Without it the queue's first ones are given, those that
    /// the page holds already among them.
    #[serde(default)]
    pub after: Option<ClipId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimAnswer {
    /// Pending clips that no other page gets until the lease ends, in the order asked for.
    pub clips: Vec<Clip>,
    /// How long the claims hold unless they are renewed.
    pub lease_seconds: u32,
    /// How many clips wait for review now, whatever the filters.
    pub pending: u32,
}

/// The clips that a page still shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimedClips {
    pub page: Uuid,
    #[schema(max_items = 100)]
    pub clips: Vec<ClipId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RenewAnswer {
    /// Claimed by the page for another lease; also where the lease had ended and nobody had taken the clip.
    pub kept: Vec<ClipId>,
    /// Taken by another page, or not pending any more.
    pub lost: Vec<ClipId>,
}

/// A page that is left. Its id is not used again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeaveRequest {
    pub page: Uuid,
    /// Clips about which a decision is on its way: they stay the page's until their leases end.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub keep: Vec<ClipId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseAnswer {
    pub released: Vec<ClipId>,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Activity {
    pub id: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub actor_name: String,
    pub action: EventAction,
    /// The clips it was about, replaced ones too; no more than 100 of them.
    pub clips: Vec<ClipId>,
    /// A sentence for people, without the actor's name: "Split the clip 00:01.2–00:04.0 at frame 57."
    pub summary: String,
    #[schema(required = true)]
    pub took_ms: Option<u32>,
    /// Whether it is taken back, and not done again since.
    pub undone: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TagCount {
    pub tag: String,
    /// Active clips that carry it.
    pub clips: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewSummary {
    pub pending: u32,
    /// How many clips are in each state; states without clips are left out.
    pub by_state: BTreeMap<ClipState, u32>,
}
