//! What the stages of an ingest report.

use crate::{Catalog, CatalogError, downloaded, go_on, withdrawn};
use heaters_aws::ObjectRef;
use heaters_db::{Work, begin, clips, commit, reports, videos, videos::VideoRow};
use heaters_domain::{
    Failure, Outcome, Stage, StageReport, VideoState,
    contract::{AssembleOutput, CatalogResponse, CaughtError, DetectScenesOutput, Ingest, ProbeOutput},
    download::DownloadOutput,
    look::of_clip,
    scenes::Boundary,
};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// Stores a report and moves the video on. Withdrawn when the video has left the path that leads there,
/// or a later attempt is at work.
pub(crate) async fn record(
    catalog: &Catalog,
    ingest: &Ingest,
    report: &reports::Report,
) -> Result<CatalogResponse, CatalogError> {
    let mut session = catalog.database.session().await?;
    let work = begin(&mut session).await?;
    let video = lock(&work, ingest).await?;
    if video.attempt != ingest.attempt {
        return Ok(withdrawn());
    }
    reports::upsert(&work, video.number, None, report).await?;
    if report.stage == Stage::Download && downloaded::is_duplicate(&work, catalog, &video, report).await? {
        commit(work).await?;
        return Ok(withdrawn());
    }
    let mut response = go_on();
    if advance(&work, &video, path_of(report.stage)?).await? {
        response.ingest = store(&work, catalog, video, report).await?;
    } else {
        response = withdrawn();
    }
    commit(work).await?;
    Ok(response)
}

/// The states that a stage's report takes a video through, from one of them to the last.
fn path_of(stage: Stage) -> Result<&'static [VideoState], CatalogError> {
    use VideoState::{DetectingScenes, Downloaded, Downloading, Preprocessed, Preprocessing};
    match stage {
        Stage::Download => Ok(&[Downloading, Downloaded]),
        Stage::Probe => Ok(&[Downloaded, Preprocessing]),
        Stage::Preprocess => Ok(&[Preprocessing]),
        // Detection starts at once.
        Stage::Assemble => Ok(&[Preprocessing, Preprocessed, DetectingScenes]),
        stage => Err(CatalogError::Misplaced { stage }),
    }
}

/// Moves a video along a path from where it stands; `false` when it is not on it.
async fn advance(work: &Work<'_>, video: &VideoRow, path: &[VideoState]) -> Result<bool, CatalogError> {
    let Some(at) = path.iter().position(|state| *state == video.state) else { return Ok(false) };
    for state in &path[at + 1..] {
        videos::set_state(work, video.number, *state).await?;
    }
    Ok(true)
}

/// Stores what a stage found out. After a download it returns the ingest with its source.
async fn store(
    work: &Work<'_>,
    catalog: &Catalog,
    mut video: VideoRow,
    report: &reports::Report,
) -> Result<Option<Ingest>, CatalogError> {
    match report.stage {
        Stage::Download => {
            let found = output::<DownloadOutput>(report)?;
            downloaded::store(work, catalog, &video, &found).await?;
            video.sources = found.sources;
            return Ok(Some(video.ingest(&catalog.media_bucket)));
        }
        Stage::Probe => {
            let probe: ProbeOutput = output(report)?;
            videos::store_media(work, video.number, probe.chunks, &probe.media).await?;
        }
        Stage::Assemble => {
            videos::store_assembled(work, video.number, &output::<AssembleOutput>(report)?).await?;
        }
        _ => {}
    }
    Ok(None)
}

/// Divides the video at the detected boundaries: cuts, clips and `ready`, all at once.
pub(crate) async fn create_clips(
    catalog: &Catalog,
    ingest: &Ingest,
    report: &StageReport<DetectScenesOutput>,
) -> Result<CatalogResponse, CatalogError> {
    let object = ObjectRef::new(&ingest.bucket, &report.output.boundaries_key);
    let boundaries: Vec<Boundary> = catalog.store.get_json(&object).await?;
    let looks = looks(catalog, ingest, report).await?;
    let mut session = catalog.database.session().await?;
    let work = begin(&mut session).await?;
    let video = lock(&work, ingest).await?;
    if video.attempt != ingest.attempt || !matches!(video.state, VideoState::DetectingScenes | VideoState::Ready) {
        return Ok(withdrawn());
    }
    reports::upsert(&work, video.number, None, &untyped(report)?).await?;
    clips::create(&work, &video, report.output.frames, &boundaries, |clip| of_clip(&looks, clip).unwrap_or_default())
        .await?;
    if video.state != VideoState::Ready {
        videos::set_state(&work, video.number, VideoState::Ready).await?;
    }
    commit(work).await?;
    Ok(go_on())
}

/// The video's look track; nothing where an older detection made none.
async fn looks(
    catalog: &Catalog,
    ingest: &Ingest,
    report: &StageReport<DetectScenesOutput>,
) -> Result<Vec<u8>, CatalogError> {
    match &report.output.looks_key {
        Some(key) => Ok(catalog.store.get(&ObjectRef::new(&ingest.bucket, key), None).await?.into()),
        None => Ok(Vec::new()),
    }
}

/// Stores a failure. The first of an attempt stays: what follows it (the map that stops because a chunk
/// failed) says less.
pub(crate) async fn fail(
    catalog: &Catalog,
    ingest: &Ingest,
    error: &CaughtError,
) -> Result<CatalogResponse, CatalogError> {
    let mut session = catalog.database.session().await?;
    let work = begin(&mut session).await?;
    let video = lock(&work, ingest).await?;
    let failed = video.state.on_failure();
    let (Some(state), true) = (failed, video.attempt == ingest.attempt) else { return Ok(withdrawn()) };
    let failure = error.failure(stage_at(video.state), ingest.subject());
    videos::fail(&work, video.number, state, &failure).await?;
    reports::upsert(&work, video.number, None, &failed_report(&failure, ingest.attempt)).await?;
    commit(work).await?;
    Ok(go_on())
}

/// The stage at work in a state: who stopped without saying why.
fn stage_at(state: VideoState) -> Stage {
    match state {
        VideoState::New | VideoState::Downloading => Stage::Download,
        VideoState::Downloaded => Stage::Probe,
        VideoState::Preprocessing => Stage::Preprocess,
        _ => Stage::DetectScenes,
    }
}

/// The report of a stage that failed and so made none itself.
pub(crate) fn failed_report(failure: &Failure, attempt: u32) -> reports::Report {
    StageReport {
        stage: failure.stage,
        subject: failure.subject.clone(),
        attempt,
        started_at: OffsetDateTime::now_utc(),
        duration_ms: 0,
        outcome: Outcome::Failed,
        output: serde_json::json!({ "class": failure.class, "sentence": failure.sentence, "detail": failure.detail }),
        metrics: BTreeMap::new(),
        tools: BTreeMap::new(),
    }
}

async fn lock(work: &Work<'_>, ingest: &Ingest) -> Result<VideoRow, CatalogError> {
    videos::lock(work, ingest.video).await?.ok_or_else(|| CatalogError::Unknown(ingest.subject()))
}

pub(crate) fn output<T: DeserializeOwned>(report: &reports::Report) -> Result<T, CatalogError> {
    serde_json::from_value(report.output.clone()).map_err(|source| CatalogError::Output { stage: report.stage, source })
}

fn untyped(report: &StageReport<DetectScenesOutput>) -> Result<reports::Report, CatalogError> {
    serde_json::to_value(report)
        .and_then(serde_json::from_value)
        .map_err(|source| CatalogError::Output { stage: report.stage, source })
}
