//! Sends a video's original to the archive tier once all its approved clips are published.
//!
//! Before, the original is read once more: it has to be what was ingested, by the checksums of the chunks and by
//! the one that S3 keeps, and gets its SHA-256. Then the object is tagged, and the bucket's lifecycle rule moves
//! what carries the tag. A copy onto itself would move it at once, but would be a new upload in the eyes of the
//! bucket's events.

mod error;
mod verify;

pub use error::ArchiveError;
use heaters_aws::{ObjectRef, ObjectStore};
use heaters_domain::{
    contract::{ArchiveOutput, Ingest, IngestInput, ObjectChecksums, SourceChecksums, SourceObject},
    settings::MasterMode,
    stage::Done,
};

/// The tag that the buckets' lifecycle rules in `infra/template.yaml` look for.
pub const ARCHIVE_TAG: (&str, &str) = ("heaters-archive", "glacier-ir");

pub async fn run(store: &dyn ObjectStore, input: IngestInput) -> Result<Done<ArchiveOutput>, ArchiveError> {
    let ingest = input.ingest;
    let checksums_key = ObjectRef::new(&ingest.bucket, ingest.keys().checksums());
    let mut checksums = if store.exists(&checksums_key).await? {
        store.get_json(&checksums_key).await?
    } else {
        SourceChecksums::default()
    };
    let (mut archived_bytes, mut objects) = (0, 0);
    for source in &ingest.source {
        let known = known(&mut checksums, source);
        archived_bytes += verify::object(store, source, known).await?;
        objects += 1;
    }
    store.put_json(&checksums_key, &checksums).await?;
    if ingest.settings.master != MasterMode::None {
        for source in &ingest.source {
            store.tag(&source.into(), &[ARCHIVE_TAG]).await?;
        }
    }
    objects += u32::from(archive_master(store, &ingest).await?);
    let storage_class = if ingest.settings.master == MasterMode::None { "STANDARD" } else { "GLACIER_IR" };
    let output = ArchiveOutput { objects, storage_class: storage_class.to_owned() };
    Ok(Done::completed(output).metric("archived_bytes", archived_bytes as f64))
}

/// The object's entry, made where an ingest of an earlier version left none.
fn known<'a>(checksums: &'a mut SourceChecksums, source: &SourceObject) -> &'a mut ObjectChecksums {
    let at = checksums.objects.iter().position(|entry| entry.object == *source).unwrap_or_else(|| {
        let object = source.clone();
        checksums.objects.push(ObjectChecksums { object, crc64nvme: None, sha256: None, ranges: Vec::new() });
        checksums.objects.len() - 1
    });
    &mut checksums.objects[at]
}

/// Archives the lossless master, if the video has one.
async fn archive_master(store: &dyn ObjectStore, ingest: &Ingest) -> Result<bool, ArchiveError> {
    let master = ObjectRef::new(&ingest.bucket, ingest.keys().master());
    let has_master = ingest.settings.master == MasterMode::Ffv1 && store.exists(&master).await?;
    if has_master {
        store.tag(&master, &[ARCHIVE_TAG]).await?;
    }
    Ok(has_master)
}
