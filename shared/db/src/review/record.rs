//! Writes a change of the review state: event, cuts, clips, publications and outbox, all in the caller's
//! transaction, in which the video and the clips are locked.

use super::{
    events::{self, Line, Source},
    load::Loaded,
};
use crate::{
    DbError, Work, outbox, publications,
    query::{Params, as_json, execute, sql},
    videos::VideoRow,
};
use heaters_domain::{
    ClipId, ClipState,
    contract::Publication,
    review::{Change, Effect, EventAction, EventId, ReviewClip, Verdict},
};
use std::collections::HashMap;
use uuid::Uuid;

/// A change and where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Recording<'a> {
    pub event: EventId,
    pub action: EventAction,
    pub change: &'a Change,
    /// The event that an undo, or a redo, takes back, and what was done first.
    pub undoes: Option<(EventId, EventId)>,
    pub source: Source<'a>,
    pub claim: Option<NewClaim>,
    pub publishing: Publishing<'a>,
}

/// The page that gets the pending clips which the change makes or brings back.
#[derive(Debug, Clone, Copy)]
pub struct NewClaim {
    pub page: Uuid,
    pub lease_seconds: f64,
}

/// How approved clips go out.
#[derive(Debug, Clone, Copy)]
pub struct Publishing<'a> {
    pub bucket: &'a str,
    pub model: &'a str,
}

/// Where clips stand among look-alikes. What an edit makes stands where most of its frames stood.
pub type Looks = HashMap<ClipId, i64>;

/// Records a change of clips that were loaded, and returns the names of the outbox rows that may be sent once
/// the transaction has committed.
pub async fn record(
    work: &Work<'_>,
    video: &VideoRow,
    loaded: &Loaded,
    recording: &Recording<'_>,
) -> Result<Vec<String>, DbError> {
    let looks = inherited_looks(loaded, recording.change);
    record_with_looks(work, video, Some(loaded), recording, &looks).await
}

pub(crate) async fn record_with_looks(
    work: &Work<'_>,
    video: &VideoRow,
    loaded: Option<&Loaded>,
    recording: &Recording<'_>,
    looks: &Looks,
) -> Result<Vec<String>, DbError> {
    append(work, video, recording).await?;
    let change = recording.change;
    if change.is_about_scenes() {
        execute(work, "settling the detector's settings", sql!("review/settle_scenes"), &[&video.number]).await?;
    }
    let state = |id: ClipId| loaded.and_then(|loaded| loaded.rows.get(&id)).map(|row| row.state);
    // Clips never overlap, not even between two statements: those that go, go first.
    let (gone, stay): (Vec<_>, Vec<_>) = change.clips().partition(|(_, after)| !after.is_active());
    move_clips(work, &gone, &state).await?;
    store_cuts(work, video.number, change).await?;
    insert_clips(work, video.number, change, looks).await?;
    let clips: Vec<Uuid> = change.after.clips.iter().map(|clip| clip.id.0).collect();
    events::link(work, recording.event, &clips).await?;
    move_clips(work, &stay, &state).await?;
    store_clips(work, recording).await?;
    follow(work, video, recording).await
}

async fn append(work: &Work<'_>, video: &VideoRow, recording: &Recording<'_>) -> Result<(), DbError> {
    let unreadable =
        |error: serde_json::Error| DbError::Unreadable { operation: "appending an event", what: error.to_string() };
    let line = Line {
        id: recording.event,
        video_number: video.number,
        action: recording.action,
        undoes: recording.undoes.map(|(event, _)| event),
        root: recording.undoes.map(|(_, root)| root),
        before: serde_json::to_value(&recording.change.before).map_err(unreadable)?,
        after: serde_json::to_value(&recording.change.after).map_err(unreadable)?,
        replayable: true,
        source: recording.source,
    };
    events::insert(work, &line).await
}

/// Takes clips to their verdicts by the moves that are allowed, those of many clips at once.
async fn move_clips(
    work: &Work<'_>,
    clips: &[(Option<&ReviewClip>, &ReviewClip)],
    state: &impl Fn(ClipId) -> Option<ClipState>,
) -> Result<(), DbError> {
    let moves: Vec<(Uuid, Vec<ClipState>)> = clips
        .iter()
        .map(|(_, after)| (after.id.0, state(after.id).unwrap_or(ClipState::PendingReview).moves_to(after.verdict)))
        .collect();
    let longest = moves.iter().map(|(_, moves)| moves.len()).max().unwrap_or_default();
    for step in 0..longest {
        let (ids, states): (Vec<Uuid>, Vec<&str>) =
            moves.iter().filter_map(|(id, moves)| Some((*id, moves.get(step)?.as_str()))).unzip();
        execute(work, "moving clips", sql!("review/move_clips"), &[&ids, &states]).await?;
    }
    Ok(())
}

async fn store_cuts(work: &Work<'_>, video_number: i32, change: &Change) -> Result<(), DbError> {
    if !change.before.cuts.is_empty() {
        let frames: Vec<i32> = change.before.cuts.iter().map(|cut| cut.frame as i32).collect();
        execute(work, "taking cuts away", sql!("review/delete_cuts"), &[&video_number, &frames]).await?;
    }
    if !change.after.cuts.is_empty() {
        let params: Params<'_> = &[&video_number, &as_json(&change.after.cuts)];
        execute(work, "inserting cuts", sql!("review/insert_cuts"), params).await?;
    }
    Ok(())
}

async fn insert_clips(work: &Work<'_>, video_number: i32, change: &Change, looks: &Looks) -> Result<(), DbError> {
    let made: Vec<&ReviewClip> =
        change.clips().filter(|(before, _)| before.is_none()).map(|(_, after)| after).collect();
    if made.is_empty() {
        return Ok(());
    }
    let (ids, places): (Vec<Uuid>, Vec<i64>) =
        made.iter().map(|clip| (clip.id.0, looks.get(&clip.id).copied().unwrap_or_default())).unzip();
    let params: Params<'_> = &[&video_number, &as_json(&made), &ids, &places];
    execute(work, "inserting clips", sql!("review/insert_clips_of_event"), params).await?;
    let pairs = made.iter().flat_map(|clip| clip.parents.iter().map(|parent| (clip.id.0, parent.0)));
    let (children, parents): (Vec<Uuid>, Vec<Uuid>) = pairs.unzip();
    if !children.is_empty() {
        execute(work, "keeping ancestry", sql!("review/insert_ancestry"), &[&children, &parents]).await?;
    }
    Ok(())
}

async fn store_clips(work: &Work<'_>, recording: &Recording<'_>) -> Result<(), DbError> {
    let claimed: Vec<Uuid> = match recording.claim {
        Some(_) => recording.change.clips().filter_map(came_to_wait).collect(),
        None => Vec::new(),
    };
    let claim = recording.claim;
    let params: Params<'_> = &[
        &as_json(&recording.change.after.clips),
        &claimed,
        &claim.map(|claim| claim.page),
        &recording.source.actor,
        &recording.source.actor_name,
        &claim.map_or(0.0, |claim| claim.lease_seconds),
    ];
    execute(work, "storing clips", sql!("review/store_clips"), params).await.map(drop)
}

fn came_to_wait((before, after): (Option<&ReviewClip>, &ReviewClip)) -> Option<Uuid> {
    let waited = before.is_some_and(|before| before.verdict == Verdict::Pending);
    (after.verdict == Verdict::Pending && !waited).then_some(after.id.0)
}

/// Publishes what became approved, and withdraws what is not approved any more.
async fn follow(work: &Work<'_>, video: &VideoRow, recording: &Recording<'_>) -> Result<Vec<String>, DbError> {
    let (mut taken, mut given) = (Vec::new(), Vec::new());
    for effect in recording.change.effects() {
        match effect {
            Effect::Withdraw { clip, superseded, .. } => taken.push((clip, superseded)),
            Effect::Publish { clip, version } => given.extend(publication(video, recording, clip, version)),
        }
    }
    let mut names = Vec::new();
    if !taken.is_empty() {
        let withdrawn = publications::withdraw(work, &taken).await?;
        names.extend(outbox::call_off(work, &withdrawn).await?);
    }
    if !given.is_empty() {
        publications::create(work, &given).await?;
        names.extend(outbox::ask_for_publications(work, &given).await?);
    }
    Ok(names)
}

fn publication(video: &VideoRow, recording: &Recording<'_>, clip: ClipId, version: u32) -> Option<Publication> {
    let range = recording.change.after.clip(clip)?.range;
    let Publishing { bucket, model } = recording.publishing;
    Some(Publication {
        clip,
        video: video.id,
        version,
        attempt: 1,
        range,
        bucket: bucket.to_owned(),
        prefix: video.prefix.clone(),
        model: model.to_owned(),
    })
}

fn inherited_looks(loaded: &Loaded, change: &Change) -> Looks {
    let look = |clip: &ReviewClip| {
        let parents = clip.parents.iter().filter_map(|id| Some((change.before.clip(*id)?, loaded.rows.get(id)?)));
        let shared = |parent: &ReviewClip| {
            parent.range.end.min(clip.range.end).saturating_sub(parent.range.start.max(clip.range.start))
        };
        let main = parents.max_by_key(|(parent, _)| (shared(parent), std::cmp::Reverse(parent.range.start)));
        main.map_or(0, |(_, row)| row.look)
    };
    change.clips().filter(|(before, _)| before.is_none()).map(|(_, clip)| (clip.id, look(clip))).collect()
}
