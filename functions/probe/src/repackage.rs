//! The copy of a source whose container can't be cut, on its way to storage.

use crate::{
    error::ProbeError,
    plan::{Examination, Plan},
    stored::Stored,
};
use futures::{StreamExt, channel::mpsc};
use heaters_aws::{MultipartStore, ObjectRef, StoreError};
use heaters_domain::{
    contract::{ReadRange, SourceRole},
    plan::{Repackaged, Source},
};
use heaters_media::{
    probe::Details,
    source::{
        Span,
        repackage::{self, Copied},
    },
};
use std::path::Path;

const CONTENT_TYPE: &str = "video/quicktime";

/// Where a copy goes.
pub struct Copying<'a> {
    pub store: &'a dyn MultipartStore,
    pub target: ObjectRef,
    /// Which of the ingest's objects the source is.
    pub role: SourceRole,
}

impl Copying<'_> {
    /// Copies a source and plans the copy. `None`: it can't be copied, or it does not pay, and there is no copy.
    pub async fn plan(
        &self,
        examination: &Examination,
        picture: &Stored<'_>,
        folder: &Path,
        source: (&Source, &Details),
    ) -> Result<Option<Plan>, ProbeError> {
        let seconds = examination.settings.chunk_seconds;
        if !repackage::pays(source.0, source.1, seconds) {
            return Ok(None);
        }
        let mut upload = Upload { copying: self, id: None, parts: 0 };
        let (to, parts) = mpsc::channel(1);
        let copying = repackage::copy(picture, &examination.tools, folder, source, to);
        let (copied, stored) = tokio::join!(copying, upload.take(parts));
        // Where storage failed, what became of the copy follows from it.
        let copied = match stored.map_err(ProbeError::from).and(copied.map_err(ProbeError::from)) {
            Ok(Some(copied)) if copied.is_cut(seconds) => copied,
            given_up => {
                upload.abort().await;
                return given_up.map(|_| None);
            }
        };
        upload.finish().await?;
        self.plan_of(copied, seconds).await
    }

    async fn plan_of(&self, copied: Copied, seconds: u32) -> Result<Option<Plan>, ProbeError> {
        let Self { store, target, role } = self;
        let read = copied.read.iter().map(|span| read_range(*role, span)).collect();
        let repackaged = Repackaged { size_bytes: copied.size_bytes, read };
        let object = Stored::of(*store, target.clone(), copied.size_bytes);
        let planned = copied.plan(&object, seconds).await?;
        if planned.chunks.len() < 2 {
            store.delete(target).await?;
            return Ok(None);
        }
        let mut plan = Plan::from(planned);
        plan.source.repackaged = Some(repackaged);
        Ok(Some(plan))
    }
}

fn read_range(role: SourceRole, Span { range, sha256 }: &Span) -> ReadRange {
    ReadRange { role, start: range.start, end: range.end, sha256: sha256.clone() }
}

/// A multipart upload, which begins with its first part.
struct Upload<'a> {
    copying: &'a Copying<'a>,
    id: Option<String>,
    parts: u32,
}

impl Upload<'_> {
    /// Stores parts until there are no more.
    async fn take(&mut self, mut parts: mpsc::Receiver<Vec<u8>>) -> Result<(), StoreError> {
        let Copying { store, target, .. } = self.copying;
        while let Some(part) = parts.next().await {
            let id = match &self.id {
                Some(id) => id.clone(),
                None => self.id.insert(store.begin_parts(target, CONTENT_TYPE).await?).clone(),
            };
            self.parts += 1;
            store.put_part(target, &id, self.parts, part.into()).await?;
        }
        Ok(())
    }

    async fn finish(self) -> Result<(), ProbeError> {
        let Copying { store, target, .. } = self.copying;
        let Some(id) = &self.id else { return Err(ProbeError::NoCopy) };
        let parts = store.list_parts(target, id).await?.unwrap_or_default();
        if parts.len() != self.parts as usize {
            self.abort().await;
            return Err(ProbeError::NoCopy);
        }
        Ok(store.finish_parts(target, id, &parts).await?)
    }

    /// Forgets what is stored. What can't be forgotten goes by the bucket's rule.
    async fn abort(&self) {
        let Copying { store, target, .. } = self.copying;
        if let Some(id) = &self.id
            && let Err(error) = store.abort_parts(target, id).await
        {
            tracing::warn!(%error, "the copy's parts could not be removed");
        }
    }
}
