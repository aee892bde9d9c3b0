//! Detecting the scenes of a video again, with other settings: what it would do, and doing it.

use crate::{
    auth::Caller,
    cached::Scored,
    media,
    problem::Problem,
    routes::timeline::ready,
    state::App,
    types::{Boundaries, BoundariesQuery, RedetectAnswer, RedetectRequest},
};
use axum::http::StatusCode;
use heaters_db::{GenericClient, timeline, videos::VideoRow};
use heaters_domain::{
    ClipId, VideoId,
    review::{Change, Cut, CutOrigin, Doing, EventId, ReviewClip, VideoReview},
    scenes::{Boundary, decide},
    settings::SceneSettings,
};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) async fn preview(app: &App, id: VideoId, query: BoundariesQuery) -> Result<Boundaries, Problem> {
    let session = app.db.session().await?;
    let video = ready(&session, id).await?;
    let settings = SceneSettings {
        sensitivity: query.sensitivity.unwrap_or(video.scenes.sensitivity),
        min_length_seconds: query.min_length_seconds.unwrap_or(video.scenes.min_length_seconds),
    };
    settings.check().map_err(|error| Problem::bad_request(error.to_string()))?;
    let (state, detectors) = state_of(&session, &video).await?;
    drop(session);
    let scored = media::scores(app, &video.prefix).await?;
    let boundaries = decide(&scored.track, &settings, scored.fps);
    let mut doing = Doing { event: 0, name: "", at: OffsetDateTime::now_utc(), new_id: &mut Uuid::now_v7 };
    let change = state.redetect(&boundaries, shortest(&settings, &scored), &detectors, &mut doing);
    let counts = Counts::of(&state, &change);
    let after = state.after(&change);
    Ok(Boundaries {
        settings,
        boundaries,
        cuts_after: after.cuts.into_keys().collect(),
        clips_now: counts.now,
        clips_after: counts.now - counts.replaced + counts.created,
        clips_kept: counts.now - counts.replaced,
    })
}

/// How many clips there are, and how many a change replaces and makes.
struct Counts {
    now: u32,
    replaced: u32,
    created: u32,
}

impl Counts {
    fn of(state: &VideoReview, change: &Change) -> Self {
        let replaced = change.before.clips.len();
        Self {
            now: state.active().len() as u32,
            replaced: replaced as u32,
            created: (change.after.clips.len() - replaced) as u32,
        }
    }
}

/// The shortest shot in frames.
fn shortest(settings: &SceneSettings, scored: &Scored) -> u32 {
    (settings.min_length_seconds * scored.fps).round().max(1.0) as u32
}

/// The video's clips and cuts, and the events by which the detector made clips.
async fn state_of(client: &impl GenericClient, video: &VideoRow) -> Result<(VideoReview, BTreeSet<EventId>), Problem> {
    let mut state = VideoReview::empty(video.frames.unwrap_or_default());
    for cut in timeline::cuts(client, video.number).await? {
        let Boundary { frame, kind, start_frame, end_frame, confidence } = cut.boundary;
        let origin = if cut.by_reviewer { CutOrigin::Reviewer } else { CutOrigin::Detector };
        state.cuts.insert(frame, Cut { frame, kind, start_frame, end_frame, confidence, origin });
    }
    for clip in timeline::clips(client, video.number).await? {
        let verdict = clip.state.verdict();
        state.clips.insert(clip.id, ReviewClip { verdict, ..ReviewClip::new(clip.id, clip.range, 0) });
    }
    Ok((state, BTreeSet::from([0])))
}

pub(crate) async fn apply(
    _app: &App,
    _caller: &Caller,
    _id: VideoId,
    _request: &RedetectRequest,
) -> Result<RedetectAnswer, Problem> {
    let _ = ClipId::generate();
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This is still being built."))
}
