//! Makes one chunk of the review proxy, its thumbnails and its part of the frame index, in one decode.

use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    ErrorClass,
    contract::{ChunkInput, ChunkProgress, PreprocessOutput, SourceRole},
    keys::ChunkKeys,
    plan::Source,
    settings::ProxySettings,
    stage::Done,
};
use heaters_media::{
    ProbeError, RunError, Tools,
    args::{self, Pass},
    index::{HEAD_BYTES, Head, IndexError},
    pass::{self, PassError},
    probe,
};
use heaters_runtime::{Scratch, ScratchError, StageError};
use std::{path::Path, time::Duration};
use tokio::{sync::watch, time::MissedTickBehavior};

const PICTURE: &str = "picture";
const SOUND: &str = "sound";
/// Below Lambda's limit of 15 minutes, so that the failure is ours and says what it is.
const DEADLINE: Duration = Duration::from_mins(14);
const PROGRESS_EVERY: Duration = Duration::from_secs(1);
/// What a second of proxy may take on the scratch disk, and what the rest may.
const PROXY_BYTES_A_SECOND: f64 = 1_250_000.0;
const SPARE_BYTES: u64 = 32 << 20;

#[derive(Debug, thiserror::Error)]
pub enum PreprocessError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error(transparent)]
    Source(#[from] ProbeError),
    #[error(transparent)]
    Tool(#[from] RunError),
    #[error(transparent)]
    Pass(#[from] PassError),
    #[error("the finished chunk's index can't be read")]
    Index(#[from] IndexError),
    #[error("the work was broken off")]
    Stopped(#[from] tokio::task::JoinError),
}

impl StageError for PreprocessError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Store(error) => error.class(),
            Self::Scratch(error) => error.class(),
            Self::Source(error) => error.class(),
            Self::Tool(error) => error.class(),
            Self::Pass(error) => error.class(),
            Self::Index(error) => error.class(),
            Self::Stopped(_) => ErrorClass::Internal,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Store(error) => error.sentence(),
            Self::Scratch(error) => error.sentence(),
            Self::Source(error) => error.sentence(),
            Self::Tool(error) => error.sentence(),
            Self::Pass(error) => error.sentence(),
            Self::Index(error) => error.sentence(),
            Self::Stopped(_) => "The video could not be prepared for review. Retry it.".to_owned(),
        }
    }
}

pub async fn run(
    store: &dyn ObjectStore,
    tools: &Tools,
    scratch_root: &Path,
    input: ChunkInput,
) -> Result<Done<PreprocessOutput>, PreprocessError> {
    let ChunkInput { ingest, chunk } = input;
    let keys = ingest.keys().chunk(chunk.index);
    let object = |key: String| ObjectRef::new(&ingest.bucket, key);
    // The index is written last.
    if store.exists(&object(keys.index())).await? {
        let head = Head::decode(&store.get(&object(keys.index()), Some(0..HEAD_BYTES)).await?)?;
        let has_sound = store.exists(&object(keys.sound())).await?;
        return Ok(Done::already(output(chunk.index, head.frames, &keys, has_sound)));
    }

    let media = store.get_json::<Source>(&object(ingest.keys().source())).await?.media;
    let source_bytes: u64 = ingest.source.iter().map(|source| source.size_bytes).sum();
    let proxy_bytes = (media.duration_seconds.max(0.0) * PROXY_BYTES_A_SECOND) as u64;
    let scratch = Scratch::prepare(scratch_root, source_bytes + proxy_bytes + SPARE_BYTES)?;
    let mut read_bytes = 0;
    for source in &ingest.source {
        let name = if source.role == SourceRole::Sound { SOUND } else { PICTURE };
        read_bytes += store.get_to_file(&source.into(), &scratch.file(name)).await?;
    }

    let (report, progress) = watch::channel(0);
    let work = {
        let (tools, folder, settings) = (tools.clone(), scratch.path().to_owned(), ingest.settings.proxy.clone());
        let first = chunk.index == 0;
        tokio::task::spawn_blocking(move || {
            make(&tools, &folder, &settings, first, |frames| {
                // Nobody listens once the invocation is over.
                let _ = report.send(frames);
            })
        })
    };
    let progress_key = object(keys.progress());
    tell_progress(store, &progress_key, progress, chunk.frames).await;
    let (made, version) = work.await??;

    let frames = made.index.head.frames;
    let index = made.index.encode();
    let mut written_bytes = (index.len() + made.thumbs.len()) as u64 + made.index.head.media_bytes;
    let (media_key, thumbs_key) = (object(keys.media()), object(keys.thumbs()));
    store.put_file(&media_key, &scratch.file(args::PICTURE_FILE), "application/octet-stream").await?;
    store.put(&thumbs_key, made.thumbs.into(), "application/octet-stream").await?;
    if made.has_sound {
        let file = scratch.file(args::SOUND_FILE);
        written_bytes += tokio::fs::metadata(&file).await.map_or(0, |file| file.len());
        store.put_file(&object(keys.sound()), &file, "application/octet-stream").await?;
    }
    store.put(&object(keys.index()), index.into(), "application/octet-stream").await?;
    store.put_json(&progress_key, &ChunkProgress { frames_done: frames, frames_expected: frames }).await?;
    Ok(Done::completed(output(chunk.index, frames, &keys, made.has_sound))
        .metric("frames", f64::from(frames))
        .metric("read_bytes", read_bytes as f64)
        .metric("written_bytes", written_bytes as f64)
        .metric("decoder_complaints", f64::from(made.complaints))
        .metric("sound_dropped", f64::from(u8::from(made.sound_dropped)))
        .tool("ffmpeg", version))
}

fn output(chunk: u32, frames: u32, keys: &ChunkKeys, has_sound: bool) -> PreprocessOutput {
    PreprocessOutput {
        chunk,
        frames,
        media_key: keys.media(),
        index_key: keys.index(),
        thumbs_key: keys.thumbs(),
        sound_key: has_sound.then(|| keys.sound()),
        master_key: None,
        read: Vec::new(),
    }
}

/// The blocking part: the header again, for the streams to take, then the pass.
fn make(
    tools: &Tools,
    folder: &Path,
    settings: &ProxySettings,
    first: bool,
    on_progress: impl FnMut(u32) + Send,
) -> Result<(pass::Chunk, String), PreprocessError> {
    let source = probe::examine(tools, folder, PICTURE)?;
    let sound = if folder.join(SOUND).exists() {
        probe::examine_sound(tools, folder, SOUND)?.map(|stream| (SOUND, stream))
    } else {
        source.sound.map(|stream| (PICTURE, stream))
    };
    let pass = Pass { source: &source, picture_file: PICTURE, sound, settings };
    let made = pass::run(tools, folder, &pass, first, DEADLINE, on_progress)?;
    Ok((made, tools.version()?))
}

/// Writes how far the work is, until it ends and drops the sender.
async fn tell_progress(store: &dyn ObjectStore, key: &ObjectRef, mut progress: watch::Receiver<u32>, expected: u32) {
    let mut clock = tokio::time::interval(PROGRESS_EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    clock.tick().await;
    while progress.changed().await.is_ok() {
        let frames_done = *progress.borrow_and_update();
        let told = ChunkProgress { frames_done, frames_expected: expected.max(frames_done) };
        if let Err(error) = store.put_json(key, &told).await {
            // Progress is a courtesy: the work goes on without.
            tracing::warn!(%error, "the progress could not be written");
        }
        tokio::select! {
            _ = clock.tick() => {}
            () = ended(&progress) => break,
        }
    }
}

async fn ended(progress: &watch::Receiver<u32>) {
    let mut progress = progress.clone();
    while progress.changed().await.is_ok() {}
}
