//! What reviewers do: each one transaction with its event, its effect and, where something must follow, its
//! outbox rows.

mod act;
mod filters;
pub(crate) mod redetect;
mod refusal;
mod retry;
mod revert;

pub(crate) use act::act;
pub(crate) use filters::filters;
pub(crate) use refusal::{no_clip, no_video};
pub(crate) use retry::{retry_clip, retry_video};
pub(crate) use revert::{Direction, revert};

use crate::{auth::Caller, problem::Problem, state::App};
use heaters_db::{
    Work, claims, commit,
    review::{self, Loaded, NewClaim, Publishing, Recording, Source},
    videos::VideoRow,
};
use heaters_domain::{
    ClipId, VideoId, VideoState,
    review::{Change, EventAction, EventId},
};
use time::OffsetDateTime;
use uuid::Uuid;

/// The caller's request, for the log.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub caller: &'a Caller,
    pub id: Uuid,
    pub took_ms: Option<u32>,
    /// The page that acts, and gets the clips that wait after it.
    pub page: Option<Uuid>,
}

impl Request<'_> {
    /// The request of a page that was left meanwhile is nobody's. Comes before all other locks.
    async fn unless_left(self, work: &Work<'_>) -> Result<Self, Problem> {
        match self.page {
            Some(page) if !claims::is_here(work, page, &self.caller.subject).await? => Ok(Self { page: None, ..self }),
            _ => Ok(self),
        }
    }
}

/// A change that is about to be recorded.
struct Decided<'a> {
    event: EventId,
    action: EventAction,
    change: &'a Change,
    undoes: Option<(EventId, EventId)>,
}

/// Records a change, commits it, and starts or stops what must follow.
async fn keep(
    app: &App,
    work: Work<'_>,
    video: &VideoRow,
    loaded: &Loaded,
    request: Request<'_>,
    decided: Decided<'_>,
) -> Result<(), Problem> {
    let recording = Recording {
        event: decided.event,
        action: decided.action,
        change: decided.change,
        undoes: decided.undoes,
        source: source(request),
        claim: request.page.map(|page| NewClaim { page, lease_seconds: app.settings.lease_seconds.into() }),
        publishing: Publishing { bucket: &app.settings.media_bucket, model: &app.settings.model },
    };
    let names = review::record(&work, video, loaded, &recording).await.map_err(refusal::of_record)?;
    commit(work).await?;
    app.dispatch(&names).await;
    Ok(())
}

fn source(request: Request<'_>) -> Source<'_> {
    Source {
        actor: &request.caller.subject,
        actor_name: &request.caller.name,
        took_ms: request.took_ms,
        request_id: request.id,
    }
}

/// Clips that another reviewer has on a page are theirs until the lease ends.
fn check_claims(loaded: &Loaded, caller: &Caller) -> Result<(), Problem> {
    match loaded.claims_of_others(&caller.subject).first() {
        Some(claim) => Err(refusal::claimed(&claim.name, loaded.review.clips.len())),
        None => Ok(()),
    }
}

/// The time as the database keeps it.
fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(now.microsecond() * 1000).unwrap_or(now)
}

/// A video under review, locked.
async fn lock_video_of(work: &Work<'_>, clip: ClipId) -> Result<VideoRow, Problem> {
    let video = heaters_db::videos::lock_of_clip(work, clip).await?;
    video.filter(|video| video.state != VideoState::Deleted).ok_or_else(no_clip)
}

async fn lock_video(work: &Work<'_>, id: VideoId) -> Result<VideoRow, Problem> {
    let video = heaters_db::videos::lock(work, id).await?;
    video.filter(|video| video.state != VideoState::Deleted).ok_or_else(no_video)
}
