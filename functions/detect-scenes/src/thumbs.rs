//! The thumbnails of a video on the scratch disk: a long video's are too large for the memory, and they are read
//! thrice.

use crate::{DetectScenesError, looks};
use futures::{StreamExt, TryStreamExt, future::BoxFuture, stream};
use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{contract::Ingest, plan::Chunk, scenes::ScoreTrack};
use heaters_runtime::Scratch;
use heaters_vision::VisionError;
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
};

/// How many requests are under way at once.
const AT_ONCE: usize = 16;

pub(crate) struct Thumbs {
    prefix: String,
    files: Vec<PathBuf>,
    /// Holds the files, and removes them.
    _scratch: Scratch,
}

impl Thumbs {
    pub(crate) async fn fetch(
        store: &dyn ObjectStore,
        root: &Path,
        ingest: &Ingest,
    ) -> Result<Self, DetectScenesError> {
        let tracks = tracks(store, ingest).await?;
        let scratch = Scratch::prepare(root, tracks.iter().map(|(_, size_bytes)| size_bytes).sum())?;
        let files: Vec<PathBuf> = (0..tracks.len()).map(|number| scratch.file(&format!("thumbs-{number}"))).collect();
        let loads: Vec<BoxFuture<'_, _>> = tracks
            .iter()
            .zip(&files)
            .map(|((object, _), file)| Box::pin(store.get_to_file(object, file)) as _)
            .collect();
        stream::iter(loads).buffer_unordered(AT_ONCE).try_for_each(|_| async { Ok(()) }).await?;
        Ok(Self { prefix: ingest.prefix.clone(), files, _scratch: scratch })
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The score track, made on all cores.
    pub(crate) async fn scores(&self) -> Result<ScoreTrack, DetectScenesError> {
        let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.work(move |files| heaters_vision::score_files(files, cores)).await
    }

    /// The look track.
    pub(crate) async fn looks(&self) -> Result<Vec<u8>, DetectScenesError> {
        self.work(|files| looks::of_frames(files).map_err(VisionError::Thumbs)).await
    }

    /// Does something with the files that takes a while.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&[PathBuf]) -> Result<T, VisionError> + Send + 'static,
    ) -> Result<T, DetectScenesError> {
        let files = self.files.clone();
        let result = tokio::task::spawn_blocking(move || work(&files)).await;
        let prefix = || self.prefix.clone();
        let result = result.map_err(|source| DetectScenesError::Stopped { prefix: prefix(), source })?;
        result.map_err(|source| DetectScenesError::Vision { prefix: prefix(), source })
    }
}

/// The thumbnail tracks that make up the video, and their sizes in bytes.
async fn tracks(store: &dyn ObjectStore, ingest: &Ingest) -> Result<Vec<(ObjectRef, u64)>, DetectScenesError> {
    let keys = ingest.keys();
    let object = |key: String| ObjectRef::new(&ingest.bucket, key);
    let joined = object(keys.thumbs());
    if let Some(head) = store.head(&joined).await? {
        return Ok(vec![(joined, head.size_bytes)]);
    }
    let plan: Vec<Chunk> = store.get_json(&object(keys.plan())).await?;
    let sizes: Vec<BoxFuture<'_, _>> =
        plan.iter().map(|chunk| Box::pin(with_size(store, object(keys.chunk(chunk.index).thumbs()))) as _).collect();
    Ok(stream::iter(sizes).buffered(AT_ONCE).try_collect().await?)
}

async fn with_size(store: &dyn ObjectStore, object: ObjectRef) -> Result<(ObjectRef, u64), StoreError> {
    match store.head(&object).await? {
        Some(head) => Ok((object, head.size_bytes)),
        None => Err(StoreError::NotFound { object }),
    }
}
