//! Examines a source and plans its chunks.

mod error;
mod plan;
mod repackage;
mod stored;

pub use error::ProbeError;

use heaters_aws::{MultipartStore, ObjectRef, ObjectStore, tell_progress};
use heaters_domain::{
    contract::{Ingest, IngestInput, ProbeOutput, ReadProgress, SourceRole},
    plan::{Chunk, Source},
    stage::Done,
};
use heaters_media::{Tools, probe, source, source::ReadAt};
use heaters_runtime::{Room, Scratch};
use plan::{Examination, Plan};
use repackage::Copying;
use stored::Stored;

/// The sound's file; it has a name of ours, since ffmpeg would take hints from the uploader's.
const SOUND: &str = "sound";

pub async fn run(
    store: &dyn MultipartStore,
    tools: &Tools,
    room: impl Into<Room<'_>>,
    input: IngestInput,
) -> Result<Done<ProbeOutput>, ProbeError> {
    let ingest = input.ingest;
    let keys = ingest.keys();
    let object = |key: String| ObjectRef::new(&ingest.bucket, key);
    if let Some(output) = finished(store, &ingest).await? {
        return Ok(Done::already(output));
    }
    let (plan, read_bytes) = examine(store, tools, room.into(), &ingest).await?;
    let store: &dyn ObjectStore = store;
    let version = {
        let tools = tools.clone();
        tokio::task::spawn_blocking(move || tools.version()).await??
    };
    let Plan { source, chunks, table, missing_packets } = plan;
    store.put_json(&object(keys.source()), &source).await?;
    if let Some(table) = table {
        store.put(&object(keys.packets()), table.into(), "application/octet-stream").await?;
    }
    store.put_json(&object(keys.plan()), &chunks).await?;
    let class = format!("class_{}", source.class);
    let (packets, count) = (source.media.packets, chunks.len() as u32);
    let delta_bytes = source.repackaged.as_ref().map_or(0, |copy| copy.delta_bytes);
    let output = ProbeOutput { plan_key: keys.plan(), chunks: count, media: source.media };
    Ok(Done::completed(output)
        .metric("read_bytes", read_bytes as f64)
        .metric("delta_bytes", delta_bytes as f64)
        .metric("packets", f64::from(packets))
        .metric("missing_packets", f64::from(missing_packets))
        .metric("chunks", f64::from(count))
        .metric(&class, 1.0)
        .tool("ffmpeg", version))
}

/// The output of a run that ended before.
async fn finished(store: &dyn ObjectStore, ingest: &Ingest) -> Result<Option<ProbeOutput>, ProbeError> {
    let keys = ingest.keys();
    let object = |key: String| ObjectRef::new(&ingest.bucket, key);
    // The plan is written last.
    if !store.exists(&object(keys.plan())).await? {
        return Ok(None);
    }
    let source: Source = store.get_json(&object(keys.source())).await?;
    // Once all is joined nobody reads the delta any more.
    if source.repackaged.is_some()
        && !store.exists(&object(keys.repackaged())).await?
        && !store.exists(&object(keys.index())).await?
    {
        return Ok(None);
    }
    let chunks: Vec<Chunk> = store.get_json(&object(keys.plan())).await?;
    Ok(Some(ProbeOutput { plan_key: keys.plan(), chunks: chunks.len() as u32, media: source.media }))
}

/// The plan, and how many bytes of the source were read for it.
async fn examine(
    store: &dyn MultipartStore,
    tools: &Tools,
    room: Room<'_>,
    ingest: &Ingest,
) -> Result<(Plan, u64), ProbeError> {
    let find = |is_sound: bool| ingest.source.iter().find(|source| (source.role == SourceRole::Sound) == is_sound);
    let object = find(false).ok_or(ProbeError::NoSource)?;
    let picture = Stored::find(store, object).await?;
    let sound = match find(true) {
        Some(source) => Some(Stored::find(store, source).await?),
        None => None,
    };
    let examination =
        Examination { tools: tools.clone(), settings: ingest.settings.clone(), sound_apart: sound.is_some() };
    let copying =
        Copying { store, target: ObjectRef::new(&ingest.bucket, ingest.keys().repackaged()), role: object.role };
    let progress = ObjectRef::new(&ingest.bucket, ingest.keys().read_progress());
    let reading = || ReadProgress { bytes_done: picture.read_bytes(), bytes_expected: picture.size() };
    let mut plan = tokio::select! {
        plan = examination.plan(&picture, room, &copying) => plan?,
        never = tell_progress(store, &progress, reading) => match never {},
    };
    let mut read_bytes = picture.read_bytes();
    if let Some(sound) = &sound {
        plan.source.sound = sound_stream(tools, sound, room).await?;
        plan.source.media.has_sound = plan.source.sound.is_some();
        read_bytes += sound.read_bytes();
    }
    Ok((plan, read_bytes))
}

/// The stream to take of an object that holds sound alone.
async fn sound_stream(tools: &Tools, sound: &Stored<'_>, room: Room<'_>) -> Result<Option<u32>, ProbeError> {
    let scratch = Scratch::prepare(room, plan::OUTLINE_BYTES)?;
    let path = scratch.file(SOUND);
    if plan::is_indexed(sound).await? {
        source::walk(sound, &path).await?;
    } else {
        source::ends(sound, &path).await?;
    }
    let (tools, folder) = (tools.clone(), scratch.path().to_owned());
    Ok(tokio::task::spawn_blocking(move || probe::examine_sound(&tools, &folder, SOUND)).await??)
}
