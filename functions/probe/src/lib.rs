//! Examines a source and plans its chunks.

use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    ErrorClass,
    contract::{IngestInput, ProbeOutput, SourceRole},
    plan::{self, Chunk, Clock, Source},
    stage::Done,
};
use heaters_media::{ProbeError as MediaError, RunError, Tools, probe};
use heaters_runtime::{Scratch, ScratchError, StageError};
use std::path::Path;

/// What the scratch disk needs beyond the source itself.
const SPARE_BYTES: u64 = 16 << 20;
/// Files get names of ours: ffmpeg would take hints from the uploader's.
const PICTURE: &str = "picture";
const SOUND: &str = "sound";

#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error(transparent)]
    Source(#[from] MediaError),
    #[error(transparent)]
    Tool(#[from] RunError),
    #[error("the ingest names no object with a picture")]
    NoSource,
    #[error("the examination was broken off")]
    Stopped(#[from] tokio::task::JoinError),
}

impl StageError for ProbeError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Store(error) => error.class(),
            Self::Scratch(error) => error.class(),
            Self::Source(error) => error.class(),
            Self::Tool(error) => error.class(),
            Self::NoSource | Self::Stopped(_) => ErrorClass::Internal,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Store(StoreError::NotFound { .. }) => {
                "The uploaded file is gone from storage. Upload it again.".to_owned()
            }
            Self::Store(error) => error.sentence(),
            Self::Scratch(error) => error.sentence(),
            Self::Source(error) => error.sentence(),
            Self::Tool(error) => error.sentence(),
            Self::NoSource | Self::Stopped(_) => "The video could not be examined. Retry it.".to_owned(),
        }
    }
}

pub async fn run(
    store: &dyn ObjectStore,
    tools: &Tools,
    scratch_root: &Path,
    input: IngestInput,
) -> Result<Done<ProbeOutput>, ProbeError> {
    let ingest = input.ingest;
    let keys = ingest.keys();
    let (source_key, plan_key) =
        (ObjectRef::new(&ingest.bucket, keys.source()), ObjectRef::new(&ingest.bucket, keys.plan()));
    // The plan is written last.
    if store.exists(&plan_key).await? {
        let (source, chunks): (Source, Vec<Chunk>) =
            (store.get_json(&source_key).await?, store.get_json(&plan_key).await?);
        let output = ProbeOutput { plan_key: keys.plan(), chunks: chunks.len() as u32, media: source.media };
        return Ok(Done::already(output));
    }

    let needed: u64 = ingest.source.iter().map(|source| source.size_bytes).sum();
    let scratch = Scratch::prepare(scratch_root, needed + SPARE_BYTES)?;
    let (mut has_picture, mut has_sound, mut read_bytes) = (false, false, 0);
    for source in &ingest.source {
        let is_sound = source.role == SourceRole::Sound;
        has_sound |= is_sound;
        has_picture |= !is_sound;
        let path = scratch.file(if is_sound { SOUND } else { PICTURE });
        read_bytes += store.get_to_file(&source.into(), &path).await?;
    }
    if !has_picture {
        return Err(ProbeError::NoSource);
    }
    let source = {
        let (tools, folder) = (tools.clone(), scratch.path().to_owned());
        tokio::task::spawn_blocking(move || examine(&tools, &folder, has_sound)).await??
    };
    let chunks = plan::whole(source.media.packets, Clock::Source);
    store.put_json(&source_key, &source).await?;
    let media = source.media;
    store.put_json(&plan_key, &chunks).await?;

    let version = {
        let tools = tools.clone();
        tokio::task::spawn_blocking(move || tools.version()).await??
    };
    let (packets, chunk_count) = (media.packets, chunks.len() as u32);
    let output = ProbeOutput { plan_key: keys.plan(), chunks: chunk_count, media };
    Ok(Done::completed(output)
        .metric("read_bytes", read_bytes as f64)
        .metric("packets", f64::from(packets))
        .tool("ffmpeg", version))
}

fn examine(tools: &Tools, folder: &Path, has_sound_file: bool) -> Result<Source, MediaError> {
    let mut source = probe::examine(tools, folder, PICTURE)?;
    if has_sound_file {
        source.sound = probe::examine_sound(tools, folder, SOUND)?;
        source.media.has_sound = source.sound.is_some();
    }
    source.media.packets = probe::count_packets(tools, folder, PICTURE, source.picture)?;
    Ok(source)
}
