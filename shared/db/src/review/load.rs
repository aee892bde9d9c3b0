//! Review states, read from the tables and locked.

use crate::{
    DbError,
    query::{Params, count, get, name, rows, sql},
    videos::VideoRow,
};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    ClipId, ClipState, FrameRange,
    review::{Cut, ReviewClip, SetBy, VideoReview},
};
use std::collections::{BTreeMap, HashMap};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

/// Clips of a video that are locked, and their cuts.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub review: VideoReview,
    /// What the review state does not tell of each clip.
    pub(super) rows: HashMap<ClipId, LockedClip>,
}

#[derive(Debug, Clone)]
pub(super) struct LockedClip {
    pub state: ClipState,
    pub look: i64,
    pub claim: Option<Claim>,
}

/// Somebody has the clip on a page now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub actor: String,
    pub name: String,
    pub page: Uuid,
}

/// Which clips of a video.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// These, replaced ones too. Those of other videos are not found.
    Ids(&'a [ClipId]),
    /// All active ones.
    Active,
    /// All, replaced ones too.
    All,
}

impl Loaded {
    /// The live claim of a clip that was read.
    pub fn claim(&self, id: ClipId) -> Option<&Claim> {
        self.rows.get(&id).and_then(|row| row.claim.as_ref())
    }

    /// The live claims of other people than this one, of any clip that was read.
    pub fn claims_of_others(&self, actor: &str) -> Vec<&Claim> {
        self.rows.values().filter_map(|row| row.claim.as_ref()).filter(|claim| claim.actor != actor).collect()
    }
}

/// Reads and locks clips of a video, which is locked already.
pub async fn load(client: &impl GenericClient, video: &VideoRow, which: Which<'_>) -> Result<Loaded, DbError> {
    let ids: Option<Vec<Uuid>> = match which {
        Which::Ids(ids) => Some(ids.iter().map(|id| id.0).collect()),
        Which::Active | Which::All => None,
    };
    let params: Params<'_> = &[&video.number, &ids, &matches!(which, Which::All)];
    let found = rows(client, "locking clips", sql!("review/lock_clips"), params).await?;
    let mut review = VideoReview::empty(video.frames.unwrap_or_default());
    let mut locked = HashMap::new();
    for row in &found {
        if get::<i32>(row, "video_number")? == video.number {
            let clip = review_clip(row)?;
            locked.insert(clip.id, locked_clip(row)?);
            review.clips.insert(clip.id, clip);
        }
    }
    let borders: Option<Vec<i32>> =
        ids.map(|_| review.clips.values().flat_map(|clip| [clip.range.start as i32, clip.range.end as i32]).collect());
    review.cuts = cuts(client, video.number, borders).await?;
    Ok(Loaded { review, rows: locked })
}

/// The cuts of a video, or those of them at these frames.
pub(crate) async fn cuts(
    client: &impl GenericClient,
    video_number: i32,
    frames: Option<Vec<i32>>,
) -> Result<BTreeMap<u32, Cut>, DbError> {
    let found = rows(client, "reading cuts", sql!("review/cuts"), &[&video_number, &frames]).await?;
    let cut = |row: &Row| {
        Ok(Cut {
            frame: count(row, "frame")?,
            kind: name(row, "kind")?,
            start_frame: count(row, "start_frame")?,
            end_frame: count(row, "end_frame")?,
            confidence: get(row, "confidence")?,
            origin: name(row, "origin")?,
        })
    };
    found.iter().map(|row| cut(row).map(|cut| (cut.frame, cut))).collect()
}

fn review_clip(row: &Row) -> Result<ReviewClip, DbError> {
    Ok(ReviewClip {
        id: ClipId(get(row, "id")?),
        range: FrameRange { start: count(row, "start_frame")?, end: count(row, "end_frame")? },
        verdict: name::<ClipState>(row, "state")?.verdict(),
        version: count(row, "version")?,
        group: get(row, "group_id")?,
        reviewed_by: get(row, "reviewed_by")?,
        reviewed_at: get::<Option<OffsetDateTime>>(row, "reviewed_at")?,
        tags: get(row, "tags")?,
        note: get(row, "note")?,
        parents: get::<Vec<Uuid>>(row, "parents")?.into_iter().map(ClipId).collect(),
        set_by: SetBy {
            decision: get(row, "decision_event")?,
            tags: get(row, "tags_event")?,
            note: get(row, "note_event")?,
        },
    })
}

fn locked_clip(row: &Row) -> Result<LockedClip, DbError> {
    Ok(LockedClip { state: name(row, "state")?, look: get(row, "look")?, claim: claim_of(row)? })
}

/// The live claim in a clip's row.
pub(crate) fn claim_of(row: &Row) -> Result<Option<Claim>, DbError> {
    let parts: (Option<String>, Option<String>, Option<Uuid>) =
        (get(row, "claim_actor")?, get(row, "claimed_by")?, get(row, "claim_page")?);
    Ok(match parts {
        (Some(actor), Some(name), Some(page)) if get(row, "is_claimed")? => Some(Claim { actor, name, page }),
        _ => None,
    })
}
