//! A source that is given to ffmpeg through a pipe, where the scratch disk has no room for it.

use super::{ReadAt, SourceError, Span, read_exact};
use futures::{SinkExt, StreamExt, channel::mpsc, executor};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// Read and given to the tool at once, in bytes.
const PIECE_BYTES: u64 = 8 << 20;
/// Containers that ffmpeg reads to the same end without going back in them.
const CONTAINERS: [&str; 16] = [
    "avi",
    "mxf",
    "mpeg",
    "asf",
    "ogg",
    "nut",
    "dv",
    "mpegts",
    "flv",
    "mpegvideo",
    "h264",
    "hevc",
    "m4v",
    "h263",
    "obu",
    "yuv4mpegpipe",
];

/// Whether a container can be read from its beginning to its end alone.
pub fn can_be_piped(container: &str) -> bool {
    CONTAINERS.contains(&container)
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
    /// Reads the source for each tool that asks, until all [`Pipe`]s are gone. Gives what was read last.
    pub async fn serve<R: ReadAt>(mut self, object: &R) -> Result<Vec<Span>, SourceError<R::Error>> {
        let mut read = Vec::new();
        while let Some(mut pieces) = self.requests.next().await {
            match send(object, &mut pieces).await {
                Ok(span) => read = vec![span],
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

/// Sends the source piece by piece, as long as somebody takes them.
async fn send<R: ReadAt>(object: &R, pieces: &mut mpsc::Sender<Piece>) -> Result<Span, SourceError<R::Error>> {
    let (mut at, size, mut digest) = (0, object.size(), Sha256::new());
    while at < size {
        let end = size.min(at + PIECE_BYTES);
        let piece = read_exact(object, at..end).await?;
        digest.update(&piece);
        at = end;
        if pieces.send(Ok(piece)).await.is_err() {
            break;
        }
    }
    Ok(Span { range: 0..at, sha256: hex::encode(digest.finalize()) })
}
