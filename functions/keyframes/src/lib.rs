//! Makes a clip's stills: at a quarter, half and three quarters of its frames, and in its middle.

use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    Fault, Frame, FrameRange, Told,
    contract::{Keyframe, KeyframesOutput, PublicationInput},
    keys::ClipKeys,
    stage::Done,
};
use heaters_media::{Run, RunError, Tools, args, clip, index};
use heaters_runtime::{Scratch, ScratchError};
use std::{collections::BTreeMap, fs, fs::File, io, path::Path, time::Duration};

const CLIP: &str = "keyframes.mp4";
const DEADLINE: Duration = Duration::from_mins(2);
const SPARE_BYTES: u64 = 32 << 20;
/// The strategies' shares of the clip, with the tag that the search knows them by.
const STRATEGIES: [(&str, f64); 4] = [("multi_25", 0.25), ("multi_50", 0.5), ("multi_75", 0.75), ("midpoint", 0.5)];

type CutError = clip::CutError<StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum KeyframesError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error(transparent)]
    Cut(#[from] CutError),
    #[error(transparent)]
    Tool(#[from] RunError),
    #[error("the scratch file {name} can't be used")]
    File { name: String, source: io::Error },
    #[error("the work was broken off")]
    Stopped(#[from] tokio::task::JoinError),
}

impl Fault for KeyframesError {
    fn told(&self) -> Told<'_> {
        let not_made = "The clip's stills could not be made. Retry it.";
        match self {
            Self::Store(error) => Told::By(error),
            Self::Scratch(error) => Told::By(error),
            Self::Cut(error) => Told::By(error),
            Self::Tool(error) => Told::Own(error.class(), not_made.into()),
            Self::File { .. } => Told::scratch(),
            Self::Stopped(_) => Told::internal(not_made),
        }
    }
}

pub async fn run(
    store: &dyn ObjectStore,
    tools: &Tools,
    scratch_root: &Path,
    input: PublicationInput,
) -> Result<Done<KeyframesOutput>, KeyframesError> {
    let publication = input.publication;
    let keyframes = choose(publication.range, &publication.keys());
    let object = |key: &str| ObjectRef::new(&publication.bucket, key);
    if all_exist(store, keyframes.iter().map(|keyframe| object(&keyframe.key))).await? {
        return Ok(Done::already(KeyframesOutput { keyframes }));
    }

    let keys = publication.ingest_keys();
    let (index, proxy) = (object(&keys.index()), object(&keys.proxy()));
    let fetch_index = |bytes| store.get(&index, Some(bytes));
    let slice = index::read_slice(&fetch_index, publication.range).await.map_err(CutError::from)?;
    let frames = keyframes.iter().map(|keyframe| slice.frames[(keyframe.frame - slice.range.start) as usize]);
    let clip = clip::of_frames(&slice.head, frames).map_err(CutError::from)?;
    let scratch = Scratch::prepare(scratch_root, clip.size_bytes() + SPARE_BYTES)?;
    let file_error = |name: &str| {
        let name = name.to_owned();
        move |source| KeyframesError::File { name, source }
    };
    let mut file = File::create(scratch.file(CLIP)).map_err(file_error(CLIP))?;
    clip::write(&clip, &|bytes| store.get(&proxy, Some(bytes)), &mut file).await.map_err(CutError::from)?;
    drop(file);
    let version = decode(tools, &scratch).await?;

    let mut written_bytes = 0;
    for (number, keyframe) in keyframes.iter().enumerate() {
        let name = args::still_file(number);
        let still = fs::read(scratch.file(&name)).map_err(file_error(&name))?;
        written_bytes += still.len();
        store.put_once(&object(&keyframe.key), still.into(), "image/jpeg").await?;
    }
    let count = keyframes.len() as f64;
    Ok(Done::completed(KeyframesOutput { keyframes })
        .metric("frames", count)
        .metric("read_bytes", clip.size_bytes() as f64)
        .metric("written_bytes", written_bytes as f64)
        .tool("ffmpeg", version))
}

/// The frames that the strategies take, each once, in order.
fn choose(range: FrameRange, keys: &ClipKeys) -> Vec<Keyframe> {
    let mut chosen = BTreeMap::<Frame, Vec<String>>::new();
    for (tag, share) in STRATEGIES {
        chosen.entry(range.frame_at(share)).or_default().push(tag.to_owned());
    }
    chosen.into_iter().map(|(frame, tags)| Keyframe { frame, key: keys.keyframe(frame), tags }).collect()
}

async fn all_exist(store: &dyn ObjectStore, objects: impl Iterator<Item = ObjectRef>) -> Result<bool, StoreError> {
    for object in objects {
        if !store.exists(&object).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn decode(tools: &Tools, scratch: &Scratch) -> Result<String, KeyframesError> {
    let (tools, folder) = (tools.clone(), scratch.path().to_owned());
    let work = move || {
        let args = args::stills(CLIP);
        let run = Run { args: &args, folder: &folder, deadline: DEADLINE, subject: "a clip's stills" };
        tools.ffmpeg(&run, |_| Ok(()), |_| ())?;
        tools.version()
    };
    Ok(tokio::task::spawn_blocking(work).await??)
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_domain::{ClipId, VideoId};

    #[test]
    fn frames_that_coincide_are_one_still_with_all_tags() {
        let keys = ClipKeys::new(VideoId::generate(), ClipId::generate(), 1);
        let one = choose(FrameRange { start: 7, end: 8 }, &keys);
        assert_eq!((one.len(), one[0].frame, one[0].tags.len()), (1, 7, 4));
        let usual = choose(FrameRange { start: 100, end: 200 }, &keys);
        let frames: Vec<_> = usual.iter().map(|keyframe| keyframe.frame).collect();
        assert_eq!(frames, [125, 150, 175]);
        assert_eq!(usual[1].tags, ["multi_50", "midpoint"]);
    }
}
