//! Which class a source is of, and its plan.

use crate::{error::ProbeError, repackage::Copying, stored::Stored};
use heaters_domain::{
    plan::{self, Chunk, Clock, Source, SourceClass},
    settings::IngestSettings,
};
use heaters_media::{
    ProbeError as MediaError, Tools,
    probe::{self, Details},
    source::{
        self, LOCAL_FILE, ReadAt, cued,
        indexed::{self, Planned, Wanted},
        piped,
        sequential::{self, Counted},
    },
};
use heaters_runtime::{Room, Scratch, ScratchError};
use std::path::PathBuf;

/// What the local file of a source that is examined by parts of it may take on the disk.
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
#[derive(Clone)]
pub struct Examination {
    pub tools: Tools,
    pub settings: IngestSettings,
    /// The sound is in an object of its own.
    pub sound_apart: bool,
}

impl Examination {
    /// Plans the object with the picture.
    pub async fn plan(&self, picture: &Stored<'_>, room: Room<'_>, copying: &Copying<'_>) -> Result<Plan, ProbeError> {
        if picture.size() == 0 {
            return Err(MediaError::Empty(LOCAL_FILE.to_owned()).into());
        }
        if is_indexed(picture).await? {
            return self.indexed(picture, room).await;
        }
        match self.cut(picture, room, copying).await? {
            Ok(plan) => Ok(plan),
            Err(counted) => self.whole(picture, room, counted).await,
        }
    }

    async fn indexed(&self, picture: &Stored<'_>, room: Room<'_>) -> Result<Plan, ProbeError> {
        let scratch = Scratch::prepare(room, OUTLINE_BYTES)?;
        let walk = source::walk(picture, &scratch.file(LOCAL_FILE)).await?;
        let (own, folder) = (self.clone(), scratch.path().to_owned());
        let survey = tokio::task::spawn_blocking(move || {
            let wanted = Wanted { proxy: &own.settings.proxy, sound_apart: own.sound_apart };
            indexed::survey(&own.tools, &folder, &walk, wanted)
        });
        Ok(survey.await??.plan(picture, self.settings.chunk_seconds).await?.into())
    }

    /// Plans a container without an index of its samples from its beginning and what of it has to be seen.
    /// Where it can only be read as a whole, gives its picture if all of it was seen.
    async fn cut(
        &self,
        picture: &Stored<'_>,
        room: Room<'_>,
        copying: &Copying<'_>,
    ) -> Result<Result<Plan, Option<Counted>>, ProbeError> {
        let scratch = Scratch::prepare(room, OUTLINE_BYTES)?;
        source::ends(picture, &scratch.file(LOCAL_FILE)).await?;
        let (mut source, details) = match self.examine(scratch.path().to_owned()).await {
            Ok(examined) => examined,
            // The ends may not say enough.
            Err(ProbeError::Media(_)) => return Ok(Err(None)),
            Err(error) => return Err(error),
        };
        if self.sound_apart {
            source.sound = None;
        }
        let seconds = self.settings.chunk_seconds;
        let (class, cut) = if source.media.container.starts_with("matroska") {
            (SourceClass::Cued, cued::plan(picture, &source, seconds).await?)
        } else {
            (SourceClass::Sequential, sequential::plan(picture, &self.tools, scratch.path(), &source, seconds).await?)
        };
        let Some(cut) = cut else {
            return copying.plan(self, picture, scratch.path(), (&source, &details)).await;
        };
        source.class = class;
        let planned = || cut.chunks.iter().map(|chunk| chunk.frames).sum();
        source.media.packets = cut.packets.unwrap_or_else(planned);
        Ok(Ok(Plan { source, chunks: cut.chunks, table: None, missing_packets: 0 }))
    }

    /// Plans any source as one chunk, from all of it, unless it was seen before.
    async fn whole(&self, picture: &Stored<'_>, room: Room<'_>, counted: Option<Counted>) -> Result<Plan, ProbeError> {
        if (counted.is_some() || picture.size() > piped::MOST_STORED_BYTES)
            && let Some(plan) = self.piped(picture, room, counted).await?
        {
            return Ok(plan);
        }
        let scratch = match Scratch::prepare(room, picture.size() + SPARE_BYTES) {
            Err(error @ ScratchError::NoSpace { .. }) => {
                return self.piped(picture, room, counted).await?.ok_or_else(|| error.into());
            }
            scratch => scratch?,
        };
        picture.download(&scratch.file(LOCAL_FILE)).await?;
        let (mut source, _) = self.examine(scratch.path().to_owned()).await?;
        let (tools, folder, stream) = (self.tools.clone(), scratch.path().to_owned(), source.picture);
        let count = move || probe::count_packets(&tools, &folder, LOCAL_FILE, stream);
        source.media.packets = tokio::task::spawn_blocking(count).await??;
        let chunks = plan::whole(source.media.packets, Clock::Source);
        Ok(Plan { source, chunks, table: None, missing_packets: 0 })
    }

    /// Plans a source as one chunk that is read through a pipe. `None`: it can't be read so.
    async fn piped(
        &self,
        picture: &Stored<'_>,
        room: Room<'_>,
        counted: Option<Counted>,
    ) -> Result<Option<Plan>, ProbeError> {
        let scratch = Scratch::prepare(room, OUTLINE_BYTES)?;
        source::ends(picture, &scratch.file(LOCAL_FILE)).await?;
        let mut source = match self.examine(scratch.path().to_owned()).await {
            Ok((source, _)) if piped::streams(&source.media.container) => source,
            Ok(_) | Err(ProbeError::Media(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let counted = match counted {
            Some(counted) => Some(counted),
            None => sequential::count(picture, &self.tools, scratch.path(), &source).await?,
        };
        // MXF whose index can't be brought in front does not say in which order pictures are shown: they would be late.
        let in_time = |counted: &Counted| source.media.container != "mxf" || counted.start == Some(0);
        let Some(Counted { packets, .. }) = counted.filter(in_time) else { return Ok(None) };
        source.media.packets = packets;
        let chunks = plan::whole(packets, Clock::Source);
        Ok(Some(Plan { source, chunks, table: None, missing_packets: 0 }))
    }

    async fn examine(&self, folder: PathBuf) -> Result<(Source, Details), ProbeError> {
        let tools = self.tools.clone();
        Ok(tokio::task::spawn_blocking(move || probe::examine_closely(&tools, &folder, LOCAL_FILE)).await??)
    }
}
