//! A source that is given to ffmpeg through a pipe, where the scratch disk has no room for it or it would take much.

use super::{
    Local, ReadAt, SourceError, Span, mxf,
    parts::{self, Part, Pieces},
};
use futures::{SinkExt, StreamExt, channel::mpsc, executor};
use heaters_domain::plan::{Chunk, Reading, Source};
use std::io::{self, Write};

/// Containers that ffmpeg reads to the same end without going back in them.
const CONTAINERS: [&str; 20] = [
    "matroska",
    "avi",
    "mxf",
    "mpeg",
    "asf",
    "ogg",
    "nut",
    "dv",
    "mpegts",
    "flv",
    "ivf",
    "rm",
    "swf",
    "mpegvideo",
    "h264",
    "hevc",
    "m4v",
    "h263",
    "obu",
    "yuv4mpegpipe",
];

/// What comes through a pipe if it can, however much room there is: a function's disk is to stay small whatever the
/// length.
pub const MOST_STORED_BYTES: u64 = 1 << 30;

/// The name that a container's demuxer goes by: several may share one.
pub fn demuxer(container: &str) -> &str {
    container.split(',').next().unwrap_or(container)
}

/// Whether a container can be read from its beginning to its end alone.
pub fn streams(container: &str) -> bool {
    CONTAINERS.contains(&demuxer(container))
}

/// Whether a chunk's bytes can come through a pipe.
pub fn can_be_piped(source: &Source, chunk: &Chunk) -> bool {
    // Samples are put behind all that says where they lie.
    matches!(chunk.reading, Reading::Samples { .. }) || streams(&source.media.container)
}

/// What of a chunk is given to a pipe. The chunk is one that can be piped; `table` is the stored packet table.
pub async fn open<R: ReadAt, T: ReadAt<Error = R::Error>>(
    object: &R,
    table: &T,
    source: &Source,
    chunk: &Chunk,
) -> Result<(Local, Vec<Part>), SourceError<R::Error>> {
    let (local, parts) = super::parts_of(object, table, source, &chunk.reading).await?;
    match chunk.reading {
        Reading::Whole { .. } => Ok((local, whole(object, source).await?)),
        _ => Ok((local, parts)),
    }
}

/// All of a source, in an order in which it can be read from its beginning to its end.
pub(super) async fn whole<R: ReadAt>(object: &R, source: &Source) -> Result<Vec<Part>, SourceError<R::Error>> {
    let in_one_go = match demuxer(&source.media.container) {
        "mxf" => mxf::in_one_go(object).await?,
        _ => None,
    };
    Ok(in_one_go.unwrap_or_else(|| parts::whole(object)))
}

type Piece = io::Result<Vec<u8>>;

/// The end that tools read from, each time from the source's beginning.
#[derive(Debug, Clone)]
pub struct Pipe {
    requests: mpsc::Sender<mpsc::Sender<Piece>>,
}

/// The end that reads the source.
#[derive(Debug)]
pub struct PipeReader {
    requests: mpsc::Receiver<mpsc::Sender<Piece>>,
}

pub fn pipe() -> (Pipe, PipeReader) {
    let (to, requests) = mpsc::channel(0);
    (Pipe { requests: to }, PipeReader { requests })
}

impl Pipe {
    /// Writes the source. Blocks.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (to, mut pieces) = mpsc::channel(1);
        executor::block_on(self.requests.clone().send(to)).map_err(|_| io::Error::other("nobody reads the source"))?;
        while let Some(piece) = executor::block_on(pieces.next()) {
            out.write_all(&piece?)?;
        }
        Ok(())
    }
}

impl PipeReader {
    /// Reads the parts for each tool that asks, until all [`Pipe`]s are gone. Gives what was read last.
    pub async fn serve<R: ReadAt>(mut self, object: &R, parts: &[Part]) -> Result<Vec<Span>, SourceError<R::Error>> {
        let mut read = Vec::new();
        while let Some(mut pieces) = self.requests.next().await {
            match send(object, parts, &mut pieces).await {
                Ok(spans) => read = spans,
                Err(error) => {
                    // Else the tool would take what it has for all there is.
                    let _ = pieces.send(Err(io::Error::other("the source can't be read"))).await;
                    return Err(error);
                }
            }
        }
        Ok(read)
    }
}

/// Sends parts piece by piece, as long as somebody takes them.
async fn send<R: ReadAt>(
    object: &R,
    parts: &[Part],
    to: &mut mpsc::Sender<Piece>,
) -> Result<Vec<Span>, SourceError<R::Error>> {
    let mut pieces = Pieces::new(object, parts.to_vec());
    while let Some(piece) = pieces.next().await? {
        if to.send(Ok(piece)).await.is_err() {
            break;
        }
    }
    Ok(pieces.into_read())
}
