//! What is done to whole videos: each one transaction with its event, and what must follow after it.

use crate::{auth::Caller, problem::Problem, review::no_video, state::App};
use heaters_aws::execution_arn;
use heaters_db::{
    Work, begin, commit, library, outbox, review,
    review::{OtherEvent, Source},
    videos,
    videos::VideoRow,
};
use heaters_domain::{
    VideoId, VideoState, causes, contract::IngestStart, review::EventAction, title::MAX_TITLE_CHARS,
    video::RESTORABLE_DAYS,
};
use serde_json::{Value, json};
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

/// A request does not wait longer for an execution to stop: what it reports is turned away anyway.
const STOP_WITHIN: Duration = Duration::from_secs(3);

pub(crate) async fn rename(app: &App, caller: &Caller, id: VideoId, title: &str) -> Result<(), Problem> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > MAX_TITLE_CHARS || title.chars().any(char::is_control) {
        return Err(Problem::bad_request(format!("A title has 1 to {MAX_TITLE_CHARS} characters on one line.")));
    }
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let video = lock(&work, id).await?;
    if video.title == title {
        return Ok(());
    }
    library::rename(&work, video.number, title).await?;
    append(&work, caller, &video, EventAction::Rename, json!({ "title": video.title }), json!({ "title": title }))
        .await?;
    Ok(commit(work).await?)
}

/// Stops the work on a video. The state says so first: whatever the execution still reports is turned away.
pub(crate) async fn cancel(app: &App, caller: &Caller, id: VideoId) -> Result<(), Problem> {
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let video = lock(&work, id).await?;
    if !video.state.can_cancel() {
        return Err(Problem::conflict("There is no work on this video that could be stopped."));
    }
    videos::set_state(&work, video.number, VideoState::Cancelled).await?;
    let after = json!({ "state": VideoState::Cancelled });
    append(&work, caller, &video, EventAction::Cancel, json!({ "state": video.state }), after).await?;
    commit(work).await?;
    stop(app, &video, "cancelled").await;
    Ok(())
}

pub(crate) async fn delete(app: &App, caller: &Caller, id: VideoId) -> Result<(), Problem> {
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let video = videos::lock(&work, id).await?.ok_or_else(no_video)?;
    if video.state == VideoState::Deleted {
        return Ok(());
    }
    library::delete(&work, video.number).await?;
    let after = json!({ "state": VideoState::Deleted });
    append(&work, caller, &video, EventAction::Delete, json!({ "state": video.state }), after).await?;
    commit(work).await?;
    if video.state.is_under_way() {
        stop(app, &video, "deleted").await;
    }
    Ok(())
}

/// Brings a deleted video back. One that was never ready starts again, where it recognises what is finished.
pub(crate) async fn restore(app: &App, caller: &Caller, id: VideoId) -> Result<(), Problem> {
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let video = videos::lock(&work, id).await?.ok_or_else(no_video)?;
    if video.state != VideoState::Deleted {
        return Err(Problem::conflict("This video is not deleted."));
    }
    if !is_restorable(&video) {
        return Err(Problem::conflict(format!(
            "This video was deleted more than {RESTORABLE_DAYS} days ago. It can't be restored any more."
        )));
    }
    let (state, execution) = if video.ready_at.is_some() {
        library::restore_ready(&work, video.number).await?;
        (VideoState::Ready, None)
    } else {
        let attempt = videos::restart(&work, video.number).await?;
        (VideoState::New, Some(outbox::ask_for_ingest(&work, IngestStart { video: id, attempt }).await?))
    };
    let (before, after) = (json!({ "state": video.state }), json!({ "state": state }));
    append(&work, caller, &video, EventAction::Restore, before, after).await?;
    commit(work).await?;
    app.dispatch(execution.as_slice()).await;
    Ok(())
}

/// Until when a deleted video can be brought back.
pub(crate) fn restorable_until(video: &VideoRow) -> Option<OffsetDateTime> {
    let deleted_at = video.deleted_at.filter(|_| video.state == VideoState::Deleted && video.purged_at.is_none());
    deleted_at.map(|at| at + time::Duration::days(RESTORABLE_DAYS.into()))
}

pub(crate) fn is_restorable(video: &VideoRow) -> bool {
    restorable_until(video).is_some_and(|until| OffsetDateTime::now_utc() < until)
}

/// Locks a video that is not deleted.
async fn lock(work: &Work<'_>, id: VideoId) -> Result<VideoRow, Problem> {
    let video = videos::lock(work, id).await?;
    video.filter(|video| video.state != VideoState::Deleted).ok_or_else(no_video)
}

/// Stops the execution of a video's attempt. One that can't be reached, or has not started yet, ends by itself when
/// it next reports: nothing that it says is taken any more.
async fn stop(app: &App, video: &VideoRow, cause: &str) {
    let derived = || {
        let name = outbox::ingest_execution(video.id, video.attempt);
        execution_arn(&app.settings.ingest_machine, &name)
    };
    let execution = video.execution.clone().unwrap_or_else(derived);
    match tokio::time::timeout(STOP_WITHIN, app.workflows.stop(&execution, cause)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(execution, detail = %causes(&error), "not stopped"),
        Err(_) => tracing::warn!(execution, "stopping took too long"),
    }
}

async fn append(
    work: &Work<'_>,
    caller: &Caller,
    video: &VideoRow,
    action: EventAction,
    before: Value,
    after: Value,
) -> Result<(), Problem> {
    let source = Source { actor: &caller.subject, actor_name: &caller.name, took_ms: None, request_id: Uuid::now_v7() };
    let event = OtherEvent { video_number: video.number, clip: None, action, before, after, source };
    review::append(work, &event).await?;
    Ok(())
}
