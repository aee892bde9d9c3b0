use crate::{
    Validity,
    store::{ObjectHead, ObjectRef, ObjectStore, Part, StoreError, StoredVersion},
};
use async_trait::async_trait;
use bytes::Bytes;
use std::{
    io::ErrorKind,
    ops::Range,
    path::{Path, PathBuf},
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

    async fn opened(&self, object: &ObjectRef) -> Result<tokio::fs::File, StoreError> {
        let path = self.path(object);
        tokio::fs::File::open(&path).await.map_err(missing(object, &path, "open"))
    }

    async fn prepared(&self, object: &ObjectRef) -> Result<PathBuf, StoreError> {
        let path = self.path(object);
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(file("create", folder))?;
        }
        Ok(path)
    }
}

async fn copy_range(mut from: tokio::fs::File, range: Range<u64>, out: &mut tokio::fs::File) -> std::io::Result<()> {
    from.seek(std::io::SeekFrom::Start(range.start)).await?;
    let copied = tokio::io::copy(&mut from.take(range.end.saturating_sub(range.start)), out).await?;
    if range.end != u64::MAX && copied != range.end - range.start {
        return Err(std::io::Error::new(ErrorKind::UnexpectedEof, "a part is shorter than it was"));
    }
    Ok(())
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
            let (from, range) = match part {
                Part::Bytes(bytes) => {
                    out.write_all(bytes).await.map_err(file("write", &path))?;
                    continue;
                }
                Part::Object(from) => (self.opened(from).await?, 0..u64::MAX),
                Part::Range(from, range) => (self.opened(from).await?, range.clone()),
                Part::File(from, range) => {
                    (tokio::fs::File::open(from).await.map_err(file("open", from))?, range.clone())
                }
            };
            copy_range(from, range, &mut out).await.map_err(file("write", &path))?;
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

    async fn delete_all(&self, bucket: &str, keys: &[String]) -> Result<(), StoreError> {
        for key in keys {
            self.delete(&ObjectRef::new(bucket, key)).await?;
        }
        Ok(())
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

    async fn presign_get(&self, object: &ObjectRef, _valid: &Validity) -> Result<String, StoreError> {
        Ok(format!("file://{}", self.path(object).display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn parts_of_every_kind_are_joined_in_order() {
        let root = tempfile::tempdir().unwrap();
        let (store, object) = (DirStore::new(root.path()), |key| ObjectRef::new("media", key));
        store.put(&object("a"), "abcdef".into(), "").await.unwrap();
        let file = root.path().join("local");
        std::fs::write(&file, "0123456789").unwrap();
        let parts = [
            Part::Bytes("<".into()),
            Part::Range(object("a"), 2..5),
            Part::File(file.clone(), 7..9),
            Part::Object(object("a")),
        ];
        store.concat(&object("joined"), &parts, "").await.unwrap();
        assert_eq!(store.get(&object("joined"), None).await.unwrap(), "<cde78abcdef");
        let beyond = store.concat(&object("joined"), &[Part::File(file, 7..12)], "").await;
        assert!(matches!(beyond, Err(StoreError::File { .. })));
    }
}
