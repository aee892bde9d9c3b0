use super::{lock_video, lock_video_of, no_clip};
use crate::{auth::Caller, problem::Problem, state::App};
use heaters_db::{
    begin, clips, commit, outbox, publications,
    review::{self, OtherEvent, Source},
    videos,
};
use heaters_domain::{ClipId, ClipState, VideoId, VideoState, contract::IngestStart, review::EventAction};
use serde_json::json;
use uuid::Uuid;

/// Starts a failed or cancelled video again.
pub(crate) async fn retry_video(app: &App, caller: &Caller, id: VideoId) -> Result<(), Problem> {
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let video = lock_video(&work, id).await?;
    if !video.state.can_retry() {
        return Err(Problem::conflict("This video has not failed: there is nothing to retry."));
    }
    let attempt = videos::restart(&work, video.number).await?;
    let event = OtherEvent {
        video_number: video.number,
        clip: None,
        action: EventAction::Retry,
        before: json!({ "state": video.state, "attempt": video.attempt, "failure": video.failure }),
        after: json!({ "state": VideoState::New, "attempt": attempt }),
        source: source(caller),
    };
    review::append(&work, &event).await?;
    let execution = outbox::ask_for_ingest(&work, IngestStart { video: id, attempt }).await?;
    commit(work).await?;
    app.dispatch(&[execution]).await;
    Ok(())
}

/// Publishes a clip again whose publication failed.
pub(crate) async fn retry_clip(app: &App, caller: &Caller, id: ClipId) -> Result<(), Problem> {
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    lock_video_of(&work, id).await?;
    let clip = clips::lock(&work, id).await?.ok_or_else(no_clip)?;
    if !clip.state.is_failed() {
        return Err(Problem::conflict("This clip has not failed: there is nothing to retry."));
    }
    let publication = publications::restart(&work, clip.number, clip.version).await?.payload;
    clips::approve_again(&work, clip.number).await?;
    let event = OtherEvent {
        video_number: clip.video_number,
        clip: Some(id),
        action: EventAction::Retry,
        before: json!({ "state": clip.state, "version": clip.version, "failure": clip.failure }),
        after: json!({ "state": ClipState::ReviewApproved, "version": clip.version }),
        source: source(caller),
    };
    review::append(&work, &event).await?;
    let executions = outbox::ask_for_publications(&work, &[publication]).await?;
    commit(work).await?;
    app.dispatch(&executions).await;
    Ok(())
}

fn source(caller: &Caller) -> Source<'_> {
    Source { actor: &caller.subject, actor_name: &caller.name, took_ms: None, request_id: Uuid::now_v7() }
}
