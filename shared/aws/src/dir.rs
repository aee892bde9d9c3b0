use crate::store::{ObjectHead, ObjectRef, ObjectStore, Part, StoreError, StoredVersion};
use async_trait::async_trait;
use bytes::Bytes;
use std::{
    io::ErrorKind,
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// Objects as files `<root>/<bucket>/<key>`: for tests of stages and for work on local files.
#[derive(Debug, Clone)]
pub struct DirStore {
    root: PathBuf,
}

impl DirStore {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub fn path(&self, object: &ObjectRef) -> PathBuf {
        self.root.join(&object.bucket).join(&object.key)
    }

    async fn prepared(&self, object: &ObjectRef) -> Result<PathBuf, StoreError> {
        let path = self.path(object);
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(file("create", folder))?;
        }
        Ok(path)
    }
}

fn file(operation: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::File { operation, path, source }
}

fn missing(object: &ObjectRef, path: &Path, operation: &'static str) -> impl FnOnce(std::io::Error) -> StoreError {
    let (object, path) = (object.clone(), path.to_owned());
    move |source| match source.kind() {
        ErrorKind::NotFound => StoreError::NotFound { object },
        _ => StoreError::File { operation, path, source },
    }
}

#[async_trait]
impl ObjectStore for DirStore {
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectHead>, StoreError> {
        let path = self.path(object);
        match tokio::fs::metadata(&path).await {
            Ok(found) => {
                Ok(Some(ObjectHead { size_bytes: found.len(), etag: format!("{}", found.len()), crc64nvme: None }))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file("stat", &path)(error)),
        }
    }

    async fn get(&self, object: &ObjectRef, range: Option<Range<u64>>) -> Result<Bytes, StoreError> {
        let path = self.path(object);
        let mut handle = tokio::fs::File::open(&path).await.map_err(missing(object, &path, "open"))?;
        let mut body = Vec::new();
        match range {
            None => handle.read_to_end(&mut body).await,
            Some(range) => {
                handle.seek(std::io::SeekFrom::Start(range.start)).await.map_err(file("seek", &path))?;
                handle.take(range.end.saturating_sub(range.start)).read_to_end(&mut body).await
            }
        }
        .map_err(file("read", &path))?;
        Ok(body.into())
    }

    async fn get_to_file(&self, object: &ObjectRef, path: &Path) -> Result<u64, StoreError> {
        let from = self.path(object);
        tokio::fs::copy(&from, path).await.map_err(missing(object, &from, "copy"))
    }

    async fn put(&self, object: &ObjectRef, body: Bytes, _content_type: &str) -> Result<(), StoreError> {
        let path = self.prepared(object).await?;
        tokio::fs::write(&path, body).await.map_err(file("write", &path))
    }

    async fn put_file(&self, object: &ObjectRef, path: &Path, _content_type: &str) -> Result<(), StoreError> {
        let to = self.prepared(object).await?;
        tokio::fs::copy(path, &to).await.map_err(file("copy", path)).map(drop)
    }

    async fn put_once(&self, object: &ObjectRef, body: Bytes, content_type: &str) -> Result<bool, StoreError> {
        if self.head(object).await?.is_some() {
            return Ok(false);
        }
        self.put(object, body, content_type).await.map(|()| true)
    }

    async fn concat(&self, object: &ObjectRef, parts: &[Part], _content_type: &str) -> Result<(), StoreError> {
        let path = self.prepared(object).await?;
        let mut out = tokio::fs::File::create(&path).await.map_err(file("create", &path))?;
        for part in parts {
            match part {
                Part::Bytes(bytes) => out.write_all(bytes).await.map_err(file("write", &path))?,
                Part::Object(from) => {
                    let from_path = self.path(from);
                    let mut piece =
                        tokio::fs::File::open(&from_path).await.map_err(missing(from, &from_path, "open"))?;
                    tokio::io::copy(&mut piece, &mut out).await.map_err(file("write", &path))?;
                }
            }
        }
        out.flush().await.map_err(file("write", &path))
    }

    async fn delete(&self, object: &ObjectRef) -> Result<(), StoreError> {
        let path = self.path(object);
        match tokio::fs::remove_file(&path).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(file("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, StoreError> {
        let root = self.root.join(bucket);
        let mut keys = Vec::new();
        let mut open = vec![root.clone()];
        while let Some(folder) = open.pop() {
            let Ok(mut entries) = tokio::fs::read_dir(&folder).await else { continue };
            while let Some(entry) = entries.next_entry().await.map_err(file("list", &folder))? {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                } else if let Ok(key) = path.strip_prefix(&root) {
                    keys.extend(key.to_str().filter(|key| key.starts_with(prefix)).map(str::to_owned));
                }
            }
        }
        keys.sort();
        Ok(keys)
    }

    async fn list_versions(&self, bucket: &str) -> Result<Vec<StoredVersion>, StoreError> {
        let mut versions = Vec::new();
        for key in self.list(bucket, "").await? {
            let object = ObjectRef::new(bucket, key);
            versions.extend(self.head(&object).await?.map(|head| StoredVersion { object, head }));
        }
        Ok(versions)
    }

    async fn tag(&self, _object: &ObjectRef, _tags: &[(&str, &str)]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn presign_get(&self, object: &ObjectRef, _valid_for: Duration) -> Result<String, StoreError> {
        Ok(format!("file://{}", self.path(object).display()))
    }
}
