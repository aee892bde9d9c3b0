use crate::{
    auth::Caller,
    extract::{Body, Id, Params},
    media,
    problem::Problem,
    review,
    review::redetect,
    state::{App, addresses_end},
    types::{
        Boundaries, BoundariesQuery, ProblemDetails, RedetectAnswer, RedetectRequest, Scores, ScoresQuery, Storyboard,
        Timeline, TimelineClip, Waveform,
    },
};
use axum::{Extension, Json, extract::State};
use heaters_db::{GenericClient, begin_reading, timeline as rows, timeline::SegmentRow, videos, videos::VideoRow};
use heaters_domain::{
    FrameRange, VideoId, VideoState,
    keys::IngestKeys,
    scenes::curve,
    storyboard::{ACROSS, DOWN},
    waveform,
};
use std::sync::Arc;

const MAX_BUCKETS: u32 = 4000;
const DEFAULT_BUCKETS: u32 = 1000;

/// Cuts, clips, storyboard and waveform of a video that is ready.
#[utoipa::path(get, path = "/v1/videos/{id}/timeline", params(("id" = VideoId, Path)), responses(
    (status = OK, body = Timeline),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, description = "The video is not ready.",
     body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn timeline(State(app): State<Arc<App>>, Id(id): Id<VideoId>) -> Result<Json<Timeline>, Problem> {
    let mut session = app.db.session().await?;
    let work = begin_reading(&mut session).await?;
    let video = ready(&work, id).await?;
    let cuts = rows::cuts(&work, video.number).await?;
    let clips = rows::clips(&work, video.number).await?;
    drop(work);
    drop(session);
    let (storyboard, waveform) = (storyboard(&app, &video).await?, waveform_of(&app, &video).await?);
    Ok(Json(Timeline {
        video: video.id,
        frames: video.frames.unwrap_or_default(),
        fps: video.fps.ok_or_else(not_ready)?,
        duration_seconds: video.duration_seconds.unwrap_or_default(),
        edit_version: video.edit_version,
        cuts: cuts.into_iter().map(Into::into).collect(),
        clips: clips.iter().map(clip).collect(),
        storyboard,
        waveform,
        expires_at: addresses_end(),
    }))
}

/// The detector's score curve of a video.
#[utoipa::path(get, path = "/v1/videos/{id}/scores", params(("id" = VideoId, Path), ScoresQuery), responses(
    (status = OK, body = Scores),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
    (status = BAD_GATEWAY, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn scores(
    State(app): State<Arc<App>>,
    Id(id): Id<VideoId>,
    Params(query): Params<ScoresQuery>,
) -> Result<Json<Scores>, Problem> {
    let buckets = query.buckets.unwrap_or(DEFAULT_BUCKETS);
    if !(1..=MAX_BUCKETS).contains(&buckets) {
        return Err(Problem::bad_request(format!("A score curve has 1 to {MAX_BUCKETS} buckets.")));
    }
    let video = ready(&app.db.session().await?, id).await?;
    let frames = video.frames.unwrap_or_default();
    let range = FrameRange::new(query.start_frame.unwrap_or(0), query.end_frame.unwrap_or(frames));
    let range = range.filter(|range| range.end <= frames);
    let range = range.ok_or_else(|| Problem::bad_request(format!("The video has the frames 0 to {frames}.")))?;
    let scored = media::scores(&app, &video).await?;
    let values = curve(&scored.track, range, buckets);
    Ok(Json(Scores { start_frame: range.start, end_frame: range.end, buckets: values.len() as u32, values }))
}

/// What detecting the scenes again would find and do. Nothing changes.
#[utoipa::path(get, path = "/v1/videos/{id}/boundaries", params(("id" = VideoId, Path), BoundariesQuery), responses(
    (status = OK, body = Boundaries),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
    (status = BAD_GATEWAY, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn boundaries(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<VideoId>,
    Params(query): Params<BoundariesQuery>,
) -> Result<Json<Boundaries>, Problem> {
    redetect::preview(&app, &caller.subject, id, query).await.map(Json)
}

/// Detects the scenes again: new cuts for the clips that nobody has worked on. It can be undone.
#[utoipa::path(post, path = "/v1/videos/{id}/redetect", params(("id" = VideoId, Path)),
    request_body = RedetectRequest, responses(
    (status = OK, body = RedetectAnswer),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = CONFLICT, body = ProblemDetails, content_type = "application/problem+json"),
    (status = BAD_GATEWAY, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn redetect_video(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<VideoId>,
    Body(request): Body<RedetectRequest>,
) -> Result<Json<RedetectAnswer>, Problem> {
    let asked = review::Request { caller: &caller, id: request.request_id, took_ms: None, page: None };
    redetect::apply(&app, asked, id, &request).await.map(Json)
}

/// A video whose clips are there.
pub(crate) async fn ready(client: &impl GenericClient, id: VideoId) -> Result<VideoRow, Problem> {
    let video = videos::by_id(client, id).await?.filter(|video| video.state != VideoState::Deleted);
    let video = video.ok_or_else(review::no_video)?;
    if video.state == VideoState::Ready { Ok(video) } else { Err(not_ready()) }
}

fn not_ready() -> Problem {
    Problem::conflict("This video is not ready yet.")
}

fn clip(row: &SegmentRow) -> TimelineClip {
    TimelineClip {
        id: row.id,
        version: row.version,
        start_frame: row.range.start,
        end_frame: row.range.end,
        state: row.state,
        group_id: row.group,
    }
}

async fn storyboard(app: &App, video: &VideoRow) -> Result<Option<Storyboard>, Problem> {
    let board = media::storyboard(app, &video.prefix).await?;
    if board.tiles.is_empty() {
        return Ok(None);
    }
    let keys = IngestKeys(video.prefix.clone());
    let mut urls = Vec::new();
    for sheet in 0..board.sheets {
        urls.push(app.address(keys.storyboard_sheet(sheet)).await?);
    }
    Ok(Some(Storyboard {
        tile_width: board.tile_width,
        tile_height: board.tile_height,
        columns: ACROSS,
        rows: DOWN,
        urls,
        tiles: board.tiles.clone(),
    }))
}

async fn waveform_of(app: &App, video: &VideoRow) -> Result<Option<Waveform>, Problem> {
    if video.has_sound != Some(true) {
        return Ok(None);
    }
    let url = app.address(IngestKeys(video.prefix.clone()).waveform()).await?;
    Ok(Some(Waveform { url, offset: waveform::HEADER_BYTES as u32, peaks_per_second: waveform::RATE }))
}
