//! Sends a video's original to the archive tier once all its approved clips are published.
//!
//! The object is tagged, and the bucket's lifecycle rule moves what carries the tag. A copy onto itself
//! would move it at once, but would be a new upload in the eyes of the bucket's events.

use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    ErrorClass,
    contract::{ArchiveOutput, IngestInput},
    stage::Done,
};
use heaters_runtime::StageError;

/// The tag that the upload bucket's lifecycle rule in `infra/template.yaml` looks for.
pub const ARCHIVE_TAG: (&str, &str) = ("heaters-archive", "glacier-ir");

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the original {0} is gone")]
    Gone(ObjectRef),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StageError for ArchiveError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Gone(_) => ErrorClass::Conflict,
            Self::Store(error) => error.class(),
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Gone(object) => format!("The original {} is no longer in storage.", object.key),
            Self::Store(error) => error.sentence(),
        }
    }
}

pub async fn run(store: &dyn ObjectStore, input: IngestInput) -> Result<Done<ArchiveOutput>, ArchiveError> {
    let mut bytes = 0;
    for source in &input.ingest.source {
        let object = ObjectRef::from(source);
        let head = store.head(&object).await?.ok_or_else(|| ArchiveError::Gone(object.clone()))?;
        store.tag(&object, &[ARCHIVE_TAG]).await?;
        bytes += head.size_bytes;
    }
    let output = ArchiveOutput { objects: input.ingest.source.len() as u32, storage_class: "GLACIER_IR".to_owned() };
    Ok(Done::completed(output).metric("archived_bytes", bytes as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_aws::DirStore;

    fn input() -> IngestInput {
        serde_json::from_value(serde_json::json!({ "ingest": {
            "video": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 1, "bucket": "media", "prefix": "p",
            "source": [{ "role": "both", "bucket": "uploads", "key": "a.mp4", "size_bytes": 3 }],
            "settings": heaters_domain::settings::IngestSettings::default(),
        }}))
        .unwrap()
    }

    #[tokio::test]
    async fn an_original_that_is_gone_is_a_conflict() {
        let folder = tempfile::tempdir().unwrap();
        let store = DirStore::new(folder.path());
        assert_eq!(run(&store, input()).await.unwrap_err().class(), ErrorClass::Conflict);
    }

    #[tokio::test]
    async fn what_is_there_is_marked() {
        let folder = tempfile::tempdir().unwrap();
        let store = DirStore::new(folder.path());
        store.put(&ObjectRef::new("uploads", "a.mp4"), "abc".into(), "video/mp4").await.unwrap();
        let done = run(&store, input()).await.unwrap();
        assert_eq!((done.output.objects, done.metrics["archived_bytes"]), (1, 3.0));
    }
}
