//! The bytes of a source: which of them a chunk needs, brought to a local file that ffmpeg reads.

mod access;
mod boxes;
pub mod cued;
pub mod delta;
pub mod indexed;
mod init;
pub mod listing;
mod mxf;
mod parts;
pub mod piped;
pub mod repackage;
mod samples;
pub mod sequential;
mod slice;
pub mod table;
mod walk;
mod window;

pub use parts::Part;
pub use walk::{Walk, begins as begins_indexed, ends, walk};

use crate::runner::RunError;
use heaters_domain::{
    Fault, Told,
    plan::{Chunk, Clock, Reading, Source},
};
use slice::Slice;
use std::{fs::File, future::Future, io, ops::Range, path::Path};

/// The local file that [`fetch`] writes. It has a name of ours: ffmpeg would take hints from the uploader's.
pub const LOCAL_FILE: &str = "picture";

/// A stored object that is read by ranges.
pub trait ReadAt: Sync {
    type Error: std::error::Error + Send + Sync + 'static;

    /// The object's size in bytes.
    fn size(&self) -> u64;

    /// The bytes of the range; fewer where the object ends before.
    fn read_at(&self, range: Range<u64>) -> impl Future<Output = Result<Vec<u8>, SourceError<Self::Error>>> + Send;
}

/// An object whose ranges a closure reads.
#[derive(Debug, Clone, Copy)]
pub struct Ranged<F> {
    size: u64,
    read: F,
}

impl<F> Ranged<F> {
    /// An object of `size` bytes.
    pub fn new(size: u64, read: F) -> Self {
        Self { size, read }
    }
}

impl<F, Fut, B, E> ReadAt for Ranged<F>
where
    F: Fn(Range<u64>) -> Fut + Sync,
    Fut: Future<Output = Result<B, E>> + Send,
    B: Into<Vec<u8>>,
    E: std::error::Error + Send + Sync + 'static,
{
    type Error = E;

    fn size(&self) -> u64 {
        self.size
    }

    async fn read_at(&self, range: Range<u64>) -> Result<Vec<u8>, SourceError<E>> {
        (self.read)(range).await.map(Into::into).map_err(SourceError::Fetch)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SourceError<E: std::error::Error + 'static> {
    #[error(transparent)]
    Fetch(E),
    #[error("the source ends at byte {end} instead of {expected}")]
    Short { end: u64, expected: u64 },
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("the chunk's way of reading does not fit the source")]
    Unplanned,
    #[error("the source's index has {bytes} bytes")]
    IndexTooLarge { bytes: u64 },
    #[error(transparent)]
    Table(#[from] table::TableError),
    #[error(transparent)]
    Delta(#[from] delta::DeltaError),
    #[error("the local file of the source can't be written")]
    File(#[from] io::Error),
}

impl<E: Fault + 'static> Fault for SourceError<E> {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Fetch(error) => Told::By(error),
            Self::Run(error) => Told::By(error),
            Self::Short { .. } => Told::rejected("The stored file is shorter than it was. Upload it again."),
            Self::IndexTooLarge { .. } => {
                Told::rejected("The file's index is larger than any video needs; the file may be damaged.")
            }
            Self::Unplanned | Self::Table(_) | Self::Delta(_) => {
                Told::internal("The video's plan does not fit it. Retry it.")
            }
            Self::File(_) => Told::scratch(),
        }
    }
}

/// The chunks of a source that has no index.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    pub chunks: Vec<Chunk>,
    /// How many packets the picture has, where the plan had to count them.
    pub packets: Option<u32>,
}

/// A range of the source that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub range: Range<u64>,
    /// In hexadecimal.
    pub sha256: String,
}

/// A chunk's bytes in [`LOCAL_FILE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// The streams' indexes in the local file.
    pub picture: u32,
    pub sound: Option<u32>,
    /// ffmpeg has to keep the file's time stamps; else it counts from 0.
    pub keeps_clock: bool,
    /// What to add to the picture's time stamps as ffmpeg gives them, in ticks of its time base.
    pub shift: i64,
    /// What was read of the source.
    pub read: Vec<Span>,
}

impl Local {
    /// All streams of a source, on a clock.
    fn of(source: &Source, clock: Clock) -> Self {
        let shift = match clock {
            Clock::From { start } => start,
            Clock::Shifted { ticks } => ticks,
            Clock::Source | Clock::Repaired => 0,
        };
        let keeps_clock = matches!(clock, Clock::Source | Clock::Shifted { .. });
        Self { picture: source.picture, sound: source.sound, keeps_clock, shift, read: Vec::new() }
    }
}

/// Brings what a chunk needs of a source to [`LOCAL_FILE`] in `folder`. `table` is the stored packet table; only
/// [`Reading::Samples`] reads it.
pub async fn fetch<R: ReadAt, T: ReadAt<Error = R::Error>>(
    object: &R,
    table: &T,
    folder: &Path,
    source: &Source,
    chunk: &Chunk,
) -> Result<Local, SourceError<R::Error>> {
    let (mut local, parts) = parts_of(object, table, source, &chunk.reading).await?;
    let path = folder.join(LOCAL_FILE);
    local.read.extend(parts::write(object, parts, &mut File::create(path)?).await?);
    Ok(local)
}

/// What a way of reading gives to ffmpeg. [`Local::read`] is what had to be read of the source to say so.
async fn parts_of<R: ReadAt, T: ReadAt<Error = R::Error>>(
    object: &R,
    table: &T,
    source: &Source,
    reading: &Reading,
) -> Result<(Local, Vec<Part>), SourceError<R::Error>> {
    match reading {
        Reading::Samples { picture, sound } => samples::parts(object, table, source.class, (picture, sound)).await,
        Reading::Whole { clock } => Ok((Local::of(source, *clock), parts::whole(object))),
        Reading::Slice { head, prefix, range, cut_cluster, clock } => {
            let slice = Slice { head: *head, prefix, range, cut_cluster: cut_cluster.as_ref() };
            let (parts, read) = slice.parts(object, source.class).await?;
            Ok((Local { read, ..Local::of(source, *clock) }, parts))
        }
    }
}

/// The bytes of a range that lies inside the object.
async fn read_exact<R: ReadAt>(object: &R, range: Range<u64>) -> Result<Vec<u8>, SourceError<R::Error>> {
    if range.is_empty() {
        return Ok(Vec::new());
    }
    let bytes = object.read_at(range.clone()).await?;
    if bytes.len() as u64 != range.end - range.start {
        return Err(SourceError::Short { end: range.start + bytes.len() as u64, expected: range.end });
    }
    Ok(bytes)
}
