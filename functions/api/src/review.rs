//! Decisions, their undoing and retries: each one transaction with its event, its effect and, where
//! something must follow, its outbox row.

use crate::{auth::Caller, problem::Problem, state::App, types::DecisionRequest};
use heaters_db::{
    Work, begin, clips,
    clips::ClipRow,
    commit, outbox, publications,
    review::{self, EventRow, NewEvent},
    videos,
    videos::VideoRow,
};
use heaters_domain::{
    ClipId, ClipState, VideoId, VideoState,
    contract::{IngestStart, Publication},
    review::{EventAction, ReviewAction, undo as undo_of},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// What a decision led to.
pub(crate) struct Decided {
    pub event_id: i64,
    pub clip: ClipId,
}

/// What an undo led to.
pub(crate) struct Undone {
    pub event_id: i64,
    pub decision: EventRow,
    pub clip: ClipId,
}

pub(crate) async fn decide(
    app: &App,
    caller: &Caller,
    id: ClipId,
    request: &DecisionRequest,
) -> Result<Decided, Problem> {
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let (_, clip) = lock(&work, id).await?;
    let action = EventAction::from(request.action);
    if let Some(event) = review::by_request(&work, request.request_id).await? {
        let same = event.actor == caller.subject && event.action == action && event.clip_id == Some(id);
        return if same { Ok(Decided { event_id: event.id, clip: id }) } else { Err(used_id()) };
    }
    if clip.state != ClipState::PendingReview {
        return Err(Problem::conflict("This clip has been decided already."));
    }
    if clip.version != request.version {
        return Err(Problem::conflict("This clip has changed since you saw it. Look at it again."));
    }
    let target = request.action.target();
    let event = NewEvent {
        video_number: clip.video_number,
        clip_number: Some(clip.number),
        actor: &caller.subject,
        actor_name: &caller.name,
        action,
        before: snapshot(clip.state, clip.version),
        after: snapshot(target, clip.version),
        took_ms: Some(request.took_ms),
        undoes: None,
        request_id: request.request_id,
    };
    let event_id = append(&work, &event).await?;
    clips::review(&work, clip.number, target, &caller.name).await?;
    let execution = match request.action {
        ReviewAction::Approve => Some(publish(app, &work, &clip).await?),
        ReviewAction::Skip | ReviewAction::Archive => None,
    };
    finish(app, work, execution).await?;
    Ok(Decided { event_id, clip: id })
}

/// Records the approved version and asks for its publication; returns the execution's name.
async fn publish(app: &App, work: &Work<'_>, clip: &ClipRow) -> Result<String, Problem> {
    let publication = Publication {
        clip: clip.id,
        video: clip.video_id,
        version: clip.version,
        attempt: 1,
        range: clip.range,
        bucket: app.settings.media_bucket.clone(),
        prefix: clip.prefix.clone(),
        model: app.settings.model.clone(),
    };
    publications::create(work, clip.number, &publication).await?;
    Ok(outbox::ask_for_publication(work, &publication).await?)
}

/// Undoes the caller's latest decision that is not undone.
pub(crate) async fn undo(app: &App, caller: &Caller, request_id: Uuid) -> Result<Undone, Problem> {
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    review::lock_actor(&work, &caller.subject).await?;
    if let Some(event) = review::by_request(&work, request_id).await? {
        return earlier_undo(&work, caller, event).await;
    }
    let Some(decision) = review::latest_decision(&work, &caller.subject).await? else {
        return Err(Problem::not_found("There is nothing to undo."));
    };
    let id = decision.clip_id.ok_or_else(|| Problem::not_found("There is nothing to undo."))?;
    let (_, clip) = lock(&work, id).await?;
    if review::someone_went_on(&work, clip.number, decision.id, &caller.subject).await? {
        return Err(Problem::conflict("Someone else has worked on this clip since. It can't be undone any more."));
    }
    let Some(undone) = undo_of(clip.state) else {
        return Err(Problem::conflict("This clip has changed since. The decision can't be undone any more."));
    };
    let event = NewEvent {
        video_number: clip.video_number,
        clip_number: Some(clip.number),
        actor: &caller.subject,
        actor_name: &caller.name,
        action: EventAction::Undo,
        before: snapshot(clip.state, clip.version),
        after: snapshot(undone.state, clip.version + 1),
        took_ms: None,
        undoes: Some(decision.id),
        request_id,
    };
    let event_id = append(&work, &event).await?;
    if undone.withdraws {
        publications::withdraw(&work, clip.number).await?;
        clips::set_state(&work, clip.number, ClipState::Withdrawn).await?;
    }
    clips::reopen(&work, clip.number).await?;
    commit(work).await?;
    Ok(Undone { event_id, decision, clip: id })
}

/// The answer that a request sent before got.
async fn earlier_undo(work: &Work<'_>, caller: &Caller, event: EventRow) -> Result<Undone, Problem> {
    let (Some(undoes), Some(clip), true) = (event.undoes, event.clip_id, event.actor == caller.subject) else {
        return Err(used_id());
    };
    let decision = review::by_id(work, undoes).await?.ok_or_else(used_id)?;
    Ok(Undone { event_id: event.id, decision, clip })
}

/// Starts a failed or cancelled video again.
pub(crate) async fn retry_video(app: &App, caller: &Caller, id: VideoId) -> Result<(), Problem> {
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let video = videos::lock(&work, id).await?;
    let video = video.filter(|video| video.state != VideoState::Deleted).ok_or_else(no_video)?;
    if !video.state.can_retry() {
        return Err(Problem::conflict("This video has not failed: there is nothing to retry."));
    }
    let attempt = videos::restart(&work, video.number).await?;
    let event = NewEvent {
        video_number: video.number,
        clip_number: None,
        actor: &caller.subject,
        actor_name: &caller.name,
        action: EventAction::Retry,
        before: json!({ "state": video.state, "attempt": video.attempt, "failure": video.failure }),
        after: json!({ "state": VideoState::New, "attempt": attempt }),
        took_ms: None,
        undoes: None,
        request_id: Uuid::now_v7(),
    };
    append(&work, &event).await?;
    let execution = outbox::ask_for_ingest(&work, IngestStart { video: id, attempt }).await?;
    finish(app, work, Some(execution)).await
}

/// Publishes a clip again whose publication failed.
pub(crate) async fn retry_clip(app: &App, caller: &Caller, id: ClipId) -> Result<(), Problem> {
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let (_, clip) = lock(&work, id).await?;
    if !clip.state.is_failed() {
        return Err(Problem::conflict("This clip has not failed: there is nothing to retry."));
    }
    let publication = publications::restart(&work, clip.number, clip.version).await?.payload;
    clips::approve_again(&work, clip.number).await?;
    let event = NewEvent {
        video_number: clip.video_number,
        clip_number: Some(clip.number),
        actor: &caller.subject,
        actor_name: &caller.name,
        action: EventAction::Retry,
        before: snapshot(clip.state, clip.version),
        after: snapshot(ClipState::ReviewApproved, clip.version),
        took_ms: None,
        undoes: None,
        request_id: Uuid::now_v7(),
    };
    append(&work, &event).await?;
    let execution = outbox::ask_for_publication(&work, &publication).await?;
    finish(app, work, Some(execution)).await
}

/// Locks a clip and, before it, its video.
async fn lock(work: &Work<'_>, id: ClipId) -> Result<(VideoRow, ClipRow), Problem> {
    let video = videos::lock_of_clip(work, id).await?;
    let video = video.filter(|video| video.state != VideoState::Deleted).ok_or_else(no_clip)?;
    let clip = clips::lock(work, id).await?.ok_or_else(no_clip)?;
    Ok((video, clip))
}

/// Appends an event. Two requests at once that share their id meet here.
async fn append(work: &Work<'_>, event: &NewEvent<'_>) -> Result<i64, Problem> {
    review::append(work, event).await.map_err(|error| match error.constraint() {
        Some("review_events_request_id_key") => used_id(),
        _ => error.into(),
    })
}

async fn finish(app: &App, work: Work<'_>, execution: Option<String>) -> Result<(), Problem> {
    commit(work).await?;
    if let Some(name) = execution {
        app.dispatch(&name).await;
    }
    Ok(())
}

fn snapshot(state: ClipState, version: u32) -> Value {
    json!({ "state": state, "version": version })
}

fn used_id() -> Problem {
    Problem::conflict("This request id was used for something else.")
}

pub(crate) fn no_clip() -> Problem {
    Problem::not_found("There is no such clip.")
}

pub(crate) fn no_video() -> Problem {
    Problem::not_found("There is no such video.")
}
