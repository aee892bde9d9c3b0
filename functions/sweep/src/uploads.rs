use crate::{Sweep, SweepError, SweepOutput};
use heaters_aws::StoredVersion;
use heaters_db::videos;
use serde_json::json;
use std::collections::HashSet;

/// How many uploads the database is asked about at once.
const UPLOADS_AT_ONCE: usize = 1000;

/// Starts an ingest for every upload that no video was made of: its event was lost, or its execution
/// failed before it could register. The catalog recognises one that is just being registered.
pub(crate) async fn find_lost(sweep: &Sweep, output: &mut SweepOutput) -> Result<(), SweepError> {
    let bucket = &sweep.settings.upload_bucket;
    let uploads = sweep.store.list_versions(bucket).await?;
    for uploads in uploads.chunks(UPLOADS_AT_ONCE) {
        let keys: Vec<&str> = uploads.iter().map(|upload| upload.object.key.as_str()).collect();
        let session = sweep.database.session().await?;
        let known: HashSet<_> = videos::known_uploads(&session, bucket, &keys).await?.into_iter().collect();
        drop(session);
        for upload in uploads.iter().filter(|upload| !upload.object.key.ends_with('/')) {
            let named = (upload.object.key.clone(), upload.object.version.clone().unwrap_or_default());
            if !known.contains(&named) && start(sweep, upload).await? {
                output.found_uploads += 1;
            }
        }
    }
    Ok(())
}

/// Starts the ingest of an upload as its event would have. Returns whether this call started it.
async fn start(sweep: &Sweep, upload: &StoredVersion) -> Result<bool, SweepError> {
    let object = json!({
        "key": upload.object.key,
        "size": upload.head.size_bytes,
        "etag": upload.head.etag.trim_matches('"'),
        "version-id": upload.object.version,
    });
    let bucket = json!({ "name": sweep.settings.upload_bucket });
    let event = json!({ "source": "heaters.sweep", "detail": { "bucket": bucket, "object": object } });
    let name = format!("found-{}", uuid::Uuid::now_v7());
    Ok(sweep.workflows.start(&sweep.settings.ingest_machine, &name, &event).await?)
}
