//! The cuts of a video and the clips between them, as they are drawn.

use crate::{
    DbError,
    query::{count, get, name, rows, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{ClipId, ClipState, FrameRange, scenes::Boundary};
use tokio_postgres::Row;

#[derive(Debug, Clone, PartialEq)]
pub struct CutRow {
    pub boundary: Boundary,
    /// Whether a reviewer set it, and not the detector.
    pub by_reviewer: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SegmentRow {
    pub id: ClipId,
    pub version: u32,
    pub range: FrameRange,
    pub state: ClipState,
    pub group: Option<uuid::Uuid>,
}

pub async fn cuts(client: &impl GenericClient, video_number: i32) -> Result<Vec<CutRow>, DbError> {
    let found = rows(client, "reading cuts", sql!("timeline/cuts"), &[&video_number]).await?;
    let cut = |row: &Row| {
        let boundary = Boundary {
            frame: count(row, "frame")?,
            kind: name(row, "kind")?,
            start_frame: count(row, "start_frame")?,
            end_frame: count(row, "end_frame")?,
            confidence: get(row, "confidence")?,
        };
        Ok(CutRow { boundary, by_reviewer: get::<&str>(row, "origin")? == "reviewer" })
    };
    found.iter().map(cut).collect()
}

/// The active clips, in order.
pub async fn clips(client: &impl GenericClient, video_number: i32) -> Result<Vec<SegmentRow>, DbError> {
    let found = rows(client, "reading clips", sql!("timeline/clips"), &[&video_number]).await?;
    let clip = |row: &Row| {
        Ok(SegmentRow {
            id: ClipId(get(row, "id")?),
            version: count(row, "version")?,
            range: FrameRange { start: count(row, "start_frame")?, end: count(row, "end_frame")? },
            state: name(row, "state")?,
            group: None,
        })
    };
    found.iter().map(clip).collect()
}
