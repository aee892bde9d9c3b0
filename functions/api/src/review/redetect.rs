//! Detecting the scenes of a video again, with other settings: what it would do, and doing it.

use super::{Decided, Request, keep, lock_video, now, refusal};
use crate::{
    cached::Scored,
    media,
    problem::Problem,
    routes::timeline::ready,
    state::App,
    types::{Boundaries, BoundariesQuery, RedetectAnswer, RedetectRequest},
};
use heaters_db::{
    GenericClient, begin, clips,
    review::{self, EventRow, Which},
    timeline::{self, SegmentRow},
    videos::VideoRow,
};
use heaters_domain::{
    ClipId, VideoId, VideoState,
    review::{Change, Doing, EventAction, Redetection, ReviewClip, SetBy, VideoReview},
    scenes::{Boundary, decide},
    settings::SceneSettings,
};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) async fn preview(
    app: &App,
    caller: &str,
    id: VideoId,
    query: BoundariesQuery,
) -> Result<Boundaries, Problem> {
    let session = app.db.session().await?;
    let video = ready(&session, id).await?;
    let settings = SceneSettings {
        sensitivity: query.sensitivity.unwrap_or(video.scenes.sensitivity),
        min_length_seconds: query.min_length_seconds.unwrap_or(video.scenes.min_length_seconds),
    };
    check(settings)?;
    let segments = timeline::clips(&session, video.number).await?;
    let state = state_of(&session, &video, &segments).await?;
    let detectors = review::detectors(&session, video.number).await?;
    drop(session);
    let detected = detect(app, &video, settings).await?;
    let held = held(segments.iter().map(|row| (row.id, row.claim_actor.as_deref())), caller);
    let redetection =
        Redetection { found: &detected.boundaries, shortest: detected.shortest, detectors: &detectors, held: &held };
    let mut doing = Doing { event: 0, name: "", at: now(), new_id: &mut Uuid::now_v7 };
    let change = state.redetect(&redetection, &mut doing);
    let counts = Counts::of(&change, segments.len());
    let cuts_after = state.after(&change).cuts.into_keys().collect();
    Ok(Boundaries {
        settings,
        boundaries: detected.boundaries,
        cuts_after,
        clips_now: segments.len() as u32,
        clips_after: counts.kept + counts.created,
        clips_kept: counts.kept,
    })
}

pub(crate) async fn apply(
    app: &App,
    request: Request<'_>,
    id: VideoId,
    asked: &RedetectRequest,
) -> Result<RedetectAnswer, Problem> {
    let settings = SceneSettings { sensitivity: asked.sensitivity, min_length_seconds: asked.min_length_seconds };
    check(settings)?;
    // The scores are read before the video is locked: others wait for the lock.
    let mut session = app.db.session().await?;
    let detected = detect(app, &ready(&session, id).await?, settings).await?;
    let work = begin(&mut session).await?;
    let video = lock_video(&work, id).await?;
    if video.state != VideoState::Ready {
        return Err(Problem::conflict("This video is not ready yet."));
    }
    let loaded = review::load(&work, &video, Which::Active).await?;
    let active = loaded.review.clips.len();
    if let Some(event) = review::by_request(&work, request.id).await? {
        let event = earlier(event, request)?;
        drop(work);
        let created = event.change.after.clips.len() - event.change.before.clips.len();
        let before = (active + event.change.before.clips.len()).saturating_sub(created);
        return answer(app, event.id, &event.change, before).await;
    }
    let detectors = review::detectors(&work, video.number).await?;
    let claims = loaded.review.clips.keys().map(|id| (*id, loaded.claim(*id).map(|claim| claim.actor.as_str())));
    let held = held(claims, &request.caller.subject);
    let event = review::next_id(&work).await?;
    let mut change = {
        let (found, shortest) = (&detected.boundaries[..], detected.shortest);
        let redetection = Redetection { found, shortest, detectors: &detectors, held: &held };
        let mut doing = Doing { event, name: &request.caller.name, at: now(), new_id: &mut Uuid::now_v7 };
        loaded.review.redetect(&redetection, &mut doing)
    };
    if change.is_empty() {
        return Err(Problem::conflict("With these settings the cuts stay as they are."));
    }
    change.after.scenes = Some(settings);
    let decided = Decided { event, action: EventAction::Redetect, change: &change, undoes: None };
    keep(app, work, &video, &loaded, request, decided).await?;
    answer(app, event, &change, active).await
}

/// The boundaries of a video, and its shortest shot in frames.
struct Detected {
    boundaries: Vec<Boundary>,
    shortest: u32,
}

async fn detect(app: &App, video: &VideoRow, settings: SceneSettings) -> Result<Detected, Problem> {
    let scored = media::scores(app, video).await?;
    let Scored { track, fps } = &*scored;
    let shortest = (settings.min_length_seconds * fps).round().max(1.0) as u32;
    Ok(Detected { boundaries: decide(track, &settings, *fps), shortest })
}

fn check(settings: SceneSettings) -> Result<(), Problem> {
    settings.check().map_err(|error| Problem::bad_request(error.to_string()))
}

/// Clips that somebody else has on a page just now.
fn held<'a>(claims: impl Iterator<Item = (ClipId, Option<&'a str>)>, caller: &str) -> BTreeSet<ClipId> {
    claims.filter(|(_, actor)| actor.is_some_and(|actor| actor != caller)).map(|(id, _)| id).collect()
}

/// The review state as a preview needs it, without locks.
async fn state_of(
    client: &impl GenericClient,
    video: &VideoRow,
    segments: &[SegmentRow],
) -> Result<VideoReview, Problem> {
    let mut state = VideoReview::empty(video.frames.unwrap_or_default());
    let cuts = timeline::cuts(client, video.number).await?;
    state.cuts.extend(cuts.into_iter().map(|cut| (cut.frame, cut)));
    state.clips.extend(segments.iter().map(|row| (row.id, clip_of(row))));
    Ok(state)
}

fn clip_of(row: &SegmentRow) -> ReviewClip {
    ReviewClip {
        verdict: row.state.verdict(),
        version: row.version,
        group: row.group,
        tags: row.tags.clone(),
        note: row.note.clone(),
        set_by: SetBy { decision: row.decision_event, ..SetBy::default() },
        ..ReviewClip::new(row.id, row.range, row.decision_event)
    }
}

/// How many clips stay, and how many are new.
struct Counts {
    kept: u32,
    created: u32,
}

impl Counts {
    fn of(change: &Change, active: usize) -> Self {
        let replaced = change.before.clips.len();
        Self { kept: active.saturating_sub(replaced) as u32, created: (change.after.clips.len() - replaced) as u32 }
    }
}

/// The event of the same request that came before.
fn earlier(event: EventRow, request: Request<'_>) -> Result<EventRow, Problem> {
    let same = event.actor == request.caller.subject && event.action == EventAction::Redetect;
    if same { Ok(event) } else { Err(refusal::used_id()) }
}

async fn answer(app: &App, event_id: i64, change: &Change, active: usize) -> Result<RedetectAnswer, Problem> {
    let counts = Counts::of(change, active);
    let pending = clips::pending(&app.db.session().await?).await?;
    Ok(RedetectAnswer {
        event_id,
        created: counts.created,
        kept: counts.kept,
        archived: change.before.clips.iter().map(|clip| clip.id).collect(),
        pending,
    })
}
