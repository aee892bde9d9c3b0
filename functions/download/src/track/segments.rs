//! Segments one after another.

use super::{Pieces, Reader, decrypt::decrypt};
use crate::fetch::{FetchError, Opened, Wanted};
use bytes::Bytes;
use std::ops::Range;
use url::Url;

/// A segment that is decrypted is in memory as a whole.
const MOST_ENCRYPTED_BYTES: u64 = 64 << 20;
const KEY_BYTES: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub url: Url,
    /// The bytes of the resource that are meant, where it is not all of them.
    pub range: Option<Range<u64>>,
    pub key: Option<Key>,
}

/// How a segment is encrypted: AES-128 in CBC mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub url: Url,
    pub iv: [u8; 16],
}

impl Segment {
    pub fn whole(url: Url) -> Self {
        Self { url, range: None, key: None }
    }

    fn wanted(&self) -> Wanted {
        let range = self.range.clone();
        Wanted { from: range.as_ref().map_or(0, |range| range.start), to: range.map(|range| range.end), if_range: None }
    }

    fn starts(&self, open: &Opened) -> Result<(), FetchError> {
        let start = self.range.as_ref().map_or(0, |range| range.start);
        if open.start == start {
            return Ok(());
        }
        Err(FetchError::Playlist("The site gives no parts of its files, which this video needs.".to_owned()))
    }
}

impl Reader {
    pub(super) async fn next_of_segments(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            let Pieces::Segments(segments) = &self.pieces else { return Ok(None) };
            let Some(segment) = segments.get(self.at.piece as usize).cloned() else { return Ok(None) };
            let bytes = match &segment.key {
                Some(key) => self.decrypted(&segment, key).await?,
                None => self.next_of_segment(&segment).await?,
            };
            match bytes {
                Some(bytes) => {
                    self.at.offset += bytes.len() as u64;
                    return Ok(Some(bytes));
                }
                None => {
                    self.open = None;
                    (self.at.piece, self.at.offset) = (self.at.piece + 1, 0);
                }
            }
        }
    }

    async fn next_of_segment(&mut self, segment: &Segment) -> Result<Option<Bytes>, FetchError> {
        let fresh = self.open.is_none();
        if fresh {
            let open = self.client.open(&segment.url, &self.headers, &segment.wanted()).await?;
            segment.starts(&open)?;
            self.open = Some(open);
        }
        let Some(open) = &mut self.open else { return Ok(None) };
        // Segments are small: one that broke off is read again, without what is there already.
        let mut skip = if fresh { self.at.offset } else { 0 };
        while let Some(mut bytes) = open.next().await? {
            let skipped = skip.min(bytes.len() as u64);
            skip -= skipped;
            let rest = bytes.split_off(skipped as usize);
            if !rest.is_empty() {
                return Ok(Some(rest));
            }
        }
        Ok(None)
    }

    /// What is not read yet of an encrypted segment.
    async fn decrypted(&mut self, segment: &Segment, key: &Key) -> Result<Option<Bytes>, FetchError> {
        let secret = self.secret(key).await?;
        let most = MOST_ENCRYPTED_BYTES;
        let (_, body) = self.client.read(&segment.url, &self.headers, &segment.wanted(), most).await?;
        let plain =
            decrypt(&secret, key.iv, body).ok_or_else(|| FetchError::Decrypt { url: segment.url.to_string() })?;
        let rest = Bytes::from(plain).split_off_at(self.at.offset);
        Ok(Some(rest).filter(|rest| !rest.is_empty()))
    }

    async fn secret(&mut self, key: &Key) -> Result<Vec<u8>, FetchError> {
        let url = key.url.to_string();
        if let Some(secret) = self.keys.get(&url) {
            return Ok(secret.clone());
        }
        let (_, secret) = self.client.read(&key.url, &self.headers, &Wanted::default(), KEY_BYTES as u64).await?;
        self.keys.insert(url, secret.clone());
        Ok(secret)
    }
}

trait SplitOffAt {
    fn split_off_at(self, at: u64) -> Bytes;
}

impl SplitOffAt for Bytes {
    /// What follows a place; nothing beyond the end.
    fn split_off_at(mut self, at: u64) -> Bytes {
        let at = (at as usize).min(self.len());
        self.split_off(at)
    }
}
