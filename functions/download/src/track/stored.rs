//! A track on its way to storage: part by part, nothing on the disk. After each part a checkpoint says how to go on,
//! so that another process does where this one was killed.

use super::{Position, Reader};
use crate::{
    error::DownloadError,
    extract::TrackFormat,
    fetch::{Client, FetchError, Tries},
    meter::Meter,
    settings::Settings,
};
use bytes::{Bytes, BytesMut};
use heaters_aws::{MultipartStore, ObjectRef, StoreError};
use heaters_domain::{
    contract::{SourceObject, SourceRole},
    download::PART_BYTES,
    keys::SourceKeys,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};

/// How often a track that changes under way is begun anew.
const MOST_RESTARTS: u32 = 3;

/// What all tracks of a video share.
pub struct Job<'a> {
    pub store: &'a dyn MultipartStore,
    pub client: Client,
    pub settings: &'a Settings,
    pub bucket: String,
    pub keys: SourceKeys,
    pub meter: &'a Meter,
    /// When this invocation leaves the rest to the next one.
    pub deadline: Instant,
}

/// A track that lies in storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub object: SourceObject,
    /// SHA-256 of the parts' SHA-256s, each taken together with those before it.
    pub chain: String,
}

/// How far a track is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Checkpoint {
    upload: String,
    /// What is fetched: another format would be other bytes.
    format: String,
    parts: u32,
    bytes: u64,
    chain: String,
    at: Position,
    finished: bool,
}

struct Part {
    body: Bytes,
    /// Where the stream stands behind it.
    at: Position,
    is_last: bool,
}

/// Brings a track to storage. `None`: there was not enough time, and a checkpoint says how to go on.
pub async fn store(job: &Job<'_>, role: SourceRole, format: &TrackFormat) -> Result<Option<Stored>, DownloadError> {
    let track = Track { job, role, format, object: ObjectRef::new(&job.bucket, job.keys.track(role)) };
    let mut restarts = 0;
    loop {
        match track.run().await {
            Err(DownloadError::Fetch(FetchError::Changed { url })) if restarts < MOST_RESTARTS => {
                restarts += 1;
                tracing::warn!(url, restarts, "the track is fetched anew");
                track.forget().await?;
            }
            Err(error) => return Err(error),
            Ok(stored) => return Ok(stored),
        }
    }
}

struct Track<'a> {
    job: &'a Job<'a>,
    role: SourceRole,
    format: &'a TrackFormat,
    object: ObjectRef,
}

impl Track<'_> {
    async fn run(&self) -> Result<Option<Stored>, DownloadError> {
        let Job { settings, client, meter, .. } = self.job;
        let mut checkpoint = self.begin().await?;
        meter.begin_track(checkpoint.bytes);
        if checkpoint.finished {
            return Ok(Some(self.stored(&checkpoint)));
        }
        let tries = Tries::new(settings.download.max_tries, settings.first_pause);
        let mut reader = Reader::new(client.clone(), self.format, checkpoint.at.clone(), tries).await?;
        let mut ready = self.fill(&mut reader).await?;
        while let Some(part) = ready {
            if part.is_last {
                self.send(&mut checkpoint, part).await?;
                return self.finish(checkpoint).await.map(Some);
            }
            // The next part comes while this one goes.
            let (sent, filled) = tokio::join!(self.send(&mut checkpoint, part), self.fill(&mut reader));
            sent?;
            ready = filled?;
        }
        Ok(None)
    }

    /// Where an earlier process stopped, or a new beginning.
    async fn begin(&self) -> Result<Checkpoint, DownloadError> {
        let Job { store, .. } = self.job;
        if let Some(known) = self.known().await?.filter(|known| known.format == self.format.format_id) {
            let goes_on = if known.finished {
                store.head(&self.object).await?.is_some_and(|head| head.size_bytes == known.bytes)
            } else {
                let parts = store.list_parts(&self.object, &known.upload).await?.unwrap_or_default();
                // A part beyond those may be there: the process ended before it was noted, and it comes again.
                parts.iter().take(known.parts as usize).map(|part| part.size_bytes).sum::<u64>() == known.bytes
                    && known.parts > 0
            };
            if goes_on {
                tracing::info!(role = %self.role, bytes = known.bytes, "the track goes on");
                return Ok(known);
            }
        }
        let upload = store.begin_parts(&self.object, "application/octet-stream").await?;
        Ok(Checkpoint { upload, format: self.format.format_id.clone(), ..Checkpoint::default() })
    }

    fn checkpoint_key(&self) -> ObjectRef {
        ObjectRef::new(&self.job.bucket, self.job.keys.checkpoint(self.role))
    }

    async fn known(&self) -> Result<Option<Checkpoint>, StoreError> {
        match self.job.store.get(&self.checkpoint_key(), None).await {
            // One that can't be read is one that is not there.
            Ok(json) => Ok(serde_json::from_slice(&json).ok()),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn note(&self, checkpoint: &Checkpoint) -> Result<(), DownloadError> {
        let key = self.checkpoint_key();
        let json = serde_json::to_vec(checkpoint).map_err(|source| StoreError::Json { object: key.clone(), source })?;
        Ok(self.job.store.put(&key, json.into(), "application/json").await?)
    }

    /// Reads one part's bytes. `None` when the time is over before they are there.
    async fn fill(&self, reader: &mut Reader) -> Result<Option<Part>, DownloadError> {
        let Job { settings, meter, deadline, .. } = self.job;
        let reading = async {
            let mut body = BytesMut::with_capacity(PART_BYTES as usize);
            // What belongs to the next part stays with the reader.
            while (body.len() as u64) < PART_BYTES {
                let Some(bytes) = reader.take(PART_BYTES - body.len() as u64).await? else {
                    return Ok(Part { body: body.freeze(), at: reader.at(), is_last: true });
                };
                body.extend_from_slice(&bytes);
                meter.received(bytes.len() as u64, reader);
                let most = settings.download.max_bytes;
                if meter.done_bytes() > most || reader.at().total.is_some_and(|total| total > most) {
                    return Err(DownloadError::TooLarge { most });
                }
            }
            Ok(Part { body: body.freeze(), at: reader.at(), is_last: false })
        };
        if Instant::now() >= *deadline {
            return Ok(None);
        }
        timeout_at(*deadline, reading).await.map_or(Ok(None), |part| part.map(Some))
    }

    /// Stores a part and notes how to go on behind it.
    async fn send(&self, checkpoint: &mut Checkpoint, part: Part) -> Result<(), DownloadError> {
        let Part { body, at, .. } = part;
        checkpoint.at = at;
        if body.is_empty() {
            return Ok(());
        }
        checkpoint.parts += 1;
        checkpoint.bytes += body.len() as u64;
        let mut chain = Sha256::new();
        chain.update(&checkpoint.chain);
        chain.update(Sha256::digest(&body));
        checkpoint.chain = hex::encode(chain.finalize());
        self.job.store.put_part(&self.object, &checkpoint.upload, checkpoint.parts, body).await?;
        self.note(checkpoint).await
    }

    async fn finish(&self, mut checkpoint: Checkpoint) -> Result<Stored, DownloadError> {
        let Job { store, .. } = self.job;
        if checkpoint.bytes == 0 {
            self.forget().await?;
            return Err(DownloadError::Empty);
        }
        let mut parts = store.list_parts(&self.object, &checkpoint.upload).await?.unwrap_or_default();
        parts.truncate(checkpoint.parts as usize);
        let numbered = parts.iter().zip(1..).all(|(part, number)| part.number == number);
        let bytes: u64 = parts.iter().map(|part| part.size_bytes).sum();
        if !numbered || bytes != checkpoint.bytes {
            return Err(DownloadError::Parts);
        }
        store.finish_parts(&self.object, &checkpoint.upload, &parts).await?;
        checkpoint.finished = true;
        self.note(&checkpoint).await?;
        Ok(self.stored(&checkpoint))
    }

    fn stored(&self, checkpoint: &Checkpoint) -> Stored {
        self.job.meter.end_track();
        let object = SourceObject {
            role: self.role,
            bucket: self.object.bucket.clone(),
            key: self.object.key.clone(),
            version: None,
            size_bytes: checkpoint.bytes,
        };
        Stored { object, chain: checkpoint.chain.clone() }
    }

    /// Removes what is there of the track.
    async fn forget(&self) -> Result<(), DownloadError> {
        if let Some(known) = self.known().await? {
            self.job.store.delete(&self.checkpoint_key()).await?;
            // The bucket's lifecycle rule is the safety net.
            let _ = self.job.store.abort_parts(&self.object, &known.upload).await;
        }
        Ok(())
    }
}
