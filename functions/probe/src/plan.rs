//! Which class a source is of, and its plan.

use crate::{error::ProbeError, stored::Stored};
use heaters_domain::{
    plan::{self, Chunk, Clock, Source},
    settings::IngestSettings,
};
use heaters_media::{
    ProbeError as MediaError, Tools, probe,
    source::{
        self, LOCAL_FILE, ReadAt,
        indexed::{self, Planned, Wanted},
    },
};
use heaters_runtime::Scratch;
use std::path::Path;

/// What the local file of a source that is examined by its index may take on the disk.
pub const OUTLINE_BYTES: u64 = 64 << 20;
/// What the disk needs beyond a source that is brought there as a whole.
const SPARE_BYTES: u64 = 16 << 20;
/// How much is looked at to tell containers apart.
const SIGNATURE_BYTES: u64 = 64;

/// A source examined and planned.
pub struct Plan {
    pub source: Source,
    pub chunks: Vec<Chunk>,
    /// What is stored as the packet table.
    pub table: Option<Vec<u8>>,
    pub missing_packets: u32,
}

impl From<Planned> for Plan {
    fn from(planned: Planned) -> Self {
        let Planned { source, chunks, table, missing_packets } = planned;
        Self { source, chunks, table, missing_packets }
    }
}

/// Whether an object begins as an MP4 or MOV file.
pub async fn is_indexed(object: &Stored<'_>) -> Result<bool, ProbeError> {
    Ok(source::begins_indexed(&object.read_at(0..SIGNATURE_BYTES.min(object.size())).await?))
}

/// How a source is to be examined.
pub struct Examination {
    pub tools: Tools,
    pub settings: IngestSettings,
    /// The sound is in an object of its own.
    pub sound_apart: bool,
}

impl Examination {
    /// Plans the object with the picture.
    pub async fn plan(self, picture: &Stored<'_>, scratch_root: &Path) -> Result<Plan, ProbeError> {
        if picture.size() == 0 {
            return Err(MediaError::Empty(LOCAL_FILE.to_owned()).into());
        }
        if is_indexed(picture).await? {
            let scratch = Scratch::prepare(scratch_root, OUTLINE_BYTES)?;
            let walk = source::walk(picture, &scratch.file(LOCAL_FILE)).await?;
            let folder = scratch.path().to_owned();
            let planned = tokio::task::spawn_blocking(move || {
                let Self { tools, settings, sound_apart } = &self;
                let wanted =
                    Wanted { chunk_seconds: settings.chunk_seconds, proxy: &settings.proxy, sound_apart: *sound_apart };
                indexed::plan(tools, &folder, &walk, wanted)
            });
            return Ok(planned.await??.into());
        }
        let scratch = Scratch::prepare(scratch_root, picture.size() + SPARE_BYTES)?;
        picture.download(&scratch.file(LOCAL_FILE)).await?;
        let folder = scratch.path().to_owned();
        tokio::task::spawn_blocking(move || self.plan_whole(&folder)).await?
    }

    /// Plans a local file as one chunk. Blocks.
    fn plan_whole(&self, folder: &Path) -> Result<Plan, ProbeError> {
        let mut source = probe::examine(&self.tools, folder, LOCAL_FILE)?;
        source.media.packets = probe::count_packets(&self.tools, folder, LOCAL_FILE, source.picture)?;
        let chunks = plan::whole(source.media.packets, Clock::Source);
        Ok(Plan { source, chunks, table: None, missing_packets: 0 })
    }
}
