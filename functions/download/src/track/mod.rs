//! A track as a stream of bytes: one file that is read by ranges, or segments one after another. It goes on after
//! faults that pass, at the byte where it stopped.

mod decrypt;
mod hls;
mod plain;
mod segments;
mod stored;

pub use hls::load as load_playlist;
pub use segments::{Key, Segment};
pub use stored::{Job, Stored, store};

use crate::{
    error::DownloadError,
    extract::{Fragment, Protocol, TrackFormat},
    fetch::{Client, FetchError, Tries},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// Where a track's stream stands, and what is needed to go on there in another process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The segment; 0 for a file.
    pub piece: u64,
    /// The next byte of it.
    pub offset: u64,
    /// A file's validator and size, once they are known.
    pub validator: Option<String>,
    pub total: Option<u64>,
}

/// What a track is read from.
#[derive(Debug, Clone)]
pub enum Pieces {
    Plain {
        url: Url,
        /// The most bytes that one request asks for.
        chunk: Option<u64>,
    },
    Segments(Vec<Segment>),
}

/// Reads a track.
pub struct Reader {
    client: Client,
    headers: BTreeMap<String, String>,
    pieces: Pieces,
    at: Position,
    open: Option<crate::fetch::Opened>,
    /// Bytes that were read beyond what was asked for.
    left: Bytes,
    keys: BTreeMap<String, Vec<u8>>,
    tries: Tries,
}

impl Reader {
    /// Finds out what a track is read from, and goes on at a position.
    pub async fn new(
        client: Client,
        format: &TrackFormat,
        at: Position,
        mut tries: Tries,
    ) -> Result<Self, DownloadError> {
        let headers = format.http_headers.clone();
        let pieces = loop {
            match pieces(&client, format).await {
                Ok(pieces) => break pieces,
                Err(error) => tokio::time::sleep(tries.after(error)?).await,
            }
        };
        Ok(Self { client, headers, pieces, at, open: None, left: Bytes::new(), keys: BTreeMap::new(), tries })
    }

    /// Where the stream stands behind the bytes that were taken.
    pub fn at(&self) -> Position {
        Position { offset: self.at.offset - self.left.len() as u64, ..self.at.clone() }
    }

    /// The next bytes, at most so many; `None` at the end.
    pub async fn take(&mut self, most: u64) -> Result<Option<Bytes>, FetchError> {
        if self.left.is_empty() {
            match self.next().await? {
                Some(bytes) => self.left = bytes,
                None => return Ok(None),
            }
        }
        let taken = most.min(self.left.len() as u64) as usize;
        Ok(Some(self.left.split_to(taken)))
    }

    /// How many faults there were.
    pub fn faults(&self) -> u64 {
        self.tries.used()
    }

    /// The share of the track that is read, 0..1, where it can be told.
    pub fn share(&self, bytes_done: u64) -> Option<f64> {
        match &self.pieces {
            Pieces::Plain { .. } => self.at.total.map(|total| bytes_done as f64 / total.max(1) as f64),
            Pieces::Segments(segments) => Some(self.at.piece as f64 / segments.len().max(1) as f64),
        }
    }

    /// The next bytes; `None` at the end. [`FetchError::Changed`]: the track has to be read from its beginning.
    async fn next(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            let read = match &self.pieces {
                Pieces::Plain { .. } => self.next_of_file().await,
                Pieces::Segments(_) => self.next_of_segments().await,
            };
            match read {
                Ok(bytes) => return Ok(bytes),
                Err(error) => {
                    self.open = None;
                    let text = heaters_domain::causes(&error);
                    let pause = self.tries.after(error)?;
                    tracing::warn!(error = text, fault = self.tries.used(), ?pause, "trying again");
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }
}

async fn pieces(client: &Client, format: &TrackFormat) -> Result<Pieces, FetchError> {
    let no_url = || FetchError::Playlist("The site names no address of this video.".to_owned());
    let url = || client.check(format.url.as_deref().ok_or_else(no_url)?);
    match format.protocol() {
        Ok(Protocol::Plain) => Ok(Pieces::Plain { url: url()?, chunk: format.downloader_options.http_chunk_size }),
        Ok(Protocol::Hls) => Ok(Pieces::Segments(load_playlist(client, &url()?, &format.http_headers).await?)),
        Ok(Protocol::Dash) => {
            let base = format.fragment_base_url.as_deref().or(format.url.as_deref());
            let base = base.map(|base| client.check(base)).transpose()?;
            let fragments = format.fragments.iter().flatten();
            let address = |fragment: &Fragment| match (&fragment.url, &fragment.path, &base) {
                (Some(url), ..) => client.check(url),
                (None, Some(path), Some(base)) => client.check(base.join(path).map_err(|_| no_url())?.as_str()),
                _ => Err(no_url()),
            };
            let segments: Result<Vec<_>, _> = fragments.map(|fragment| address(fragment).map(Segment::whole)).collect();
            Ok(Pieces::Segments(segments?))
        }
        Err(_) => Err(no_url()),
    }
}
