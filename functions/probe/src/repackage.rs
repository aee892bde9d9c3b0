//! The copy of a source whose container can't be cut: its delta on its way to storage.

use crate::{
    error::ProbeError,
    plan::{Examination, Plan},
    stored::Stored,
};
use futures::{StreamExt, channel::mpsc};
use heaters_aws::{MultipartStore, ObjectRef, StoreError, Upload};
use heaters_domain::{
    contract::{ReadRange, SourceRole},
    plan::{Repackaged, Source},
};
use heaters_media::{
    probe::Details,
    source::{
        Span,
        delta::Rebuilt,
        repackage::{self, Copied},
        sequential::Counted,
    },
};
use std::path::Path;

const CONTENT_TYPE: &str = "application/octet-stream";

/// Where a copy's delta goes.
pub struct Copying<'a> {
    pub store: &'a dyn MultipartStore,
    pub target: ObjectRef,
    /// Which of the ingest's objects the source is.
    pub role: SourceRole,
}

impl Copying<'_> {
    /// Copies a source and plans the copy. Where it can't be copied, or that does not pay, there is no copy, and the picture
    /// is given if all of it was seen.
    pub async fn plan(
        &self,
        examination: &Examination,
        picture: &Stored<'_>,
        folder: &Path,
        source: (&Source, &Details),
    ) -> Result<Result<Plan, Option<Counted>>, ProbeError> {
        let seconds = examination.settings.chunk_seconds;
        if !repackage::pays(source.0, source.1, seconds) {
            return Ok(Err(None));
        }
        let mut stored = Parts { copying: self, upload: None, count: 0 };
        let (to, parts) = mpsc::channel(1);
        let copying = repackage::copy(picture, &examination.tools, folder, source, to);
        let (copied, taken) = tokio::join!(copying, stored.take(parts));
        let Parts { upload, count, .. } = stored;
        // Where storage failed, what became of the copy follows from it.
        let copied = taken.map_err(ProbeError::from).and(copied.map_err(ProbeError::from));
        match (copied, upload) {
            (Ok(Ok(copied)), Some(upload)) if copied.is_cut(seconds) => {
                upload.finish(count).await?;
                self.plan_of(picture, copied, seconds).await
            }
            (given_up, upload) => {
                if let Some(upload) = upload {
                    upload.abort().await;
                }
                Ok(Err(given_up?.map_or_else(|counted| counted, |copied| copied.counted)))
            }
        }
    }

    async fn plan_of(
        &self,
        picture: &Stored<'_>,
        copied: Copied,
        seconds: u32,
    ) -> Result<Result<Plan, Option<Counted>>, ProbeError> {
        let Self { store, target, role } = self;
        let (delta_bytes, counted) = (copied.delta_bytes, copied.counted);
        let repackaged =
            Repackaged { delta_bytes, read: copied.read.iter().map(|span| read_range(*role, span)).collect() };
        let delta = Stored::of(*store, target.clone(), delta_bytes);
        let planned = copied.plan(&Rebuilt::open(picture, &delta).await?, seconds).await?;
        if planned.chunks.len() < 2 {
            store.delete(target).await?;
            return Ok(Err(counted));
        }
        let mut plan = Plan::from(planned);
        plan.source.repackaged = Some(repackaged);
        Ok(Ok(plan))
    }
}

fn read_range(role: SourceRole, Span { range, sha256 }: &Span) -> ReadRange {
    ReadRange { role, start: range.start, end: range.end, sha256: sha256.clone() }
}

/// The delta's parts, the upload of which begins with the first.
struct Parts<'a> {
    copying: &'a Copying<'a>,
    upload: Option<Upload<'a>>,
    count: u32,
}

impl Parts<'_> {
    /// Stores parts until there are no more.
    async fn take(&mut self, mut parts: mpsc::Receiver<Vec<u8>>) -> Result<(), StoreError> {
        let Copying { store, target, .. } = self.copying;
        while let Some(part) = parts.next().await {
            let upload = match &self.upload {
                Some(upload) => upload,
                None => self.upload.insert(Upload::begin(*store, target.clone(), CONTENT_TYPE).await?),
            };
            self.count += 1;
            upload.put(self.count, part.into()).await?;
        }
        Ok(())
    }
}
