//! What the parts of the join have in common: where everything lies.

use crate::{AssembleError, flow::AT_ONCE};
use futures::{StreamExt, TryStreamExt, future::BoxFuture, stream};
use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    contract::{Ingest, SourceObject, SourceRole},
    keys::{ChunkKeys, IngestKeys},
    plan::{Chunk, Source},
};
use heaters_media::{Tools, index::Index, join::IndexJoin};
use heaters_runtime::Scratch;
use std::{io, ops::Range};

#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub store: &'a dyn ObjectStore,
    pub tools: &'a Tools,
    pub scratch: &'a Scratch,
    pub ingest: &'a Ingest,
    pub source: &'a Source,
    pub plan: &'a [Chunk],
}

impl Job<'_> {
    pub fn keys(&self) -> IngestKeys {
        self.ingest.keys()
    }

    pub fn object(&self, key: String) -> ObjectRef {
        ObjectRef::new(&self.ingest.bucket, key)
    }

    /// An object of each chunk, in the order of the plan.
    pub fn of_chunks(&self, key: impl Fn(&ChunkKeys) -> String) -> Vec<ObjectRef> {
        self.plan.iter().map(|chunk| self.object(key(&self.keys().chunk(chunk.index)))).collect()
    }

    /// What a closure makes of each of the objects, with some requests under way at once.
    pub async fn each<'o, T: Send>(
        &self,
        objects: &'o [ObjectRef],
        work: impl Fn(u32, &'o ObjectRef) -> BoxFuture<'o, Result<T, AssembleError>>,
    ) -> Result<Vec<T>, AssembleError> {
        let work: Vec<_> = self.plan.iter().zip(objects).map(|(chunk, object)| work(chunk.index, object)).collect();
        stream::iter(work).buffered(AT_ONCE).try_collect().await
    }

    /// Stores a file of the scratch folder.
    pub async fn put_file(&self, name: &str, key: String, content_type: &str) -> Result<(), AssembleError> {
        Ok(self.store.put_file(&self.object(key), &self.scratch.file(name), content_type).await?)
    }

    /// The object whose picture serves as the proxy's, where one does.
    pub fn reused(&self) -> Result<Option<&SourceObject>, AssembleError> {
        if !self.source.reusable {
            return Ok(None);
        }
        let picture = self.ingest.source.iter().find(|object| object.role != SourceRole::Sound);
        picture.map(Some).ok_or(AssembleError::NoPicture)
    }
}

pub(crate) fn file_error(name: &str) -> impl FnOnce(io::Error) -> AssembleError {
    let name = name.to_owned();
    move |source| AssembleError::File { name, source }
}

/// The proxy's picture before it is one object: its index, and the objects that its bytes lie in.
pub(crate) struct Picture {
    pub index: Index,
    /// How many frames each chunk has.
    pub frames: Vec<u32>,
    /// Which bytes of the proxy are which object, whole and in order.
    pub media: Vec<(Range<u64>, ObjectRef)>,
}

impl Picture {
    /// Reads the indexes of all chunks and proves that they follow one another.
    pub async fn read(job: &Job<'_>) -> Result<Self, AssembleError> {
        let objects = job.of_chunks(ChunkKeys::index);
        let store = job.store;
        let load = |chunk, object| {
            Box::pin(async move {
                let bytes = store.get(object, None).await?;
                Index::decode(&bytes).map_err(|source| AssembleError::Index { chunk, source })
            }) as BoxFuture<'_, Result<Index, AssembleError>>
        };
        let loads: Vec<_> = job.plan.iter().zip(&objects).map(|(chunk, object)| load(chunk.index, object)).collect();
        let mut loads = stream::iter(loads).buffered(AT_ONCE);
        let reused = job.reused()?;
        let (mut join, mut frames, mut media, mut at) = (IndexJoin::default(), Vec::new(), Vec::new(), 0);
        for (chunk, object) in job.plan.iter().zip(job.of_chunks(ChunkKeys::media)) {
            let Some(index) = loads.next().await.transpose()? else { break };
            frames.push(index.head.frames);
            let bytes = index.head.media_bytes;
            if reused.is_some() {
                join.add_in_place(chunk, index)?;
                continue;
            }
            join.add(chunk, index)?;
            media.push((at..at + bytes, object));
            at += bytes;
        }
        let mut index = join.finish()?;
        if let Some(original) = reused {
            media = vec![(0..original.size_bytes, original.into())];
            index.head.media_bytes = original.size_bytes;
        }
        Ok(Self { index, frames, media })
    }

    /// Bytes of the proxy, before it is there.
    pub async fn bytes(&self, store: &dyn ObjectStore, range: Range<u64>) -> Result<bytes::Bytes, StoreError> {
        let found = self.media.iter().find(|(whole, _)| whole.contains(&range.start));
        match found {
            Some((whole, object)) => store.get(object, Some(range.start - whole.start..range.end - whole.start)).await,
            None => Ok(bytes::Bytes::new()),
        }
    }
}
