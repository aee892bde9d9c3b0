//! A source's objects in storage.

use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::contract::SourceObject;
use heaters_media::source::{ReadAt, SourceError};
use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
};

/// An object that is read by ranges.
pub struct Stored<'a> {
    store: &'a dyn ObjectStore,
    object: ObjectRef,
    size_bytes: u64,
    read_bytes: AtomicU64,
}

impl<'a> Stored<'a> {
    /// Looks the object up: what an upload's event said of its size need not hold any more.
    pub async fn find(store: &'a dyn ObjectStore, source: &SourceObject) -> Result<Self, StoreError> {
        let object = ObjectRef::from(source);
        match store.head(&object).await? {
            Some(head) => Ok(Self::of(store, object, head.size_bytes)),
            None => Err(StoreError::NotFound { object }),
        }
    }

    /// An object of a known size.
    pub fn of(store: &'a dyn ObjectStore, object: ObjectRef, size_bytes: u64) -> Self {
        Self { store, object, size_bytes, read_bytes: AtomicU64::new(0) }
    }

    /// How much was read so far.
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes.load(Ordering::Relaxed)
    }

    /// Brings all of it to a file.
    pub async fn download(&self, path: &std::path::Path) -> Result<(), StoreError> {
        let bytes = self.store.get_to_file(&self.object, path).await?;
        self.read_bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }
}

impl ReadAt for Stored<'_> {
    type Error = StoreError;

    fn size(&self) -> u64 {
        self.size_bytes
    }

    async fn read_at(&self, range: Range<u64>) -> Result<Vec<u8>, SourceError<StoreError>> {
        let bytes = self.store.get(&self.object, Some(range)).await.map_err(SourceError::Fetch)?;
        self.read_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(bytes.into())
    }
}
