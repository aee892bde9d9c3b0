use crate::{
    extract::{Id, Params},
    problem::Problem,
    review,
    state::{App, addresses_end},
    types::{Playback, PlaybackForm, PlaybackPart, PlaybackQuery, ProblemDetails},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, header},
};
use heaters_aws::ObjectStore;
use heaters_db::{clips, clips::ClipRow, playback as files, videos};
use heaters_domain::{
    ClipId, VideoState, causes,
    contract::{PlaybackInput, PlaybackOutput},
    keys::{self, IngestKeys},
};
use std::sync::Arc;

/// A clip's frames never change, and the addresses are valid for longer.
const KEEP: [(HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=1800"))];

/// The clip's exact MP4.
#[utoipa::path(get, path = "/v1/clips/{id}/playback", params(("id" = ClipId, Path), PlaybackQuery), responses(
    (status = OK, body = Playback),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
    (status = BAD_GATEWAY, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn playback(
    State(app): State<Arc<App>>,
    Id(id): Id<ClipId>,
    Params(query): Params<PlaybackQuery>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Playback>), Problem> {
    let session = app.db.session().await?;
    let clip = clips::by_id(&session, id).await?.ok_or_else(review::no_clip)?;
    let video = videos::by_id(&session, clip.video_id).await?;
    video.filter(|video| video.state != VideoState::Deleted).ok_or_else(review::no_clip)?;
    drop(session);
    let answer = match query.form.unwrap_or_default() {
        PlaybackForm::Parts => in_parts(&app, &clip).await?,
        PlaybackForm::File => as_file(&app, &clip).await?,
    };
    Ok((KEEP, Json(answer)))
}

async fn in_parts(app: &App, clip: &ClipRow) -> Result<Playback, Problem> {
    let made = described(app, clip).await?;
    let pieces = made.pieces.iter().map(|piece| PlaybackPart::Range { url: 0, start: piece.start, end: piece.end });
    let header = PlaybackPart::Inline { inline: made.header.clone() };
    let parts = std::iter::once(header).chain(pieces).collect();
    let url = app.address(IngestKeys(clip.prefix.clone()).proxy()).await?;
    answer(app, clip, &made, parts, url).await
}

async fn as_file(app: &App, clip: &ClipRow) -> Result<Playback, Problem> {
    let made = described(app, clip).await?;
    let key = keys::playback(clip.video_id, clip.range);
    let session = app.db.session().await?;
    files::mark_used(&session, &key, clip.video_number).await?;
    drop(session);
    let store: &dyn ObjectStore = &*app.store;
    if !store.exists(&app.object(&key)).await? {
        call(app, clip, true).await?;
        files::mark_made(&app.db.session().await?, &key, made.size_bytes).await?;
    }
    let parts = vec![PlaybackPart::Range { url: 0, start: 0, end: made.size_bytes }];
    let url = app.address(key).await?;
    answer(app, clip, &made, parts, url).await
}

async fn answer(
    app: &App,
    clip: &ClipRow,
    made: &PlaybackOutput,
    parts: Vec<PlaybackPart>,
    url: String,
) -> Result<Playback, Problem> {
    let seconds = |ticks: u64| ticks as f64 * made.time_base.as_f64();
    Ok(Playback {
        frames: made.frames,
        fps: clip.fps,
        duration_seconds: seconds(made.end),
        time_base: made.time_base,
        pts: made.pts.clone(),
        parts,
        urls: vec![url],
        size_bytes: made.size_bytes,
        video_url: app.address(IngestKeys(clip.prefix.clone()).proxy()).await?,
        video_start_seconds: seconds(made.start_in_proxy),
        expires_at: addresses_end(),
    })
}

/// The clip's header and pieces: made once, since frames of an ingest never change.
async fn described(app: &App, clip: &ClipRow) -> Result<Arc<PlaybackOutput>, Problem> {
    // Calling a function takes a large future, which all callers would hold.
    Box::pin(app.cached.playback.get_or_make((clip.prefix.clone(), clip.range), call(app, clip, false))).await
}

async fn call(app: &App, clip: &ClipRow, as_file: bool) -> Result<PlaybackOutput, Problem> {
    let input = PlaybackInput {
        video: clip.video_id,
        range: clip.range,
        bucket: app.settings.media_bucket.clone(),
        prefix: clip.prefix.clone(),
        as_file,
    };
    match app.functions.call(&app.settings.playback_function, &input).await {
        Ok(report) => Ok(report.output),
        Err(error) => {
            tracing::error!(clip = %clip.id, detail = %causes(&error), "no playback");
            Err(Problem::of_function(error, "The clip could not be made playable just now. Try again."))
        }
    }
}
