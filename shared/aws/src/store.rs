use crate::Validity;
use async_trait::async_trait;
use bytes::Bytes;
use heaters_domain::{Fault, Told};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    ops::Range,
    path::{Path, PathBuf},
};

/// Where an object lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    pub bucket: String,
    pub key: String,
    pub version: Option<String>,
}

impl ObjectRef {
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self { bucket: bucket.into(), key: key.into(), version: None }
    }
}

impl From<&heaters_domain::contract::SourceObject> for ObjectRef {
    fn from(source: &heaters_domain::contract::SourceObject) -> Self {
        Self { bucket: source.bucket.clone(), key: source.key.clone(), version: source.version.clone() }
    }
}

impl std::fmt::Display for ObjectRef {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "s3://{}/{}", self.bucket, self.key)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    pub size_bytes: u64,
    pub etag: String,
    /// CRC-64/NVME of the whole object in Base64, where the store keeps one.
    pub crc64nvme: Option<String>,
}

/// One version of an object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    pub object: ObjectRef,
    pub head: ObjectHead,
}

/// A piece of an object that is joined from pieces.
#[derive(Debug, Clone)]
pub enum Part {
    /// A whole object.
    Object(ObjectRef),
    /// Bytes of an object.
    Range(ObjectRef, Range<u64>),
    /// Bytes of a local file.
    File(PathBuf, Range<u64>),
    Bytes(Bytes),
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{object} does not exist")]
    NotFound { object: ObjectRef },
    #[error("{operation} of {object} failed: {detail}")]
    Service { operation: &'static str, object: ObjectRef, detail: String },
    #[error("{operation} of {path} failed")]
    File { operation: &'static str, path: std::path::PathBuf, source: std::io::Error },
    #[error("{object} does not hold the JSON it should")]
    Json { object: ObjectRef, source: serde_json::Error },
}

impl Fault for StoreError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::NotFound { object } => {
                Told::internal(format!("A file that should be in storage is missing: {}.", object.key))
            }
            Self::Service { .. } | Self::File { .. } => {
                Told::transient("Storage did not answer as it should. Retry it.")
            }
            Self::Json { object, .. } => Told::internal(format!("A stored file is damaged: {}.", object.key)),
        }
    }
}

/// Objects in buckets. Bodies of any size go through files; `get` and `put` are for small ones.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// `None` where there is no such object.
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectHead>, StoreError>;

    /// The object, or those bytes of it. A range beyond the end gives what there is.
    async fn get(&self, object: &ObjectRef, range: Option<Range<u64>>) -> Result<Bytes, StoreError>;

    /// Streams the object to a file and returns its size in bytes.
    async fn get_to_file(&self, object: &ObjectRef, path: &Path) -> Result<u64, StoreError>;

    async fn put(&self, object: &ObjectRef, body: Bytes, content_type: &str) -> Result<(), StoreError>;

    /// Streams a file of any size.
    async fn put_file(&self, object: &ObjectRef, path: &Path, content_type: &str) -> Result<(), StoreError>;

    /// Like `put`, but leaves an object that exists as it is. Returns whether it wrote.
    async fn put_once(&self, object: &ObjectRef, body: Bytes, content_type: &str) -> Result<bool, StoreError>;

    /// Joins parts into one object of any size, on the server where their sizes allow it.
    async fn concat(&self, object: &ObjectRef, parts: &[Part], content_type: &str) -> Result<(), StoreError>;

    /// Removes the object, or that version of it. One that is not there is removed already.
    async fn delete(&self, object: &ObjectRef) -> Result<(), StoreError>;

    /// Removes many objects of one bucket; those that are not there are removed already.
    async fn delete_all(&self, bucket: &str, keys: &[String]) -> Result<(), StoreError>;

    /// The keys below a prefix, in order.
    async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, StoreError>;

    /// All versions of all objects of a bucket; those that were deleted since are among them.
    async fn list_versions(&self, bucket: &str) -> Result<Vec<StoredVersion>, StoreError>;

    /// Sets the object's tags, replacing those it has.
    async fn tag(&self, object: &ObjectRef, tags: &[(&str, &str)]) -> Result<(), StoreError>;

    /// An address that gives whoever has it the object, for a while.
    async fn presign_get(&self, object: &ObjectRef, valid: &Validity) -> Result<String, StoreError>;
}

impl dyn ObjectStore + '_ {
    pub async fn get_json<T: DeserializeOwned>(&self, object: &ObjectRef) -> Result<T, StoreError> {
        let body = self.get(object, None).await?;
        serde_json::from_slice(&body).map_err(|source| StoreError::Json { object: object.clone(), source })
    }

    pub async fn put_json<T: Serialize + Sync>(&self, object: &ObjectRef, value: &T) -> Result<(), StoreError> {
        let body = serde_json::to_vec(value).map_err(|source| StoreError::Json { object: object.clone(), source })?;
        self.put(object, body.into(), "application/json").await
    }

    pub async fn exists(&self, object: &ObjectRef) -> Result<bool, StoreError> {
        Ok(self.head(object).await?.is_some())
    }
}
