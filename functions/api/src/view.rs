//! From rows to the API's JSON.

use crate::{
    auth::Caller,
    library,
    problem::Problem,
    progress,
    state::App,
    types::{Clip, StageSummary, Video, VideoOrigin},
};
use futures::future::try_join_all;
use heaters_db::{GenericClient, clips, clips::ClipRow, reports, reports::Report, videos, videos::VideoRow};
use heaters_domain::{ClipState, VideoState, keys::IngestKeys};
use std::collections::{BTreeMap, HashSet};

/// Videos with what their stages reported about them as a whole.
pub(crate) async fn videos(app: &App, client: &impl GenericClient, rows: Vec<VideoRow>) -> Result<Vec<Video>, Problem> {
    let numbers: Vec<i32> = rows.iter().map(|row| row.number).collect();
    let mut counts = videos::clip_counts(client, &numbers).await?;
    let mut done = reports::chunks_done(client, &numbers).await?;
    let mut reports = reports::of_videos_as_a_whole(client, &numbers).await?;
    let views = rows.into_iter().map(|row| {
        let counts = counts.remove(&row.number).unwrap_or_default();
        let done = done.remove(&row.number).unwrap_or_default();
        let reports = reports.remove(&row.number).unwrap_or_default();
        one_video(app, row, counts, done, reports)
    });
    try_join_all(views).await
}

/// A video with all reports, those about its chunks and clips too.
pub(crate) async fn video(app: &App, client: &impl GenericClient, row: VideoRow) -> Result<Video, Problem> {
    let reports = reports::of_video(client, row.number).await?;
    let counts = videos::clip_counts(client, &[row.number]).await?.remove(&row.number).unwrap_or_default();
    let done = reports::chunks_done(client, &[row.number]).await?.remove(&row.number).unwrap_or_default();
    one_video(app, row, counts, done, reports).await
}

async fn one_video(
    app: &App,
    row: VideoRow,
    clips: BTreeMap<ClipState, u32>,
    chunks_done: HashSet<u32>,
    reports: Vec<Report>,
) -> Result<Video, Problem> {
    let progress = progress::of(app, &row, &chunks_done).await?;
    let poster_url = match row.frames {
        Some(_) => Some(app.address(IngestKeys(row.prefix.clone()).poster()).await?),
        None => None,
    };
    let restorable_until = library::restorable_until(&row);
    let download = progress::of_download(app, &row).await;
    let source = row.sources.into_iter().next();
    Ok(Video {
        id: row.id,
        title: row.title,
        source_key: source.as_ref().map(|source| source.key.clone()),
        source_version: source.and_then(|source| source.version),
        state: row.state,
        progress,
        failure: row.failure,
        frames: row.frames,
        fps: row.fps,
        duration_seconds: row.duration_seconds,
        width: row.width,
        height: row.height,
        has_sound: row.has_sound,
        clips,
        poster_url,
        attempt: row.attempt,
        created_at: row.created_at,
        updated_at: row.updated_at,
        deleted_at: row.deleted_at.filter(|_| row.state == VideoState::Deleted),
        restorable_until,
        scenes: row.scenes,
        stages: reports.into_iter().map(stage).collect(),
        origin: if row.origin_url.is_some() { VideoOrigin::Url } else { VideoOrigin::Upload },
        origin_url: row.origin_url,
        site: row.url.site,
        published_at: row.url.published_at,
        source_format: row.url.format,
        duplicate_of: row.url.duplicate_of,
        download,
    })
}

fn stage(report: Report) -> StageSummary {
    StageSummary {
        stage: report.stage,
        attempt: report.attempt,
        outcome: report.outcome,
        started_at: report.started_at,
        duration_ms: report.duration_ms,
        chunk: report.subject.chunk,
        clip: report.subject.clip,
        metrics: report.metrics,
        tools: report.tools,
    }
}

/// Clips in the order given, with the addresses of their stills.
pub(crate) async fn clips(
    app: &App,
    caller: &Caller,
    client: &impl GenericClient,
    rows: Vec<ClipRow>,
) -> Result<Vec<Clip>, Problem> {
    let numbers: Vec<i64> = rows.iter().map(|row| row.number).collect();
    let mut keyframes = clips::middle_keyframes(client, &numbers).await?;
    let views = rows.into_iter().map(|row| {
        let key = keyframes.remove(&row.number);
        one_clip(app, caller, row, key)
    });
    try_join_all(views).await
}

pub(crate) async fn clip(
    app: &App,
    caller: &Caller,
    client: &impl GenericClient,
    row: ClipRow,
) -> Result<Clip, Problem> {
    let key = clips::middle_keyframes(client, &[row.number]).await?.remove(&row.number);
    one_clip(app, caller, row, key).await
}

async fn one_clip(app: &App, caller: &Caller, row: ClipRow, keyframe_key: Option<String>) -> Result<Clip, Problem> {
    let keyframe_url = match keyframe_key {
        Some(key) => Some(app.address(key).await?),
        None => None,
    };
    Ok(Clip {
        id: row.id,
        video_id: row.video_id,
        video_title: row.video_title,
        start_frame: row.range.start,
        end_frame: row.range.end,
        fps: row.fps,
        state: row.state,
        version: row.version,
        group_id: row.group,
        tags: row.tags,
        note: row.note,
        confidence: row.confidence,
        start_cut: row.start_cut,
        end_cut: row.end_cut,
        claimed_by: row.claim.filter(|claim| claim.actor != caller.subject).map(|claim| claim.name),
        failure: row.failure,
        reviewed_at: row.reviewed_at,
        reviewed_by: row.reviewed_by,
        keyframe_url,
    })
}
