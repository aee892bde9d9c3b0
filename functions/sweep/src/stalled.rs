//! Work under way whose execution is gone: it goes on with a new attempt, a bounded number of times.

use crate::{BATCH, Sweep, SweepError, SweepOutput};
use heaters_aws::{ExecutionStatus, execution_arn};
use heaters_db::{Work, begin, clips, commit, outbox, publications, videos, videos::VideoRow};
use heaters_domain::{ClipState, ErrorClass, Failure, Stage, Subject, VideoState, contract::IngestStart};

enum Resumed {
    Again,
    GivenUp,
    /// It went on by itself meanwhile.
    Moved,
}

impl Resumed {
    fn count(&self, output: &mut SweepOutput) {
        match self {
            Self::Again => output.resumed += 1,
            Self::GivenUp => output.given_up += 1,
            Self::Moved => {}
        }
    }
}

pub(crate) async fn resume_videos(sweep: &Sweep, output: &mut SweepOutput) -> Result<(), SweepError> {
    let session = sweep.database.session().await?;
    let found = videos::stalled(&session, sweep.settings.grace_seconds, BATCH).await?;
    drop(session);
    for video in found {
        let derived = || {
            let name = outbox::ingest_execution(video.id, video.attempt);
            execution_arn(&sweep.settings.ingest_machine, &name)
        };
        let execution = video.execution.clone().unwrap_or_else(derived);
        if sweep.workflows.status(&execution).await? != ExecutionStatus::Running {
            resume_video(sweep, &video).await?.count(output);
        }
    }
    Ok(())
}

async fn resume_video(sweep: &Sweep, seen: &VideoRow) -> Result<Resumed, SweepError> {
    let mut session = sweep.database.session().await?;
    let work = begin(&mut session).await?;
    let video = videos::lock(&work, seen.id).await?;
    let Some(video) = video.filter(|now| (now.attempt, now.updated_at) == (seen.attempt, seen.updated_at)) else {
        return Ok(Resumed::Moved);
    };
    let Some(failed) = video.state.on_failure() else { return Ok(Resumed::Moved) };
    let failure = interrupted(stage_of_video(video.state), Subject::video(video.id), video.attempt);
    // By way of the failed state: there is no other way back to the start.
    videos::fail(&work, video.number, failed, &failure).await?;
    if video.attempt < sweep.settings.max_attempts {
        let attempt = videos::restart(&work, video.number).await?;
        outbox::ask_for_ingest(&work, IngestStart { video: video.id, attempt }).await?;
        return finish(work, Resumed::Again).await;
    }
    finish(work, Resumed::GivenUp).await
}

pub(crate) async fn resume_clips(sweep: &Sweep, output: &mut SweepOutput) -> Result<(), SweepError> {
    let session = sweep.database.session().await?;
    let found = clips::stalled(&session, sweep.settings.grace_seconds, BATCH).await?;
    for clip in found {
        let Some(publication) = publications::get_version(&session, clip.number, clip.version).await? else {
            continue;
        };
        let name = outbox::publish_execution(clip.id, clip.version, publication.attempt);
        let execution = execution_arn(&sweep.settings.publish_machine, &name);
        if sweep.workflows.status(&execution).await? != ExecutionStatus::Running {
            resume_clip(sweep, &clip, publication.attempt).await?.count(output);
        }
    }
    Ok(())
}

async fn resume_clip(sweep: &Sweep, seen: &clips::ClipRow, attempt: u32) -> Result<Resumed, SweepError> {
    let mut session = sweep.database.session().await?;
    let work = begin(&mut session).await?;
    videos::lock(&work, seen.video_id).await?;
    let Some(clip) = clips::lock(&work, seen.id).await? else { return Ok(Resumed::Moved) };
    let publication = publications::get_version(&work, clip.number, clip.version).await?;
    let unmoved = (clip.state, clip.version) == (seen.state, seen.version);
    let same_attempt = publication.is_some_and(|row| row.active && row.attempt == attempt);
    let (Some(failed), true) = (clip.state.on_failure(), unmoved && same_attempt) else {
        return Ok(Resumed::Moved);
    };
    let subject = Subject { video: Some(clip.video_id), clip: Some(clip.id), version: Some(clip.version), chunk: None };
    let failure = interrupted(stage_of_clip(clip.state), subject, attempt);
    clips::fail(&work, clip.number, failed, &failure).await?;
    if attempt < sweep.settings.max_attempts {
        let publication = publications::restart(&work, clip.number, clip.version).await?.payload;
        clips::approve_again(&work, clip.number).await?;
        outbox::ask_for_publications(&work, &[publication]).await?;
        return finish(work, Resumed::Again).await;
    }
    finish(work, Resumed::GivenUp).await
}

async fn finish(work: Work<'_>, resumed: Resumed) -> Result<Resumed, SweepError> {
    commit(work).await?;
    Ok(resumed)
}

fn stage_of_video(state: VideoState) -> Stage {
    match state {
        VideoState::New | VideoState::Downloading => Stage::Download,
        VideoState::Downloaded => Stage::Probe,
        VideoState::Preprocessing => Stage::Preprocess,
        _ => Stage::DetectScenes,
    }
}

fn stage_of_clip(state: ClipState) -> Stage {
    match state {
        ClipState::Exported | ClipState::Keyframing => Stage::Keyframes,
        ClipState::Keyframed | ClipState::Embedding => Stage::Embed,
        _ => Stage::Export,
    }
}

fn interrupted(stage: Stage, subject: Subject, attempts: u32) -> Failure {
    Failure {
        class: ErrorClass::Transient,
        stage,
        subject,
        sentence: format!(
            "The work was interrupted in {attempts} attempts. Retry it; if it stops again, tell an operator."
        ),
        detail: "the execution stopped, or was never started, without recording an end".to_owned(),
    }
}
