//! Makes one chunk of the review proxy, its thumbnails, tiles and sound, and its part of the frame index, in one
//! decode.

mod drain;
mod error;
mod fetch;
mod outputs;
mod space;

pub use error::PreprocessError;

use fetch::{Fetch, Fetched, stored};
use heaters_aws::{MultipartStore, ObjectRef, ObjectStore, tell_progress};
use heaters_domain::{
    contract::{ChunkInput, ChunkProgress, Ingest, PreprocessOutput, ReadRange, SourceObject, SourceRole},
    keys::ChunkKeys,
    plan::{Chunk, Repackaged, Source},
    settings::MasterMode,
    stage::Done,
};
use heaters_media::{
    Tools,
    index::{HEAD_BYTES, Head},
    pass::{self, Pass, Reused},
    source::{
        self, LOCAL_FILE, Local, ReadAt,
        delta::Readable,
        piped::{self, Pipe},
    },
};
use heaters_runtime::{Room, Scratch, ScratchError};
use outputs::Outputs;
use std::time::Duration;
use tokio::sync::watch;

/// Below Lambda's limit of 15 minutes, so that the failure is ours and says what it is.
const DEADLINE: Duration = Duration::from_mins(14);

pub async fn run(
    parts_store: &dyn MultipartStore,
    tools: &Tools,
    room: impl Into<Room<'_>>,
    input: ChunkInput,
) -> Result<Done<PreprocessOutput>, PreprocessError> {
    let store: &dyn ObjectStore = parts_store;
    let ChunkInput { ingest, chunk } = input;
    let keys = ingest.keys().chunk(chunk.index);
    // The index is written last.
    if let Some(output) = finished(store, &ingest, &chunk, &keys).await? {
        return Ok(Done::already(output));
    }
    let source: Source = store.get_json(&ObjectRef::new(&ingest.bucket, ingest.keys().source())).await?;
    let original = ingest.source.iter().find(|object| object.role != SourceRole::Sound);
    let original = original.ok_or(PreprocessError::NoPicture)?;
    let object = stored(store, original);
    let delta = source.repackaged.as_ref().map(|copy| stored(store, &delta_object(&ingest, copy)));
    let picture = Readable::open(&object, delta.as_ref()).await?;
    let (scratch, piped) = prepare(room.into(), &source, &chunk, &ingest, picture.size())?;
    let fetch = Fetch { store, ingest: &ingest, picture: &picture, source: &source, chunk: &chunk };
    let Fetched { mut local, parts, reused } = fetch.run(&scratch, piped).await?;
    let (pipe, reader) = piped::pipe();

    let (report, progress) = watch::channel(0);
    let work = Work {
        tools: tools.clone(),
        folder: scratch.path().to_owned(),
        source,
        chunk: chunk.clone(),
        local: local.clone(),
        pipe: piped.then_some(pipe),
        reused,
        ingest: ingest.clone(),
    };
    let work = tokio::task::spawn_blocking(move || {
        work.run(|frames| {
            // Nobody listens once the invocation is over.
            let _ = report.send(frames);
        })
    });
    let mut outputs = Outputs::new(parts_store, &ingest.bucket, &keys, &scratch);
    let progress_key = ObjectRef::new(&ingest.bucket, keys.progress());
    let frames = || {
        let frames_done = *progress.borrow();
        ChunkProgress { frames_done, frames_expected: chunk.frames.max(frames_done) }
    };
    // Outputs are followed until the work ends.
    let work_goes_on = async { tokio::join!(reader.serve(&picture, &parts), outputs.follow(&progress)) };
    let (served, followed) = tokio::select! {
        ended = work_goes_on => ended,
        never = tell_progress(store, &progress_key, frames) => match never {},
    };
    let done = work.await.map_err(PreprocessError::from).flatten();
    // Where the source could not be read or the outputs not stored, what became of the work follows from it.
    let done = served.map_err(PreprocessError::from).and_then(|read| Ok((read, followed?, done?)));
    let (made, version) = match done {
        Ok((read, (), done)) => {
            local.read.extend(read);
            done
        }
        Err(error) => {
            outputs.abandon().await;
            return Err(error);
        }
    };
    let (read_bytes, read) = match &picture {
        Readable::Source(_) => {
            let read_bytes = local.read.iter().map(|span| span.range.end - span.range.start).sum();
            (read_bytes, read_ranges(original.role, &local))
        }
        // What the original has is known since it was copied.
        Readable::Copy(copy) => (copy.read_bytes(), Vec::new()),
    };

    let frames = made.index.head.frames;
    let metrics = [
        ("frames", f64::from(frames)),
        ("read_bytes", read_bytes as f64),
        ("decoder_complaints", f64::from(made.complaints)),
        ("undecodable", f64::from(made.undecodable)),
        ("sound_dropped", f64::from(u8::from(made.sound_dropped))),
    ];
    let output = output(&ingest, &chunk, &keys, frames, made.has_sound, read);
    let written_bytes = outputs.write(made, &output).await?;
    store.put_json(&progress_key, &ChunkProgress { frames_done: frames, frames_expected: frames }).await?;
    let done = Done::completed(output).tool("ffmpeg", version).metric("written_bytes", written_bytes as f64);
    Ok(metrics.into_iter().fold(done, |done, (name, value)| done.metric(name, value)))
}

/// A scratch folder, and whether the source is to come through a pipe, since there is no room for it or it would take
/// much.
fn prepare(
    room: Room<'_>,
    source: &Source,
    chunk: &Chunk,
    ingest: &Ingest,
    size_bytes: u64,
) -> Result<(Scratch, bool), ScratchError> {
    let (made, read) = (space::made(source, chunk, &ingest.settings), space::read(source, chunk, size_bytes));
    let can_be_piped = piped::can_be_piped(source, chunk);
    if can_be_piped && read > piped::MOST_STORED_BYTES {
        return Ok((Scratch::prepare(room, made)?, true));
    }
    match Scratch::prepare(room, made.saturating_add(read)) {
        Err(ScratchError::NoSpace { .. }) if can_be_piped => Ok((Scratch::prepare(room, made)?, true)),
        scratch => Ok((scratch?, false)),
    }
}

/// The output of a run that ended before.
async fn finished(
    store: &dyn ObjectStore,
    ingest: &Ingest,
    chunk: &Chunk,
    keys: &ChunkKeys,
) -> Result<Option<PreprocessOutput>, PreprocessError> {
    let object = |key: String| ObjectRef::new(&ingest.bucket, key);
    if !store.exists(&object(keys.index())).await? {
        return Ok(None);
    }
    let head = Head::decode(&store.get(&object(keys.index()), Some(0..HEAD_BYTES)).await?)?;
    let has_sound = store.exists(&object(keys.sound())).await?;
    let read = store.get_json(&object(keys.read())).await?;
    Ok(Some(output(ingest, chunk, keys, head.frames, has_sound, read)))
}

fn delta_object(ingest: &Ingest, copy: &Repackaged) -> SourceObject {
    SourceObject {
        role: SourceRole::Picture,
        bucket: ingest.bucket.clone(),
        key: ingest.keys().repackaged(),
        version: None,
        size_bytes: copy.delta_bytes,
    }
}

fn read_ranges(role: SourceRole, local: &Local) -> Vec<ReadRange> {
    let range = |span: &source::Span| ReadRange {
        role,
        start: span.range.start,
        end: span.range.end,
        sha256: span.sha256.clone(),
    };
    local.read.iter().map(range).collect()
}

fn output(
    ingest: &Ingest,
    chunk: &Chunk,
    keys: &ChunkKeys,
    frames: u32,
    has_sound: bool,
    read: Vec<ReadRange>,
) -> PreprocessOutput {
    PreprocessOutput {
        chunk: chunk.index,
        frames,
        media_key: keys.media(),
        index_key: keys.index(),
        thumbs_key: keys.thumbs(),
        sound_key: has_sound.then(|| keys.sound()),
        master_key: (ingest.settings.master == MasterMode::Ffv1).then(|| keys.master()),
        read,
    }
}

/// The blocking part.
struct Work {
    tools: Tools,
    folder: std::path::PathBuf,
    source: Source,
    chunk: Chunk,
    local: Local,
    pipe: Option<Pipe>,
    reused: Option<Reused>,
    ingest: Ingest,
}

impl Work {
    fn run(&self, on_progress: impl FnMut(u32) + Send) -> Result<(pass::Chunk, String), PreprocessError> {
        let settings = &self.ingest.settings;
        let pass = Pass {
            source: &self.source,
            settings: &settings.proxy,
            chunk: &self.chunk,
            local: &self.local,
            file: LOCAL_FILE,
            master: settings.master == MasterMode::Ffv1,
            reused: self.reused.as_ref(),
        };
        let made = pass::run_piped(&self.tools, &self.folder, &pass, self.pipe.as_ref(), DEADLINE, on_progress)?;
        Ok((made, self.tools.version()?))
    }
}
