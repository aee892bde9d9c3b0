//! Objects that come in parts, over several processes if need be: what is stored of one outlives whoever stores it.

use crate::{
    dir::DirStore,
    metered::Metered,
    s3::{S3Store, failed},
    store::{ObjectRef, ObjectStore, Part, StoreError},
};
use async_trait::async_trait;
use aws_sdk_s3::types::CompletedPart;
use bytes::Bytes;

/// A part that is stored. Numbers count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    pub number: u32,
    pub etag: String,
    pub size_bytes: u64,
}

/// Parts are of 5 MiB and more, but for the last.
#[async_trait]
pub trait MultipartStore: ObjectStore {
    /// Begins an object and returns the upload's id.
    async fn begin_parts(&self, object: &ObjectRef, content_type: &str) -> Result<String, StoreError>;

    /// Stores a part; one of the same number is replaced.
    async fn put_part(&self, object: &ObjectRef, upload: &str, number: u32, body: Bytes) -> Result<(), StoreError>;

    /// The parts that are stored, in order; `None` where there is no such upload.
    async fn list_parts(&self, object: &ObjectRef, upload: &str) -> Result<Option<Vec<StoredPart>>, StoreError>;

    /// Makes the object of these parts.
    async fn finish_parts(&self, object: &ObjectRef, upload: &str, parts: &[StoredPart]) -> Result<(), StoreError>;

    /// Forgets the parts.
    async fn abort_parts(&self, object: &ObjectRef, upload: &str) -> Result<(), StoreError>;
}

/// An object on its way to storage, in parts that come in any order.
pub struct Upload<'a> {
    store: &'a dyn MultipartStore,
    object: ObjectRef,
    id: String,
}

impl<'a> Upload<'a> {
    pub async fn begin(
        store: &'a dyn MultipartStore,
        object: ObjectRef,
        content_type: &str,
    ) -> Result<Self, StoreError> {
        let id = store.begin_parts(&object, content_type).await?;
        Ok(Self { store, object, id })
    }

    /// Stores a part; numbers count from 1.
    pub async fn put(&self, number: u32, body: Bytes) -> Result<(), StoreError> {
        self.store.put_part(&self.object, &self.id, number, body).await
    }

    /// Makes the object, once all of its parts are known to be there.
    pub async fn finish(self, parts: u32) -> Result<(), StoreError> {
        let stored = self.store.list_parts(&self.object, &self.id).await?.unwrap_or_default();
        if stored.len() == parts as usize {
            return self.store.finish_parts(&self.object, &self.id, &stored).await;
        }
        let detail = format!("{} of {parts} parts are there", stored.len());
        let error = StoreError::Service { operation: "join", object: self.object.clone(), detail };
        self.abort().await;
        Err(error)
    }

    /// Forgets what is stored. What can't be forgotten goes by the bucket's rule.
    pub async fn abort(self) {
        if let Err(error) = self.store.abort_parts(&self.object, &self.id).await {
            tracing::warn!(%error, object = %self.object, "the parts of an upload could not be removed");
        }
    }
}

#[async_trait]
impl MultipartStore for S3Store {
    async fn begin_parts(&self, object: &ObjectRef, content_type: &str) -> Result<String, StoreError> {
        self.begin(object, content_type).await
    }

    async fn put_part(&self, object: &ObjectRef, upload: &str, number: u32, body: Bytes) -> Result<(), StoreError> {
        self.upload_part(object, upload, number as i32, body.into()).await.map(drop)
    }

    async fn list_parts(&self, object: &ObjectRef, upload: &str) -> Result<Option<Vec<StoredPart>>, StoreError> {
        let mut parts = Vec::new();
        let mut marker = None;
        loop {
            let call = self.client().list_parts().bucket(&object.bucket).key(&object.key).upload_id(upload);
            let page = match call.set_part_number_marker(marker).send().await {
                Ok(page) => page,
                Err(error) => {
                    use aws_sdk_s3::error::ProvideErrorMetadata;
                    let gone = error.code() == Some("NoSuchUpload");
                    return if gone { Ok(None) } else { Err(failed("part listing", object, &error)) };
                }
            };
            parts.extend(page.parts.unwrap_or_default().into_iter().map(|part| StoredPart {
                number: part.part_number.unwrap_or_default() as u32,
                etag: part.e_tag.unwrap_or_default(),
                size_bytes: part.size.unwrap_or_default() as u64,
            }));
            match page.next_part_number_marker {
                Some(next) if page.is_truncated == Some(true) => marker = Some(next),
                _ => return Ok(Some(parts)),
            }
        }
    }

    async fn finish_parts(&self, object: &ObjectRef, upload: &str, parts: &[StoredPart]) -> Result<(), StoreError> {
        let completed = parts
            .iter()
            .map(|part| CompletedPart::builder().part_number(part.number as i32).e_tag(part.etag.clone()).build());
        self.complete(object, upload, completed.collect()).await
    }

    async fn abort_parts(&self, object: &ObjectRef, upload: &str) -> Result<(), StoreError> {
        let call = self.client().abort_multipart_upload().bucket(&object.bucket).key(&object.key).upload_id(upload);
        call.send().await.map(drop).map_err(|error| failed("abort of an upload", object, &error))
    }
}

/// Parts are objects of a bucket of their own until they are joined.
impl DirStore {
    fn part(upload: &str, number: u32) -> ObjectRef {
        ObjectRef::new(".uploads", format!("{upload}/{number:05}"))
    }
}

#[async_trait]
impl MultipartStore for DirStore {
    async fn begin_parts(&self, object: &ObjectRef, _content_type: &str) -> Result<String, StoreError> {
        let upload = format!("{}-{}", object.key.replace('/', "-"), heaters_domain::VideoId::generate());
        self.put(&Self::part(&upload, 0), Bytes::new(), "").await?;
        Ok(upload)
    }

    async fn put_part(&self, _object: &ObjectRef, upload: &str, number: u32, body: Bytes) -> Result<(), StoreError> {
        self.put(&Self::part(upload, number), body, "").await
    }

    async fn list_parts(&self, _object: &ObjectRef, upload: &str) -> Result<Option<Vec<StoredPart>>, StoreError> {
        let mut parts = Vec::new();
        for key in self.list(".uploads", &format!("{upload}/")).await? {
            let number = key.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or_default();
            if let Some(head) = self.head(&ObjectRef::new(".uploads", &key)).await? {
                parts.push(StoredPart { number, etag: head.etag, size_bytes: head.size_bytes });
            }
        }
        // Part 0 stands for the upload.
        Ok(if parts.is_empty() { None } else { Some(parts.split_off(1)) })
    }

    async fn finish_parts(&self, object: &ObjectRef, upload: &str, parts: &[StoredPart]) -> Result<(), StoreError> {
        let joined: Vec<Part> = parts.iter().map(|part| Part::Object(Self::part(upload, part.number))).collect();
        self.concat(object, &joined, "").await?;
        self.abort_parts(object, upload).await
    }

    async fn abort_parts(&self, _object: &ObjectRef, upload: &str) -> Result<(), StoreError> {
        for key in self.list(".uploads", &format!("{upload}/")).await? {
            self.delete(&ObjectRef::new(".uploads", key)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl<S: MultipartStore> MultipartStore for Metered<S> {
    async fn begin_parts(&self, object: &ObjectRef, content_type: &str) -> Result<String, StoreError> {
        self.store().begin_parts(object, content_type).await
    }

    async fn put_part(&self, object: &ObjectRef, upload: &str, number: u32, body: Bytes) -> Result<(), StoreError> {
        self.wrote(body.len() as u64);
        self.store().put_part(object, upload, number, body).await
    }

    async fn list_parts(&self, object: &ObjectRef, upload: &str) -> Result<Option<Vec<StoredPart>>, StoreError> {
        self.store().list_parts(object, upload).await
    }

    async fn finish_parts(&self, object: &ObjectRef, upload: &str, parts: &[StoredPart]) -> Result<(), StoreError> {
        self.store().finish_parts(object, upload, parts).await
    }

    async fn abort_parts(&self, object: &ObjectRef, upload: &str) -> Result<(), StoreError> {
        self.store().abort_parts(object, upload).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn parts_outlive_whoever_stores_them() {
        let folder = tempfile::tempdir().unwrap();
        let object = ObjectRef::new("media", "videos/1/source/both");
        let first = DirStore::new(folder.path());
        let upload = first.begin_parts(&object, "video/mp4").await.unwrap();
        first.put_part(&object, &upload, 1, "abc".into()).await.unwrap();
        first.put_part(&object, &upload, 2, "???".into()).await.unwrap();
        let second = DirStore::new(folder.path());
        second.put_part(&object, &upload, 2, "de".into()).await.unwrap();
        let parts = second.list_parts(&object, &upload).await.unwrap().unwrap();
        assert_eq!(parts.iter().map(|part| (part.number, part.size_bytes)).collect::<Vec<_>>(), [(1, 3), (2, 2)]);
        second.finish_parts(&object, &upload, &parts).await.unwrap();
        assert_eq!(second.get(&object, None).await.unwrap(), "abcde");
        assert_eq!(second.list_parts(&object, &upload).await.unwrap(), None);
    }
}
