//! Joins the chunks to the review proxy: one file, one frame index, one thumbnail track, a poster, a storyboard, a
//! waveform and, where one is asked for, the lossless master.
//!
//! Bulk is copied by the storage service or goes through in pieces: memory and scratch disk stay small whatever
//! the video's length.

mod checksums;
mod error;
mod flow;
mod job;
mod master;
mod pictures;
mod sound;

pub use error::AssembleError;
use heaters_aws::{ObjectRef, ObjectStore, Part};
use heaters_domain::{
    contract::{AssembleOutput, Ingest, IngestInput, SourceRole},
    keys::IngestKeys,
    plan::{Chunk, Source},
    settings::MasterMode,
    stage::Done,
    thumbs::RECORD_BYTES,
};
use heaters_media::{
    Tools,
    assembly::frame_rate,
    index::{Index, SoundHead, SoundRecord},
    join, reuse,
    sound::ENCODED_FILE,
    source::Ranged,
};
use heaters_runtime::Scratch;
use job::{Job, Picture};
use std::path::Path;

const SPARE_BYTES: u64 = 64 << 20;
const BINARY: &str = "application/octet-stream";

pub async fn run(
    store: &dyn ObjectStore,
    tools: &Tools,
    scratch_root: &Path,
    input: IngestInput,
) -> Result<Done<AssembleOutput>, AssembleError> {
    let ingest = input.ingest;
    let keys = ingest.keys();
    let object = |key: String| ObjectRef::new(&ingest.bucket, key);
    let source: Source = store.get_json(&object(keys.source())).await?;
    // The index is written last.
    if store.exists(&object(keys.index())).await? {
        let index = Index::decode(&store.get(&object(keys.index()), None).await?)?;
        let has_storyboard = store.exists(&object(keys.storyboard())).await?;
        forget_delta(store, &ingest, &source).await?;
        return Ok(Done::already(output(&index, &ingest, &source, has_storyboard)));
    }
    let plan: Vec<Chunk> = store.get_json(&object(keys.plan())).await?;
    let scratch = Scratch::prepare(scratch_root, scratch_bytes(&ingest, &source, &plan))?;
    let job = Job { store, tools, scratch: &scratch, ingest: &ingest, source: &source, plan: &plan };
    let mut picture = Picture::read(&job).await?;
    // All three end before any of their errors is returned: they work in the same folder.
    let (thumbs, pictures, sound) = tokio::join!(
        pictures::join_thumbs(&job, &picture),
        pictures::make(&job, &picture),
        sound::make(&job, &picture)
    );
    let (has_storyboard, sound) = (pictures?, sound?);
    thumbs?;
    write_proxy(&job, &mut picture, &sound).await?;
    if let Some(encoded) = &sound.encoded {
        store.put(&object(keys.waveform()), encoded.waveform.clone().into(), BINARY).await?;
    }
    if ingest.settings.master == MasterMode::Ffv1 {
        master::join(&job, &picture, sound.lossless).await?;
    }
    checksums::write(&job).await?;
    let index = picture.index;
    store.put(&object(keys.index()), index.encode().into(), BINARY).await?;
    forget_delta(store, &ingest, &source).await?;

    let version = tools.clone();
    let version = tokio::task::spawn_blocking(move || version.version()).await??;
    Ok(Done::completed(output(&index, &ingest, &source, has_storyboard))
        .metric("frames", f64::from(index.head.frames))
        .metric("chunks", plan.len() as f64)
        .metric("proxy_bytes", index.head.media_bytes as f64)
        .metric("sound_dropped", f64::from(u8::from(sound.dropped)))
        .metric("sound_skipped_chunks", f64::from(sound.skipped_chunks))
        .tool("ffmpeg", version))
}

/// Removes the delta by which chunks were read, if there is one: all that was made by it is there and proven.
async fn forget_delta(store: &dyn ObjectStore, ingest: &Ingest, source: &Source) -> Result<(), AssembleError> {
    if source.repackaged.is_some() {
        store.delete(&ObjectRef::new(&ingest.bucket, ingest.keys().repackaged())).await?;
    }
    Ok(())
}

/// Thumbnails compress to half and better. Sound is there encoded and, with a master, without loss.
fn scratch_bytes(ingest: &Ingest, source: &Source, plan: &[Chunk]) -> u64 {
    let frames: u64 = plan.iter().map(|chunk| u64::from(chunk.frames)).sum();
    let thumbs = if plan.len() > 1 { frames * RECORD_BYTES as u64 / 2 } else { 0 };
    let seconds = source.media.duration_seconds.max(0.0) as u64;
    let lossless = if ingest.settings.master == MasterMode::Ffv1 { seconds * 150_000 } else { 0 };
    let sound = seconds * u64::from(ingest.settings.proxy.sound_kbps) * 125;
    let own = ingest.source.iter().filter(|object| object.role == SourceRole::Sound).map(|object| object.size_bytes);
    thumbs + lossless + sound + own.sum::<u64>() + SPARE_BYTES
}

/// Stores the proxy and completes its index.
async fn write_proxy(job: &Job<'_>, picture: &mut Picture, sound: &sound::Sound) -> Result<(), AssembleError> {
    let mut parts = pictures::media_parts(&picture.media);
    let track = sound.encoded.as_ref().map(|encoded| &encoded.track);
    let tail = if job.reused()?.is_none() {
        Some(join::tail(&mut picture.index, track)?)
    } else if let Some((head, records)) = own_sound(job, &picture.index).await? {
        (picture.index.head.sound, picture.index.sound) = (Some(head), records);
        None
    } else {
        track.map(|track| join::tail_of_sound(&mut picture.index, track)).transpose()?
    };
    if let Some(tail) = tail {
        parts.push(Part::Bytes(tail.before.into()));
        parts.extend(tail.sound.map(|range| Part::File(job.scratch.file(ENCODED_FILE), range)));
        parts.push(Part::Bytes(tail.after.into()));
    }
    Ok(job.store.concat(&job.object(job.keys().proxy()), &parts, "video/mp4").await?)
}

/// The sound of a source that serves as the proxy, where it can stay as it is too.
async fn own_sound(job: &Job<'_>, index: &Index) -> Result<Option<(SoundHead, Vec<SoundRecord>)>, AssembleError> {
    let packets = &job.object(job.keys().packets());
    let size = job.store.head(packets).await?.map_or(0, |head| head.size_bytes);
    let table = Ranged::new(size, |range| async move { job.store.get(packets, Some(range)).await });
    Ok(reuse::sound_in_place(&table, &index.head).await?)
}

fn output(index: &Index, ingest: &Ingest, source: &Source, has_storyboard: bool) -> AssembleOutput {
    let keys: IngestKeys = ingest.keys();
    let has_sound = index.head.sound.is_some();
    AssembleOutput {
        frames: index.head.frames,
        fps: frame_rate(index),
        duration_seconds: index.head.duration_seconds(),
        width: index.head.width,
        height: index.head.height,
        has_sound,
        proxy_key: keys.proxy(),
        index_key: keys.index(),
        thumbs_key: keys.thumbs(),
        poster_key: keys.poster(),
        storyboard_key: has_storyboard.then(|| keys.storyboard()),
        waveform_key: has_sound.then(|| keys.waveform()),
        master_key: (ingest.settings.master == MasterMode::Ffv1).then(|| keys.master()),
        reused: source.reusable,
        proxy_bytes: index.head.media_bytes,
    }
}
