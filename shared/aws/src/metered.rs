use crate::{
    Validity,
    store::{ObjectHead, ObjectRef, ObjectStore, Part, StoreError, StoredVersion},
};
use async_trait::async_trait;
use bytes::Bytes;
use std::{
    ops::Range,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// Counts the bytes that go through a store. What the store copies on its own side does not count.
#[derive(Debug)]
pub struct Metered<S> {
    store: S,
    read: AtomicU64,
    written: AtomicU64,
}

impl<S> Metered<S> {
    pub fn new(store: S) -> Self {
        Self { store, read: AtomicU64::new(0), written: AtomicU64::new(0) }
    }

    /// The bytes read so far.
    pub fn read_bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The bytes written so far.
    pub fn written_bytes(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    pub(crate) fn store(&self) -> &S {
        &self.store
    }

    pub(crate) fn wrote(&self, bytes: u64) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }
}

#[async_trait]
impl<S: ObjectStore> ObjectStore for Metered<S> {
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectHead>, StoreError> {
        self.store.head(object).await
    }

    async fn get(&self, object: &ObjectRef, range: Option<Range<u64>>) -> Result<Bytes, StoreError> {
        let body = self.store.get(object, range).await?;
        self.read.fetch_add(body.len() as u64, Ordering::Relaxed);
        Ok(body)
    }

    async fn get_to_file(&self, object: &ObjectRef, path: &Path) -> Result<u64, StoreError> {
        let size = self.store.get_to_file(object, path).await?;
        self.read.fetch_add(size, Ordering::Relaxed);
        Ok(size)
    }

    async fn put(&self, object: &ObjectRef, body: Bytes, content_type: &str) -> Result<(), StoreError> {
        self.wrote(body.len() as u64);
        self.store.put(object, body, content_type).await
    }

    async fn put_file(&self, object: &ObjectRef, path: &Path, content_type: &str) -> Result<(), StoreError> {
        self.wrote(tokio::fs::metadata(path).await.map_or(0, |file| file.len()));
        self.store.put_file(object, path, content_type).await
    }

    async fn put_once(&self, object: &ObjectRef, body: Bytes, content_type: &str) -> Result<bool, StoreError> {
        let size = body.len() as u64;
        let wrote = self.store.put_once(object, body, content_type).await?;
        self.wrote(if wrote { size } else { 0 });
        Ok(wrote)
    }

    async fn concat(&self, object: &ObjectRef, parts: &[Part], content_type: &str) -> Result<(), StoreError> {
        for part in parts {
            match part {
                Part::Bytes(bytes) => self.wrote(bytes.len() as u64),
                Part::File(_, range) => self.wrote(range.end - range.start),
                Part::Object(_) | Part::Range(..) => {}
            }
        }
        self.store.concat(object, parts, content_type).await
    }

    async fn delete(&self, object: &ObjectRef) -> Result<(), StoreError> {
        self.store.delete(object).await
    }

    async fn delete_all(&self, bucket: &str, keys: &[String]) -> Result<(), StoreError> {
        self.store.delete_all(bucket, keys).await
    }

    async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.store.list(bucket, prefix).await
    }

    async fn list_versions(&self, bucket: &str) -> Result<Vec<StoredVersion>, StoreError> {
        self.store.list_versions(bucket).await
    }

    async fn tag(&self, object: &ObjectRef, tags: &[(&str, &str)]) -> Result<(), StoreError> {
        self.store.tag(object, tags).await
    }

    async fn presign_get(&self, object: &ObjectRef, valid: &Validity) -> Result<String, StoreError> {
        self.store.presign_get(object, valid).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DirStore;

    #[tokio::test]
    async fn what_is_moved_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let store = Metered::new(DirStore::new(folder.path()));
        let object = ObjectRef::new("b", "k");
        store.put(&object, "12345".into(), "text/plain").await.unwrap();
        assert!(!store.put_once(&object, "123".into(), "text/plain").await.unwrap());
        store.get(&object, Some(1..3)).await.unwrap();
        store.get_to_file(&object, &folder.path().join("copy")).await.unwrap();
        let parts = [Part::Object(object.clone()), Part::Bytes("67".into())];
        store.concat(&ObjectRef::new("b", "joined"), &parts, "text/plain").await.unwrap();
        assert_eq!((store.read_bytes(), store.written_bytes()), (7, 7));
    }
}
