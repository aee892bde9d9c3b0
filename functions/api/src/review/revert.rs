use super::{Decided, Request, check_claims, keep, refusal};
use crate::{problem::Problem, state::App};
use heaters_db::{
    Work, begin, review,
    review::{EventRow, Which},
    videos,
};
use heaters_domain::{
    ClipId, VideoState,
    review::{Change, EventAction, EventId},
};

/// Which way the caller goes through the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Undo,
    Redo,
}

/// What an undo or a redo led to.
pub(crate) struct Reverted {
    pub event_id: EventId,
    pub undone_event_id: EventId,
    /// What the reviewer had done.
    pub action: EventAction,
    pub change: Change,
}

impl Direction {
    const fn action(self) -> EventAction {
        match self {
            Self::Undo => EventAction::Undo,
            Self::Redo => EventAction::Redo,
        }
    }

    async fn next(self, work: &Work<'_>, actor: &str) -> Result<Option<EventRow>, Problem> {
        Ok(match self {
            Self::Undo => review::next_undo(work, actor).await?,
            Self::Redo => review::next_redo(work, actor).await?,
        })
    }

    fn nothing(self) -> Problem {
        Problem::not_found(match self {
            Self::Undo => "There is nothing to undo.",
            Self::Redo => "There is nothing to do again.",
        })
    }
}

/// Takes back the caller's latest event that stands, or their latest undo, once however often the request comes.
pub(crate) async fn revert(app: &App, request: Request<'_>, direction: Direction) -> Result<Reverted, Problem> {
    let caller = request.caller;
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let request = request.unless_left(&work).await?;
    review::lock_actor(&work, &caller.subject).await?;
    if let Some(event) = review::by_request(&work, request.id).await? {
        return earlier(event, request, direction);
    }
    let target = direction.next(&work, &caller.subject).await?.ok_or_else(|| direction.nothing())?;
    let video = videos::lock_by_number(&work, target.video_number).await?;
    let video = video
        .filter(|video| video.state != VideoState::Deleted)
        .ok_or_else(|| Problem::conflict("The video is deleted. Restore it first."))?;
    let ids: Vec<ClipId> = target.change.after.clips.iter().map(|clip| clip.id).collect();
    let loaded = review::load(&work, &video, Which::Ids(&ids)).await?;
    let change = match loaded.review.revert(&target.change) {
        Ok(change) => change,
        Err(built_on) => return Err(refusal::of_built_on(&work, built_on, &caller.name).await?),
    };
    if !is_remark(target.root_action) {
        check_claims(&loaded, caller)?;
    }
    let event = review::next_id(&work).await?;
    let undoes = Some((target.id, target.root.unwrap_or(target.id)));
    let decided = Decided { event, action: direction.action(), change: &change, undoes };
    keep(app, work, &video, &loaded, request, decided).await?;
    Ok(Reverted { event_id: event, undone_event_id: target.id, action: target.root_action, change })
}

fn is_remark(action: EventAction) -> bool {
    matches!(action, EventAction::Tag | EventAction::Note)
}

/// The answer that a request sent before got.
fn earlier(event: EventRow, request: Request<'_>, direction: Direction) -> Result<Reverted, Problem> {
    match event.undoes {
        Some(undone) if event.actor == request.caller.subject && event.action == direction.action() => Ok(Reverted {
            event_id: event.id,
            undone_event_id: undone,
            action: event.root_action,
            change: event.change,
        }),
        _ => Err(refusal::used_id()),
    }
}
