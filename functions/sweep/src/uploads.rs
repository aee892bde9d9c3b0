use crate::{Sweep, SweepError, SweepOutput};
use heaters_aws::ObjectRef;
use heaters_db::videos;
use serde_json::json;
use std::collections::HashSet;

/// How many keys the database is asked about at once.
const KEYS_AT_ONCE: usize = 1000;

/// Starts an ingest for every upload that no video was made of: its event was lost, or its execution
/// failed before it could register. The catalog recognises one that is just being registered.
pub(crate) async fn find_lost(sweep: &Sweep, output: &mut SweepOutput) -> Result<(), SweepError> {
    let bucket = &sweep.settings.upload_bucket;
    let keys = sweep.store.list(bucket, "").await?;
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let session = sweep.database.session().await?;
        let known: HashSet<String> = videos::known_keys(&session, bucket, keys).await?.into_iter().collect();
        drop(session);
        for key in keys.iter().filter(|key| !known.contains(*key) && !key.ends_with('/')) {
            if start(sweep, key).await? {
                output.found_uploads += 1;
            }
        }
    }
    Ok(())
}

/// Starts the ingest of an upload as its event would have. Returns whether this call started it.
async fn start(sweep: &Sweep, key: &str) -> Result<bool, SweepError> {
    let bucket = &sweep.settings.upload_bucket;
    let Some(head) = sweep.store.head(&ObjectRef::new(bucket, key)).await? else { return Ok(false) };
    let etag = head.etag.trim_matches('"');
    let object = json!({ "key": key, "size": head.size_bytes, "etag": etag });
    let event = json!({ "source": "heaters.sweep", "detail": { "bucket": { "name": bucket }, "object": object } });
    let name = format!("found-{}", uuid::Uuid::now_v7());
    Ok(sweep.workflows.start(&sweep.settings.ingest_machine, &name, &event).await?)
}
