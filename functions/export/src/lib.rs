//! Exports approved clips: consumes the queue in batches and answers each message's task token apart.

mod batch;
mod error;
mod verify;

pub use batch::{Answers, BatchResponse, FailedItem, SqsEvent, SqsRecord};
pub use error::ExportError;
pub use verify::VerifyError;

use error::CutError;
use heaters_aws::{ObjectRef, ObjectStore};
use heaters_domain::{
    contract::{ExportOutput, Publication},
    stage::Done,
};
use heaters_media::{
    Tools,
    clip::{self, Clip},
    index::{Index, Slice},
};
use heaters_runtime::Scratch;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, fs::File, io, path::Path};

const FILE: &str = "export.mp4";
/// Up to this size a clip is written with a condition that it is new; a larger one goes up in parts.
const PUT_ONCE_BYTES: u64 = 64 << 20;
const SPARE_BYTES: u64 = 16 << 20;

/// The frame indexes that a batch has read, by their address.
#[derive(Default)]
pub struct Indexes(HashMap<ObjectRef, Index>);

/// What an export works with.
#[derive(Clone, Copy)]
pub struct Exporter<'a> {
    pub store: &'a dyn ObjectStore,
    pub tools: &'a Tools,
    pub scratch_root: &'a Path,
}

impl Exporter<'_> {
    /// Cuts one clip out of its proxy, proves it and stores it, unless that was done before.
    pub async fn export(
        &self,
        publication: &Publication,
        indexes: &mut Indexes,
    ) -> Result<Done<ExportOutput>, ExportError> {
        let target = ObjectRef::new(&publication.bucket, publication.keys().export());
        let frames = publication.range.len();
        if let Some(found) = self.store.head(&target).await? {
            let scratch = Scratch::prepare(self.scratch_root, found.size_bytes)?;
            self.store.get_to_file(&target, &scratch.file(FILE)).await?;
            let sha256 = sha256(&scratch.file(FILE))?;
            return Ok(Done::already(ExportOutput { key: target.key, frames, size_bytes: found.size_bytes, sha256 }));
        }
        let slice = self.slice(publication, indexes).await?;
        let clip = clip::of_slice(&slice).map_err(CutError::from)?;
        let scratch = Scratch::prepare(self.scratch_root, clip.size_bytes() + SPARE_BYTES)?;
        self.cut(publication, &clip, &scratch).await?;
        let (version, sha256) = self.prove(&scratch, slice).await?;
        self.keep(&target, &scratch, clip.size_bytes()).await?;
        let size_bytes = clip.size_bytes();
        Ok(Done::completed(ExportOutput { key: target.key, frames, size_bytes, sha256 })
            .metric("frames", f64::from(frames))
            .metric("read_bytes", (size_bytes - clip.header.len() as u64) as f64)
            .metric("written_bytes", size_bytes as f64)
            .tool("ffmpeg", version))
    }

    async fn slice(&self, publication: &Publication, indexes: &mut Indexes) -> Result<Slice, ExportError> {
        let address = ObjectRef::new(&publication.bucket, publication.ingest_keys().index());
        if let Some(index) = indexes.0.get(&address) {
            return Ok(index.slice(publication.range)?);
        }
        let index = Index::decode(&self.store.get(&address, None).await?)?;
        let slice = index.slice(publication.range)?;
        indexes.0.insert(address, index);
        Ok(slice)
    }

    async fn cut(&self, publication: &Publication, clip: &Clip, scratch: &Scratch) -> Result<(), ExportError> {
        let proxy = ObjectRef::new(&publication.bucket, publication.ingest_keys().proxy());
        let mut file = File::create(scratch.file(FILE))?;
        clip::write(clip, &|bytes| self.store.get(&proxy, Some(bytes)), &mut file).await.map_err(CutError::from)?;
        Ok(())
    }

    async fn prove(&self, scratch: &Scratch, slice: Slice) -> Result<(String, String), ExportError> {
        let (tools, folder) = (self.tools.clone(), scratch.path().to_owned());
        let work = move || {
            verify::verify(&tools, &folder, FILE, &slice)?;
            Ok::<_, ExportError>((tools.version()?, sha256(&folder.join(FILE))?))
        };
        tokio::task::spawn_blocking(work).await?
    }

    async fn keep(&self, target: &ObjectRef, scratch: &Scratch, size_bytes: u64) -> Result<(), ExportError> {
        let path = scratch.file(FILE);
        if size_bytes <= PUT_ONCE_BYTES {
            let body = tokio::fs::read(&path).await?;
            // One that another delivery of the message wrote meanwhile holds the same bytes.
            self.store.put_once(target, body.into(), "video/mp4").await?;
        } else {
            self.store.put_file(target, &path, "video/mp4").await?;
        }
        Ok(())
    }
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(format!("{:x}", hasher.finalize()))
}
