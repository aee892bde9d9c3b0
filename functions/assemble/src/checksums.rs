//! What is known of the original's bytes: what storage keeps, and what was read of them.

use crate::{AssembleError, job::Job};
use futures::future::BoxFuture;
use heaters_domain::{
    contract::{ObjectChecksums, ReadRange, SourceChecksums, SourceObject, SourceRole},
    keys::ChunkKeys,
};

/// Collects the checksums of what was read and writes `checksums.json`.
pub(crate) async fn write(job: &Job<'_>) -> Result<(), AssembleError> {
    let mut checksums = SourceChecksums::default();
    let ranges = match &job.source.repackaged {
        // The chunks read the copy.
        Some(copy) => copy.read.clone(),
        None => read_by_chunks(job).await?,
    };
    for source in &job.ingest.source {
        let head = job.store.head(&source.into()).await?;
        checksums.objects.push(ObjectChecksums {
            object: source.clone(),
            crc64nvme: head.and_then(|head| head.crc64nvme),
            sha256: None,
            ranges: ranges.iter().filter(|range| is_of(range, source)).cloned().collect(),
        });
    }
    Ok(job.store.put_json(&job.object(job.keys().checksums()), &checksums).await?)
}

fn is_of(range: &ReadRange, source: &SourceObject) -> bool {
    (range.role == SourceRole::Sound) == (source.role == SourceRole::Sound)
}

/// What the chunks read, in the order of the plan.
async fn read_by_chunks(job: &Job<'_>) -> Result<Vec<ReadRange>, AssembleError> {
    let objects = job.of_chunks(ChunkKeys::read);
    let read = |_, object| -> BoxFuture<'_, _> { Box::pin(async move { Ok(job.store.get_json(object).await?) }) };
    let ranges: Vec<Vec<ReadRange>> = job.each(&objects, read).await?;
    Ok(ranges.concat())
}
