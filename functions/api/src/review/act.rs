use super::{Decided, Request, check_claims, keep, lock_video_of, now, refusal};
use crate::{problem::Problem, state::App};
use heaters_db::{
    Work, begin, review,
    review::{EventRow, Which},
};
use heaters_domain::{
    ClipId,
    review::{Action, Change, Doing, EventId},
};
use uuid::Uuid;

/// What an action led to.
pub(crate) struct Acted {
    pub event_id: EventId,
    pub change: Change,
}

/// Does an action, once however often the request comes.
pub(crate) async fn act(app: &App, request: Request<'_>, action: &Action) -> Result<Acted, Problem> {
    let ids: Vec<ClipId> = action.clips().iter().map(|clip| clip.id).collect();
    let first = *ids.first().ok_or_else(|| Problem::bad_request("Choose at least one clip."))?;
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    let request = request.unless_left(&work).await?;
    // Two deliveries of one request wait for each other here.
    let video = lock_video_of(&work, first).await?;
    if let Some(earlier) = earlier(&work, request, action).await? {
        return Ok(Acted { event_id: earlier.id, change: earlier.change });
    }
    let loaded = review::load(&work, &video, Which::Ids(&ids)).await?;
    let event = review::next_id(&work).await?;
    let change = {
        let mut doing = Doing { event, name: &request.caller.name, at: now(), new_id: &mut Uuid::now_v7 };
        loaded.review.apply(action, &mut doing).map_err(|error| refusal::of_action(&error))?
    };
    if !is_remark(action) {
        check_claims(&loaded, request.caller)?;
    }
    let decided = Decided { event, action: action.kind(), change: &change, undoes: None };
    keep(app, work, &video, &loaded, request, decided).await?;
    Ok(Acted { event_id: event, change })
}

/// The event of a request that came before. The same id for something else is an error.
async fn earlier(work: &Work<'_>, request: Request<'_>, action: &Action) -> Result<Option<EventRow>, Problem> {
    let Some(event) = review::by_request(work, request.id).await? else { return Ok(None) };
    let named = |event: &EventRow| action.clips().iter().all(|clip| event.change.after.clip(clip.id).is_some());
    let same = event.actor == request.caller.subject && event.action == action.kind() && named(&event);
    if same { Ok(Some(event)) } else { Err(refusal::used_id()) }
}

/// Whether anybody may do it while somebody else has the clip on the page.
fn is_remark(action: &Action) -> bool {
    matches!(action, Action::Tag { .. } | Action::Note { .. })
}
