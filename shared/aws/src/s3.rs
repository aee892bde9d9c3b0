use crate::{
    Validity,
    store::{ObjectHead, ObjectRef, ObjectStore, Part, StoreError, StoredVersion},
};
use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    presigning::PresigningConfig,
    primitives::{ByteStream, Length},
    types::{ChecksumMode, CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier, Tag, Tagging},
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use heaters_domain::causes;
use std::{ops::Range, path::Path};
use tokio::io::AsyncWriteExt;

/// Larger files go up in parts of this size.
const UPLOAD_PART_BYTES: u64 = 64 * 1024 * 1024;
/// S3 takes no more keys in one request.
const DELETED_AT_ONCE: usize = 1000;
/// How many parts of a file go up at once; they are read as they go.
const UPLOADS_AT_ONCE: usize = 4;

#[derive(Debug, Clone)]
pub struct S3Store {
    client: Client,
}

impl S3Store {
    /// Path-style addresses, which both S3 and the local emulator take.
    pub fn new(config: &aws_config::SdkConfig) -> Self {
        let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
        Self { client: Client::from_conf(config) }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) async fn begin(&self, object: &ObjectRef, content_type: &str) -> Result<String, StoreError> {
        let begun = self
            .client
            .create_multipart_upload()
            .bucket(&object.bucket)
            .key(&object.key)
            .content_type(content_type)
            .send()
            .await
            .map_err(|error| failed("multipart upload", object, &error))?;
        Ok(begun.upload_id.unwrap_or_default())
    }

    pub(crate) async fn complete(
        &self,
        object: &ObjectRef,
        upload: &str,
        parts: Vec<CompletedPart>,
    ) -> Result<(), StoreError> {
        self.client
            .complete_multipart_upload()
            .bucket(&object.bucket)
            .key(&object.key)
            .upload_id(upload)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .send()
            .await
            .map(drop)
            .map_err(|error| failed("multipart upload", object, &error))
    }

    pub(crate) async fn finish(
        &self,
        object: &ObjectRef,
        upload: &str,
        parts: Result<Vec<CompletedPart>, StoreError>,
    ) -> Result<(), StoreError> {
        let result = match parts {
            Ok(parts) => self.complete(object, upload, parts).await,
            Err(error) => Err(error),
        };
        if result.is_err() {
            // Parts of an unfinished upload cost storage; the bucket's lifecycle rule is the safety net.
            let _ = self
                .client
                .abort_multipart_upload()
                .bucket(&object.bucket)
                .key(&object.key)
                .upload_id(upload)
                .send()
                .await;
        }
        result
    }

    pub(crate) async fn upload_part(
        &self,
        object: &ObjectRef,
        upload: &str,
        number: i32,
        body: ByteStream,
    ) -> Result<CompletedPart, StoreError> {
        let part = self
            .client
            .upload_part()
            .bucket(&object.bucket)
            .key(&object.key)
            .upload_id(upload)
            .part_number(number)
            .body(body)
            .send()
            .await
            .map_err(|error| failed("part upload", object, &error))?;
        Ok(CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build())
    }

    async fn delete_some(&self, bucket: &str, keys: &[String]) -> Result<(), StoreError> {
        let object = || ObjectRef::new(bucket, keys.first().map_or("", String::as_str));
        let service = |detail| StoreError::Service { operation: "delete", object: object(), detail };
        let named = keys.iter().map(|key| ObjectIdentifier::builder().key(key).build());
        let named = named
            .collect::<Result<Vec<_>, _>>()
            .and_then(|named| Delete::builder().set_objects(Some(named)).quiet(true).build());
        let named = named.map_err(|error| service(causes(&error)))?;
        let done = self.client.delete_objects().bucket(bucket).delete(named).send().await;
        let done = done.map_err(|error| failed("delete", &object(), &error))?;
        match done.errors().first() {
            None => Ok(()),
            Some(error) => Err(service(error.message.clone().unwrap_or_default())),
        }
    }

    async fn upload_file_parts(
        &self,
        object: &ObjectRef,
        upload: &str,
        path: &Path,
        size: u64,
    ) -> Result<Vec<CompletedPart>, StoreError> {
        let part = |number, offset| async move {
            let body = file_stream(path, offset, UPLOAD_PART_BYTES.min(size - offset)).await?;
            self.upload_part(object, upload, number, body).await
        };
        let offsets = (0..size).step_by(UPLOAD_PART_BYTES as usize);
        let parts: Vec<_> = (1..).zip(offsets).map(|(number, offset)| part(number, offset)).collect();
        stream::iter(parts).buffered(UPLOADS_AT_ONCE).try_collect().await
    }
}

pub(crate) fn failed<E, R>(operation: &'static str, object: &ObjectRef, error: &SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if matches!(error.code(), Some("NoSuchKey" | "NotFound" | "NoSuchVersion" | "NoSuchBucket")) {
        return StoreError::NotFound { object: object.clone() };
    }
    StoreError::Service { operation, object: object.clone(), detail: causes(error) }
}

pub(crate) async fn file_stream(path: &Path, offset: u64, length: u64) -> Result<ByteStream, StoreError> {
    ByteStream::read_from().path(path).offset(offset).length(Length::Exact(length)).build().await.map_err(|error| {
        StoreError::File { operation: "read", path: path.to_owned(), source: std::io::Error::other(error) }
    })
}

#[async_trait]
impl ObjectStore for S3Store {
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectHead>, StoreError> {
        let call = self.client.head_object().bucket(&object.bucket).key(&object.key);
        let call = call.set_version_id(object.version.clone()).checksum_mode(ChecksumMode::Enabled);
        match call.send().await {
            Ok(head) => Ok(Some(ObjectHead {
                size_bytes: head.content_length.unwrap_or_default() as u64,
                etag: head.e_tag.unwrap_or_default(),
                crc64nvme: head.checksum_crc64_nvme,
            })),
            Err(error) => match failed("head", object, &error) {
                StoreError::NotFound { .. } => Ok(None),
                other => Err(other),
            },
        }
    }

    async fn get(&self, object: &ObjectRef, range: Option<Range<u64>>) -> Result<Bytes, StoreError> {
        if range.as_ref().is_some_and(Range::is_empty) {
            return Ok(Bytes::new());
        }
        let range = range.map(|range| format!("bytes={}-{}", range.start, range.end - 1));
        let call = self.client.get_object().bucket(&object.bucket).key(&object.key);
        let answer = call
            .set_version_id(object.version.clone())
            .set_range(range)
            .send()
            .await
            .map_err(|error| failed("get", object, &error))?;
        let body = answer.body.collect().await.map_err(|error| StoreError::Service {
            operation: "get",
            object: object.clone(),
            detail: causes(&error),
        })?;
        Ok(body.into_bytes())
    }

    async fn get_to_file(&self, object: &ObjectRef, path: &Path) -> Result<u64, StoreError> {
        let call = self.client.get_object().bucket(&object.bucket).key(&object.key);
        let answer =
            call.set_version_id(object.version.clone()).send().await.map_err(|error| failed("get", object, &error))?;
        let file = |operation| {
            let path = path.to_owned();
            move |source| StoreError::File { operation, path, source }
        };
        let mut out = tokio::fs::File::create(path).await.map_err(file("create"))?;
        let copied = tokio::io::copy(&mut answer.body.into_async_read(), &mut out).await.map_err(file("write"))?;
        out.flush().await.map_err(file("write"))?;
        Ok(copied)
    }

    async fn put(&self, object: &ObjectRef, body: Bytes, content_type: &str) -> Result<(), StoreError> {
        let call = self.client.put_object().bucket(&object.bucket).key(&object.key).content_type(content_type);
        call.body(body.into()).send().await.map(drop).map_err(|error| failed("put", object, &error))
    }

    async fn put_file(&self, object: &ObjectRef, path: &Path, content_type: &str) -> Result<(), StoreError> {
        let size = tokio::fs::metadata(path)
            .await
            .map_err(|source| StoreError::File { operation: "stat", path: path.to_owned(), source })?
            .len();
        if size > UPLOAD_PART_BYTES {
            let upload = self.begin(object, content_type).await?;
            let parts = self.upload_file_parts(object, &upload, path, size).await;
            return self.finish(object, &upload, parts).await;
        }
        let body = file_stream(path, 0, size).await?;
        let call = self.client.put_object().bucket(&object.bucket).key(&object.key).content_type(content_type);
        call.body(body).send().await.map(drop).map_err(|error| failed("put", object, &error))
    }

    async fn put_once(&self, object: &ObjectRef, body: Bytes, content_type: &str) -> Result<bool, StoreError> {
        let call = self.client.put_object().bucket(&object.bucket).key(&object.key).content_type(content_type);
        match call.if_none_match("*").body(body.into()).send().await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.code(), Some("PreconditionFailed")) => Ok(false),
            Err(error) => Err(failed("put", object, &error)),
        }
    }

    async fn concat(&self, object: &ObjectRef, parts: &[Part], content_type: &str) -> Result<(), StoreError> {
        self.join(object, parts, content_type).await
    }

    async fn delete(&self, object: &ObjectRef) -> Result<(), StoreError> {
        let call = self.client.delete_object().bucket(&object.bucket).key(&object.key);
        call.set_version_id(object.version.clone())
            .send()
            .await
            .map(drop)
            .map_err(|error| failed("delete", object, &error))
    }

    async fn delete_all(&self, bucket: &str, keys: &[String]) -> Result<(), StoreError> {
        for keys in keys.chunks(DELETED_AT_ONCE) {
            self.delete_some(bucket, keys).await?;
        }
        Ok(())
    }

    async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut pages = self.client.list_objects_v2().bucket(bucket).prefix(prefix).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed("list", &ObjectRef::new(bucket, prefix), &error))?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
        }
        Ok(keys)
    }

    async fn list_versions(&self, bucket: &str) -> Result<Vec<StoredVersion>, StoreError> {
        let mut versions = Vec::new();
        let (mut key_marker, mut version_marker) = (None, None);
        loop {
            let call = self.client.list_object_versions().bucket(bucket);
            let page = call
                .set_key_marker(key_marker)
                .set_version_id_marker(version_marker)
                .send()
                .await
                .map_err(|error| failed("list", &ObjectRef::new(bucket, ""), &error))?;
            versions.extend(page.versions.unwrap_or_default().into_iter().filter_map(|found| {
                let head = ObjectHead {
                    size_bytes: found.size.unwrap_or_default() as u64,
                    etag: found.e_tag.unwrap_or_default(),
                    crc64nvme: None,
                };
                // Objects from before versioning have the version "null", which names no version.
                let version = found.version_id.filter(|version| version != "null");
                let object = ObjectRef { bucket: bucket.to_owned(), key: found.key?, version };
                Some(StoredVersion { object, head })
            }));
            if !page.is_truncated.unwrap_or_default() {
                return Ok(versions);
            }
            (key_marker, version_marker) = (page.next_key_marker, page.next_version_id_marker);
        }
    }

    async fn tag(&self, object: &ObjectRef, tags: &[(&str, &str)]) -> Result<(), StoreError> {
        let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build());
        let tagging = tags
            .collect::<Result<Vec<_>, _>>()
            .and_then(|tags| Tagging::builder().set_tag_set(Some(tags)).build())
            .map_err(|error| StoreError::Service {
                operation: "tag",
                object: object.clone(),
                detail: causes(&error),
            })?;
        let call = self.client.put_object_tagging().bucket(&object.bucket).key(&object.key);
        call.set_version_id(object.version.clone())
            .tagging(tagging)
            .send()
            .await
            .map(drop)
            .map_err(|error| failed("tag", object, &error))
    }

    async fn presign_get(&self, object: &ObjectRef, valid: &Validity) -> Result<String, StoreError> {
        let service = |detail| StoreError::Service { operation: "presign", object: object.clone(), detail };
        let config = PresigningConfig::builder().start_time(valid.from).expires_in(valid.lasts).build();
        let config = config.map_err(|error| service(causes(&error)))?;
        let call = self.client.get_object().bucket(&object.bucket).key(&object.key);
        let request = call.presigned(config).await.map_err(|error| service(causes(&error)))?;
        Ok(request.uri().to_owned())
    }
}
