//! The MP4 of a range of the proxy for a browser: no decode, no encode. Its header and which bytes of the proxy
//! follow it are all that a browser needs; for one that can't put them together the file is made.

use base64::{Engine, engine::general_purpose::STANDARD};
use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    Fault, Told,
    contract::{ByteRange, PlaybackInput, PlaybackOutput},
    index::Slice,
    keys::{self, IngestKeys},
    stage::Done,
};
use heaters_media::{clip, index};
use heaters_runtime::{Scratch, ScratchError};
use std::{fs::File, io, path::Path};

const FILE: &str = "clip.mp4";

type CutError = clip::CutError<StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum PlaybackError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error(transparent)]
    Cut(#[from] CutError),
    #[error("the clip's file can't be made")]
    File(#[source] io::Error),
}

impl Fault for PlaybackError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Store(error) => Told::By(error),
            Self::Scratch(error) => Told::By(error),
            Self::Cut(error) => Told::By(error),
            Self::File(_) => Told::scratch(),
        }
    }
}

/// The tag by which the media bucket's lifecycle rule in `infra/template.yaml` forgets playback files.
pub const PLAYBACK_TAG: (&str, &str) = ("heaters-kind", "playback");

pub async fn run(
    store: &dyn ObjectStore,
    scratch_root: &Path,
    input: PlaybackInput,
) -> Result<Done<PlaybackOutput>, PlaybackError> {
    let PlaybackInput { video, range, bucket, prefix, as_file } = input;
    let keys = IngestKeys(prefix);
    let (index, proxy) = (ObjectRef::new(&bucket, keys.index()), ObjectRef::new(&bucket, keys.proxy()));
    let slice = index::read_slice(&|bytes| store.get(&index, Some(bytes)), range).await.map_err(CutError::from)?;
    let clip = clip::of_slice(&slice).map_err(CutError::from)?;
    let mut output = described(&slice, &clip);
    if !as_file {
        return Ok(Done::completed(output).metric("frames", f64::from(clip.frames)));
    }
    let key = keys::playback(video, range);
    let target = ObjectRef::new(&bucket, &key);
    output.key = Some(key);
    if store.head(&target).await?.is_some() {
        return Ok(Done::already(output));
    }
    let scratch = Scratch::prepare(scratch_root, clip.size_bytes())?;
    let path = scratch.file(FILE);
    let mut file = File::create(&path).map_err(PlaybackError::File)?;
    clip::write(&clip, &|bytes| store.get(&proxy, Some(bytes)), &mut file).await.map_err(CutError::from)?;
    drop(file);
    store.put_file(&target, &path, "video/mp4").await?;
    store.tag(&target, &[PLAYBACK_TAG]).await?;
    Ok(Done::completed(output).metric("frames", f64::from(clip.frames)))
}

fn described(slice: &Slice, clip: &clip::Clip) -> PlaybackOutput {
    let first = slice.frames.first().map_or(0, |frame| frame.pts);
    let from_first = |pts: i64| u64::try_from(pts - first).unwrap_or(0);
    PlaybackOutput {
        key: None,
        frames: clip.frames,
        size_bytes: clip.size_bytes(),
        header: STANDARD.encode(&clip.header),
        pieces: clip.pieces.iter().map(|piece| ByteRange { start: piece.start, end: piece.end }).collect(),
        time_base: slice.head.time_base,
        pts: slice.frames.iter().map(|frame| from_first(frame.pts)).collect(),
        end: from_first(slice.end_pts),
        start_in_proxy: u64::try_from(first - slice.head.start_pts).unwrap_or(0),
    }
}
