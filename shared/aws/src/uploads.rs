use crate::{SdkConfig, Validity};
use aws_sdk_s3::{
    Client,
    config::RequestChecksumCalculation,
    error::{ProvideErrorMetadata, SdkError},
    presigning::PresigningConfig,
    types::{CompletedMultipartUpload, CompletedPart},
};
use heaters_domain::causes;

/// Uploads in parts by somebody else, who is given addresses for them. S3 itself knows what has arrived.
#[derive(Debug, Clone)]
pub struct Uploads {
    client: Client,
    bucket: String,
}

/// What names an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRef {
    pub key: String,
    /// S3's own name of it, which nobody can guess.
    pub id: String,
}

/// A part that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivedPart {
    /// Counted from 1.
    pub number: u32,
    pub size_bytes: u64,
    pub etag: String,
}

/// What an upload has become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUpload {
    pub version: Option<String>,
    pub size_bytes: u64,
    pub etag: String,
}

#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It was finished or given up, or never was.
    #[error("the upload of {key} is gone")]
    Gone { key: String },
    #[error("{operation} of the upload of {key} failed: {detail}")]
    Service { operation: &'static str, key: String, detail: String },
}

impl Uploads {
    pub fn new(config: &SdkConfig, bucket: impl Into<String>) -> Self {
        // A browser can't know a checksum that is part of the signature.
        let config = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .build();
        Self { client: Client::from_conf(config), bucket: bucket.into() }
    }

    pub async fn begin(&self, key: &str, content_type: &str, modified_ms: i64) -> Result<UploadRef, UploadError> {
        let call = self.client.create_multipart_upload().bucket(&self.bucket).key(key).content_type(content_type);
        let call = call.metadata("modified-ms", modified_ms.to_string());
        let begun = call.send().await.map_err(|error| failed("begin", key, &error))?;
        Ok(UploadRef { key: key.to_owned(), id: begun.upload_id.unwrap_or_default() })
    }

    /// What has arrived, by number.
    pub async fn arrived(&self, upload: &UploadRef) -> Result<Vec<ArrivedPart>, UploadError> {
        let call = self.client.list_parts().bucket(&self.bucket).key(&upload.key).upload_id(&upload.id);
        let mut pages = call.into_paginator().send();
        let mut parts = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed("listing", &upload.key, &error))?;
            parts.extend(page.parts.unwrap_or_default().into_iter().filter_map(|part| {
                let number = u32::try_from(part.part_number?).ok()?;
                let size_bytes = part.size.unwrap_or_default() as u64;
                Some(ArrivedPart { number, size_bytes, etag: part.e_tag.unwrap_or_default() })
            }));
        }
        parts.sort_by_key(|part| part.number);
        Ok(parts)
    }

    /// Where a part is to be `PUT`.
    pub async fn address(&self, upload: &UploadRef, number: u32, valid: &Validity) -> Result<String, UploadError> {
        let failure = |detail| UploadError::Service { operation: "presigning", key: upload.key.clone(), detail };
        let config = PresigningConfig::builder().start_time(valid.from).expires_in(valid.lasts).build();
        let config = config.map_err(|error| failure(causes(&error)))?;
        let call = self.client.upload_part().bucket(&self.bucket).key(&upload.key).upload_id(&upload.id);
        let request = call.part_number(number.cast_signed()).presigned(config).await;
        request.map(|request| request.uri().to_owned()).map_err(|error| failure(causes(&error)))
    }

    /// Makes the parts one object and returns its version.
    pub async fn complete(&self, upload: &UploadRef, parts: &[ArrivedPart]) -> Result<Option<String>, UploadError> {
        let parts = parts
            .iter()
            .map(|part| CompletedPart::builder().part_number(part.number.cast_signed()).e_tag(&part.etag).build());
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let call = self.client.complete_multipart_upload().bucket(&self.bucket).key(&upload.key);
        let done = call.upload_id(&upload.id).multipart_upload(parts).send().await;
        let done = done.map_err(|error| failed("completion", &upload.key, &error))?;
        Ok(real_version(done.version_id))
    }

    pub async fn abort(&self, upload: &UploadRef) -> Result<(), UploadError> {
        let call = self.client.abort_multipart_upload().bucket(&self.bucket).key(&upload.key);
        let done = call.upload_id(&upload.id).send().await;
        done.map(drop).map_err(|error| failed("giving up", &upload.key, &error))
    }

    /// The latest object of a key, if there is one.
    pub async fn latest(&self, key: &str) -> Result<Option<StoredUpload>, UploadError> {
        match self.client.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(head) => Ok(Some(StoredUpload {
                version: real_version(head.version_id),
                size_bytes: head.content_length.unwrap_or_default() as u64,
                etag: head.e_tag.unwrap_or_default(),
            })),
            Err(error) if matches!(error.code(), Some("NoSuchKey" | "NotFound")) => Ok(None),
            Err(error) => Err(failed("head", key, &error)),
        }
    }
}

/// Objects without versioning have the version "null", which names none.
fn real_version(version: Option<String>) -> Option<String> {
    version.filter(|version| !version.is_empty() && version != "null")
}

fn failed<E, R>(operation: &'static str, key: &str, error: &SdkError<E, R>) -> UploadError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match error.code() {
        Some("NoSuchUpload") => UploadError::Gone { key: key.to_owned() },
        _ => UploadError::Service { operation, key: key.to_owned(), detail: causes(error) },
    }
}
