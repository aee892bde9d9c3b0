//! The bytes of a chunk: on the scratch disk, or to come through a pipe.

use crate::PreprocessError;
use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    contract::{Ingest, SourceObject, SourceRole},
    plan::{Chunk, Reading, Source},
};
use heaters_media::{
    pass::{PassError, Reused},
    source::{self, Local, Part, Ranged, ReadAt, piped, table::TableHead},
};
use heaters_runtime::Scratch;

/// An object that is read by ranges.
pub fn stored<'a>(store: &'a dyn ObjectStore, object: &SourceObject) -> impl ReadAt<Error = StoreError> + use<'a> {
    let stored = ObjectRef::from(object);
    Ranged::new(object.size_bytes, move |range| {
        let stored = stored.clone();
        async move { store.get(&stored, Some(range)).await }
    })
}

/// What is needed to read a chunk.
pub struct Fetch<'a, R> {
    pub store: &'a dyn ObjectStore,
    pub ingest: &'a Ingest,
    pub picture: &'a R,
    pub source: &'a Source,
    pub chunk: &'a Chunk,
}

/// How a chunk is read.
pub struct Fetched {
    pub local: Local,
    /// What has yet to come through a pipe.
    pub parts: Vec<Part>,
    pub reused: Option<Reused>,
}

impl<R: ReadAt<Error = StoreError>> Fetch<'_, R> {
    /// Brings the chunk's bytes to the scratch disk or, where it has no room for them, says what is to come through a
    /// pipe.
    pub async fn run(&self, scratch: &Scratch, piped: bool) -> Result<Fetched, PreprocessError> {
        let Self { store, ingest, picture, source, chunk } = *self;
        let listed = &ObjectRef::new(&ingest.bucket, ingest.keys().packets());
        let needs_table = source.reusable || matches!(chunk.reading, Reading::Samples { .. });
        let table_bytes = if needs_table { store.head(listed).await?.map_or(0, |head| head.size_bytes) } else { 0 };
        let table = Ranged::new(table_bytes, |range| async move { store.get(listed, Some(range)).await });
        let (local, parts) = if piped {
            piped::open(picture, &table, source, chunk).await?
        } else {
            (source::fetch(picture, &table, scratch.path(), source, chunk).await?, Vec::new())
        };
        let reused = if source.reusable { Some(reused(&table, chunk).await?) } else { None };
        Ok(Fetched { local: self.without_foreign_sound(local), parts, reused })
    }

    /// Sound of an object of its own is the join's business.
    fn without_foreign_sound(&self, local: Local) -> Local {
        let apart = self.ingest.source.iter().any(|object| object.role == SourceRole::Sound);
        Local { sound: local.sound.filter(|_| !apart), ..local }
    }
}

/// Where the source's own frames lie.
async fn reused<T: ReadAt<Error = StoreError>>(table: &T, chunk: &Chunk) -> Result<Reused, PreprocessError> {
    let head = TableHead::read(table).await?;
    let packets = match &chunk.reading {
        Reading::Samples { picture, .. } => picture.clone(),
        Reading::Whole { .. } | Reading::Slice { .. } => 0..head.picture.packets,
    };
    let stsd = head.picture_track().map_err(PassError::from)?.stsd;
    Ok(Reused { stsd, records: head.read_picture(table, packets).await? })
}
