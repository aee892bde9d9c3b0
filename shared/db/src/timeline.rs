//! The clips of a video and the cuts between them, as they are drawn and detected again. Nothing is locked.

use crate::{
    DbError,
    query::{count, get, name, rows, sql},
    review,
};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    ClipId, ClipState, FrameRange,
    review::{Cut, EventId},
};
use tokio_postgres::Row;
use uuid::Uuid;

/// An active clip, as far as it matters here.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentRow {
    pub id: ClipId,
    pub version: u32,
    pub range: FrameRange,
    pub state: ClipState,
    pub group: Option<Uuid>,
    pub tags: Vec<String>,
    pub note: Option<String>,
    /// The event that made it what it is.
    pub decision_event: EventId,
    /// Who has it on a page now.
    pub claim_actor: Option<String>,
}

impl SegmentRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: ClipId(get(row, "id")?),
            version: count(row, "version")?,
            range: FrameRange { start: count(row, "start_frame")?, end: count(row, "end_frame")? },
            state: name(row, "state")?,
            group: get(row, "group_id")?,
            tags: get(row, "tags")?,
            note: get(row, "note")?,
            decision_event: get(row, "decision_event")?,
            claim_actor: get(row, "claim_actor")?,
        })
    }
}

/// The cuts, in order.
pub async fn cuts(client: &impl GenericClient, video_number: i32) -> Result<Vec<Cut>, DbError> {
    Ok(review::cuts(client, video_number, None).await?.into_values().collect())
}

/// The active clips, in order.
pub async fn clips(client: &impl GenericClient, video_number: i32) -> Result<Vec<SegmentRow>, DbError> {
    let found = rows(client, "reading clips", sql!("timeline/clips"), &[&video_number]).await?;
    found.iter().map(SegmentRow::from_row).collect()
}
