//! What the stages of a publication report. All of them ask first whether the approval still stands.

use crate::{
    Catalog, CatalogError, go_on,
    ingest::{failed_report, output},
    withdrawn,
};
use heaters_aws::ObjectRef;
use heaters_db::{Work, begin, clips, clips::ClipRow, commit, publications, reports, search, videos, videos::VideoRow};
use heaters_domain::{
    ClipState, Stage, VideoState,
    contract::{CatalogResponse, CaughtError, EmbedOutput, ExportOutput, FrameVector, KeyframesOutput, Publication},
};

/// The rows a publication is about, locked.
struct Locked {
    video: VideoRow,
    clip: ClipRow,
}

/// Locks video and clip. `None` when the approval was undone, the video deleted, or a later attempt is at work.
async fn lock(work: &Work<'_>, publication: &Publication) -> Result<Option<Locked>, CatalogError> {
    let unknown = || CatalogError::Unknown(publication.subject());
    let video = videos::lock(work, publication.video).await?.ok_or_else(unknown)?;
    let clip = clips::lock(work, publication.clip).await?.ok_or_else(unknown)?;
    let row = publications::get_version(work, clip.number, publication.version).await?;
    let current = row.is_some_and(|row| row.active && row.attempt == publication.attempt);
    let stands = clip.version == publication.version && current && video.state != VideoState::Deleted;
    Ok(stands.then_some(Locked { video, clip }))
}

pub(crate) async fn begin_publish(
    catalog: &Catalog,
    publication: &Publication,
) -> Result<CatalogResponse, CatalogError> {
    let mut session = catalog.database.session().await?;
    let work = begin(&mut session).await?;
    let Some(locked) = lock(&work, publication).await? else { return Ok(withdrawn()) };
    if !advance(&work, &locked.clip, &[ClipState::ReviewApproved, ClipState::Exporting]).await? {
        return Ok(withdrawn());
    }
    commit(work).await?;
    Ok(go_on())
}

/// Stores a report and moves the clip on.
pub(crate) async fn record(
    catalog: &Catalog,
    publication: &Publication,
    report: &reports::Report,
) -> Result<CatalogResponse, CatalogError> {
    // Read before the rows are locked.
    let vectors = match report.stage {
        Stage::Embed => Some(read_vectors(catalog, publication, report).await?),
        _ => None,
    };
    let mut session = catalog.database.session().await?;
    let work = begin(&mut session).await?;
    let Some(locked) = lock(&work, publication).await? else { return Ok(withdrawn()) };
    reports::upsert(&work, locked.video.number, Some(locked.clip.number), report).await?;
    if !advance(&work, &locked.clip, path_of(report.stage)?).await? {
        return Ok(withdrawn());
    }
    store(&work, &locked, report, vectors).await?;
    let response = match report.stage {
        Stage::Embed => published(&work, &locked.video, catalog).await?,
        _ => go_on(),
    };
    commit(work).await?;
    Ok(response)
}

fn path_of(stage: Stage) -> Result<&'static [ClipState], CatalogError> {
    use ClipState::{Embedded, Embedding, Exported, Exporting, Keyframed, Keyframing};
    match stage {
        Stage::Export => Ok(&[Exporting, Exported, Keyframing]),
        Stage::Keyframes => Ok(&[Keyframing, Keyframed, Embedding]),
        Stage::Embed => Ok(&[Embedding, Embedded]),
        Stage::Archive => Ok(&[Embedded]),
        stage => Err(CatalogError::Misplaced { stage }),
    }
}

/// Moves a clip along a path from where it stands; `false` when it is not on it.
async fn advance(work: &Work<'_>, clip: &ClipRow, path: &[ClipState]) -> Result<bool, CatalogError> {
    let Some(at) = path.iter().position(|state| *state == clip.state) else { return Ok(false) };
    for state in &path[at + 1..] {
        clips::set_state(work, clip.number, *state).await?;
    }
    Ok(true)
}

struct Vectors {
    model: String,
    vectors: Vec<FrameVector>,
}

async fn read_vectors(
    catalog: &Catalog,
    publication: &Publication,
    report: &reports::Report,
) -> Result<Vectors, CatalogError> {
    let EmbedOutput { model, vectors_key, .. } = output(report)?;
    let vectors = catalog.store.get_json(&ObjectRef::new(&publication.bucket, vectors_key)).await?;
    Ok(Vectors { model, vectors })
}

async fn store(
    work: &Work<'_>,
    locked: &Locked,
    report: &reports::Report,
    vectors: Option<Vectors>,
) -> Result<(), CatalogError> {
    let ClipRow { number, version, .. } = locked.clip;
    match report.stage {
        Stage::Export => {
            publications::store_export(work, number, version, &output::<ExportOutput>(report)?).await?;
        }
        Stage::Keyframes => {
            let found: KeyframesOutput = output(report)?;
            search::store_keyframes(work, number, version, &found.keyframes).await?;
        }
        Stage::Embed => {
            if let Some(Vectors { model, vectors }) = vectors {
                search::store_vectors(work, number, version, &model, &vectors).await?;
            }
            publications::mark_published(work, number, version).await?;
        }
        Stage::Archive => videos::mark_archived(work, locked.video.number).await?,
        _ => {}
    }
    Ok(())
}

/// The answer after the last stage: whether this was the last clip that the original was kept at hand for.
async fn published(work: &Work<'_>, video: &VideoRow, catalog: &Catalog) -> Result<CatalogResponse, CatalogError> {
    let archive_due = video.original_archived_at.is_none() && clips::all_finished(work, video.number).await?;
    let ingest = archive_due.then(|| video.ingest(&catalog.media_bucket));
    Ok(CatalogResponse { archive_due, ingest, ..go_on() })
}

/// Stores a failure; the first of an attempt stays.
pub(crate) async fn fail(
    catalog: &Catalog,
    publication: &Publication,
    error: &CaughtError,
) -> Result<CatalogResponse, CatalogError> {
    let mut session = catalog.database.session().await?;
    let work = begin(&mut session).await?;
    let Some(locked) = lock(&work, publication).await? else { return Ok(withdrawn()) };
    let stage = match locked.clip.state {
        ClipState::Exported | ClipState::Keyframing => Stage::Keyframes,
        ClipState::Keyframed | ClipState::Embedding => Stage::Embed,
        ClipState::Embedded => Stage::Archive,
        _ => Stage::Export,
    };
    let failure = error.failure(stage, publication.subject());
    let report = failed_report(&failure, publication.attempt);
    reports::upsert(&work, locked.video.number, Some(locked.clip.number), &report).await?;
    // A published clip stays published when only moving the original to the archive failed.
    if let Some(state) = locked.clip.state.on_failure() {
        clips::fail(&work, locked.clip.number, state, &failure).await?;
    }
    commit(work).await?;
    Ok(go_on())
}
