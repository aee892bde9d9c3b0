//! Joins the chunks to the review proxy: one file, one frame index, one thumbnail track, and a poster.

mod error;

pub use error::AssembleError;
use error::CutError;
use heaters_aws::{ObjectRef, ObjectStore, Part};
use heaters_domain::{
    contract::{AssembleOutput, Ingest, IngestInput},
    keys::IngestKeys,
    plan::Chunk,
    stage::Done,
    thumbs::{ThumbsReader, ThumbsWriter},
};
use heaters_media::{
    Run, Tools, args,
    assembly::{self, EncodedSound, frame_rate},
    clip,
    index::Index,
    pass,
};
use heaters_runtime::Scratch;
use std::{
    fs::{self, File},
    path::Path,
    time::Duration,
};

const SOUND_DEADLINE: Duration = Duration::from_mins(12);
const POSTER_DEADLINE: Duration = Duration::from_mins(1);
const POSTER_CLIP: &str = "poster.mp4";
/// Where in the video the poster is taken, as a share of its frames.
const POSTER_AT: f64 = 0.25;
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
    // The index is written last.
    if store.exists(&object(keys.index())).await? {
        let index = Index::decode(&store.get(&object(keys.index()), None).await?)?;
        return Ok(Done::already(output(&index, &keys)));
    }

    let chunks = read_chunks(store, &ingest).await?;
    let sound_bytes: u64 = chunks.iter().map(|chunk| chunk.sound_bytes).sum();
    let scratch = Scratch::prepare(scratch_root, 2 * sound_bytes + SPARE_BYTES)?;
    let media: Vec<Part> = chunks.iter().map(|chunk| Part::Object(chunk.media.clone())).collect();
    let (mut index, thumbs) = join(chunks.iter().map(|chunk| (chunk.index.clone(), chunk.thumbs.as_ref())).collect())?;
    let (sound, sound_dropped) = make_sound(store, tools, &scratch, &ingest, &chunks, &index).await?;
    let tail = assembly::finish(&mut index, sound.as_ref())?;
    let encoded = index.encode();
    let written_bytes = (thumbs.len() + tail.len() + encoded.len()) as u64;

    let proxy = object(keys.proxy());
    let parts: Vec<Part> = media.into_iter().chain([Part::Bytes(tail.into())]).collect();
    store.concat(&proxy, &parts, "video/mp4").await?;
    store.put(&object(keys.thumbs()), thumbs.into(), BINARY).await?;
    let poster = make_poster(store, tools, &scratch, &proxy, &index).await?;
    store.put(&object(keys.poster()), poster.into(), "image/jpeg").await?;
    store.put(&object(keys.index()), encoded.into(), BINARY).await?;

    let version = tools.clone();
    let version = tokio::task::spawn_blocking(move || version.version()).await??;
    Ok(Done::completed(output(&index, &keys))
        .metric("frames", f64::from(index.head.frames))
        .metric("chunks", chunks.len() as f64)
        .metric("proxy_bytes", index.head.media_bytes as f64)
        .metric("written_bytes", written_bytes as f64)
        .metric("sound_dropped", f64::from(u8::from(sound_dropped)))
        .tool("ffmpeg", version))
}

fn output(index: &Index, keys: &IngestKeys) -> AssembleOutput {
    AssembleOutput {
        frames: index.head.frames,
        fps: frame_rate(index),
        duration_seconds: index.head.duration_seconds(),
        width: index.head.width,
        height: index.head.height,
        has_sound: index.head.sound.is_some(),
        proxy_key: keys.proxy(),
        index_key: keys.index(),
        thumbs_key: keys.thumbs(),
        poster_key: keys.poster(),
        storyboard_key: None,
        waveform_key: None,
        master_key: None,
        reused: false,
        proxy_bytes: index.head.media_bytes,
    }
}

/// A finished chunk, all but its media.
struct ReadyChunk {
    index: Index,
    thumbs: Vec<u8>,
    media: ObjectRef,
    sound: ObjectRef,
    /// 0 without sound.
    sound_bytes: u64,
}

async fn read_chunks(store: &dyn ObjectStore, ingest: &Ingest) -> Result<Vec<ReadyChunk>, AssembleError> {
    let plan: Vec<Chunk> = store.get_json(&ObjectRef::new(&ingest.bucket, ingest.keys().plan())).await?;
    let mut chunks = Vec::with_capacity(plan.len());
    for chunk in plan {
        let keys = ingest.keys().chunk(chunk.index);
        let object = |key: String| ObjectRef::new(&ingest.bucket, key);
        let sound = object(keys.sound());
        chunks.push(ReadyChunk {
            index: Index::decode(&store.get(&object(keys.index()), None).await?)?,
            thumbs: store.get(&object(keys.thumbs()), None).await?.into(),
            media: object(keys.media()),
            sound_bytes: store.head(&sound).await?.map_or(0, |head| head.size_bytes),
            sound,
        });
    }
    Ok(chunks)
}

/// One index and one thumbnail track of all chunks.
fn join(chunks: Vec<(Index, &[u8])>) -> Result<(Index, Vec<u8>), AssembleError> {
    let (indexes, tracks): (Vec<_>, Vec<_>) = chunks.into_iter().unzip();
    let index = assembly::join(indexes)?;
    let (thumbs, count) = if let [track] = tracks.as_slice() {
        (track.to_vec(), ThumbsReader::new(*track)?.frames())
    } else {
        let mut writer = ThumbsWriter::new()?;
        for track in tracks {
            for thumb in ThumbsReader::new(track)? {
                writer.push(&thumb?)?;
            }
        }
        let count = writer.frames();
        (writer.finish()?, count)
    };
    let frames = index.head.frames;
    if count != frames {
        return Err(AssembleError::ThumbCount { thumbs: count, frames });
    }
    Ok((index, thumbs))
}

/// The encoded sound, and whether there was sound that could not be used: that costs the sound, not the video.
async fn make_sound(
    store: &dyn ObjectStore,
    tools: &Tools,
    scratch: &Scratch,
    ingest: &Ingest,
    chunks: &[ReadyChunk],
    index: &Index,
) -> Result<(Option<EncodedSound>, bool), AssembleError> {
    let with_sound: Vec<_> = chunks.iter().filter(|chunk| chunk.sound_bytes > 0).collect();
    let chunk = match with_sound.as_slice() {
        [] => return Ok((None, false)),
        [chunk] => chunk,
        // NUT files can't be joined byte by byte: the demuxer stops at the second one's header.
        several => return Err(AssembleError::SoundInChunks(several.len())),
    };
    store.get_to_file(&chunk.sound, &scratch.file(args::SOUND_FILE)).await?;
    let (tools, folder, kbps) = (tools.clone(), scratch.path().to_owned(), ingest.settings.proxy.sound_kbps);
    let picture = Index { head: index.head.clone(), frames: Vec::new(), sound: Vec::new() };
    let encoded =
        tokio::task::spawn_blocking(move || pass::encode_sound(&tools, &folder, &picture, kbps, SOUND_DEADLINE));
    match encoded.await? {
        Ok(sound) => Ok((Some(sound), false)),
        Err(error) => {
            tracing::warn!(detail = %heaters_domain::causes(&error), "the sound could not be encoded");
            Ok((None, true))
        }
    }
}

async fn make_poster(
    store: &dyn ObjectStore,
    tools: &Tools,
    scratch: &Scratch,
    proxy: &ObjectRef,
    index: &Index,
) -> Result<Vec<u8>, AssembleError> {
    let frame = index.frames[(f64::from(index.head.frames) * POSTER_AT) as usize];
    let clip = clip::of_frames(&index.head, [frame]).map_err(CutError::from)?;
    let file_error = |name: &'static str| move |source| AssembleError::File { name: name.to_owned(), source };
    let mut file = File::create(scratch.file(POSTER_CLIP)).map_err(file_error(POSTER_CLIP))?;
    clip::write(&clip, &|bytes| store.get(proxy, Some(bytes)), &mut file).await.map_err(CutError::from)?;
    drop(file);
    let (tools, folder) = (tools.clone(), scratch.path().to_owned());
    tokio::task::spawn_blocking(move || {
        let args = args::stills(POSTER_CLIP);
        let run = Run { args: &args, folder: &folder, deadline: POSTER_DEADLINE, subject: "the poster" };
        tools.ffmpeg(&run, |_| Ok(()), |_| ())
    })
    .await??;
    let name = args::still_file(0);
    fs::read(scratch.file(&name)).map_err(|source| AssembleError::File { name, source })
}
