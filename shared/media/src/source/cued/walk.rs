//! Walks the blocks of a Matroska object, reading as little of it as can be.

use crate::{
    mkv::{
        Head, HeadBuilder, MkvError, Prologue, block_head,
        ebml::{self, Element, MOST_HEADER_BYTES},
        group_block, id,
    },
    source::{ReadAt, SourceError, window::Window},
};

/// The most bytes of a group that are read to find the block in it.
const MOST_GROUP_BYTES: u64 = 64 << 20;

/// Why a walk stops: the storage failed, or the file is not as it should be.
#[derive(Debug)]
pub(super) enum Stop<E: std::error::Error + 'static> {
    Source(SourceError<E>),
    Format(MkvError),
}

impl<E: std::error::Error + 'static> From<SourceError<E>> for Stop<E> {
    fn from(error: SourceError<E>) -> Self {
        Self::Source(error)
    }
}

impl<E: std::error::Error + 'static> From<MkvError> for Stop<E> {
    fn from(error: MkvError) -> Self {
        Self::Format(error)
    }
}

/// A block where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) track: u64,
    /// In ticks.
    pub(super) time: i64,
    pub(super) key: bool,
    pub(super) laced: bool,
    /// Where its element begins.
    pub(super) at: u64,
    pub(super) end: u64,
    /// Where its frames begin.
    pub(super) data_at: u64,
    /// Of its Cluster.
    pub(super) timestamp: u64,
    /// Where its Cluster's header lies.
    pub(super) cluster: (u64, u64),
}

/// Where a block's element lies.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: u64,
    payload: u64,
    end: u64,
    timestamp: u64,
    cluster: (u64, u64),
}

#[derive(Debug, Clone, Copy)]
struct Open {
    header: (u64, u64),
    end: Option<u64>,
    timestamp: Option<u64>,
}

pub(super) struct Walk<'a, R> {
    window: Window<'a, R>,
    at: u64,
    end: u64,
    cluster: Option<Open>,
}

impl<'a, R: ReadAt> Walk<'a, R> {
    /// A walk that begins with a Cluster at `at` and ends where the Segment does.
    pub(super) fn new(object: &'a R, head: &Head, at: u64, piece_bytes: u64) -> Self {
        let end = head.prologue.end.map_or(object.size(), |end| end.min(object.size()));
        Self { window: Window::new(object, piece_bytes), at, end, cluster: None }
    }

    /// Where the next element begins.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Bytes of the object, where the walk has been.
    pub(super) async fn bytes(&mut self, at: u64, wanted: u64) -> Result<&[u8], Stop<R::Error>> {
        Ok(self.window.get(at, wanted).await?)
    }

    /// Enters the Cluster that has to begin here, up to its timestamp. Gives where its payload begins.
    pub(super) async fn enter(&mut self) -> Result<u64, Stop<R::Error>> {
        let element = self.peek().await?.filter(|element| element.id == id::CLUSTER);
        let payload = self.at + element.ok_or(MkvError::Missing("cluster where the cues say"))?.header_bytes;
        while self.cluster.and_then(|open| open.timestamp).is_none() {
            let element = self.peek().await?.ok_or(MkvError::Missing("timestamp in a cluster"))?;
            self.step(&element).await?;
        }
        Ok(payload)
    }

    /// Goes on within the Cluster at another of its elements.
    pub(super) fn jump(&mut self, at: u64) -> Result<(), MkvError> {
        let inside = self.cluster.is_some_and(|open| open.end.is_none_or(|end| at < end));
        if at < self.at || at >= self.end || !inside {
            return Err(MkvError::NoElement(at));
        }
        self.at = at;
        Ok(())
    }

    /// The next block; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Found>, Stop<R::Error>> {
        loop {
            let Some(element) = self.peek().await? else { return Ok(None) };
            if let Some(found) = self.step(&element).await? {
                return Ok(Some(found));
            }
        }
    }

    /// The element that begins here; `None` at the end.
    async fn peek(&mut self) -> Result<Option<Element>, Stop<R::Error>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let at = self.at;
        // What is cut off at the file's end is no block.
        Ok(ebml::element(self.window.get(at, MOST_HEADER_BYTES as u64).await?, at)?)
    }

    /// Passes the element that begins here, or enters it.
    async fn step(&mut self, element: &Element) -> Result<Option<Found>, Stop<R::Error>> {
        let (at, payload) = (self.at, self.at + element.header_bytes);
        let over = self.cluster.is_some_and(|open| match open.end {
            Some(end) => at >= end,
            None => id::is_top_level(element.id),
        });
        if over {
            self.cluster = None;
        }
        if element.id == id::CLUSTER && self.cluster.is_none() {
            let end = element.size.and_then(|size| payload.checked_add(size));
            self.cluster = Some(Open { header: (at, payload), end, timestamp: None });
            self.at = payload;
            return Ok(None);
        }
        let end = element.size.and_then(|size| payload.checked_add(size)).ok_or(MkvError::NoElement(at))?;
        let mut found = None;
        match element.id {
            id::TIMESTAMP if end - payload <= 8 => {
                let bytes = self.window.get(payload, end - payload).await?;
                let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
                if let Some(open) = &mut self.cluster {
                    open.timestamp = Some(value);
                }
            }
            id::SIMPLE_BLOCK | id::BLOCK_GROUP if end <= self.end => {
                if let Some((timestamp, cluster)) = self.cluster.and_then(|open| open.timestamp.zip(Some(open.header)))
                {
                    let place = Place { at, payload, end, timestamp, cluster };
                    found = self.block(element.id == id::SIMPLE_BLOCK, place).await?;
                }
            }
            _ => {}
        }
        self.at = end;
        Ok(found)
    }

    async fn block(&mut self, simple: bool, place: Place) -> Result<Option<Found>, Stop<R::Error>> {
        let Place { at, payload, end, timestamp, cluster } = place;
        let wanted = if simple { (end - payload).min(16) } else { end - payload };
        if wanted > MOST_GROUP_BYTES {
            return Err(MkvError::TooLarge { at, size: wanted }.into());
        }
        let bytes = self.window.get(payload, wanted).await?;
        let found = if simple { Some((0..bytes.len(), false)) } else { group_block(bytes)? };
        let Some((range, reference_free)) = found else { return Ok(None) };
        let Some(head) = block_head(&bytes[range.clone()]) else { return Ok(None) };
        let time = i64::try_from(timestamp).ok().and_then(|time| time.checked_add(i64::from(head.relative)));
        Ok(Some(Found {
            track: head.track,
            time: time.ok_or(MkvError::NoElement(at))?,
            key: if simple { head.key() } else { reference_free },
            laced: head.laced(),
            at,
            end,
            data_at: payload + (range.start + head.bytes) as u64,
            timestamp,
            cluster,
        }))
    }
}

/// Reads an object's head: no more of it than the elements of interest.
pub(super) async fn head<R: ReadAt>(object: &R) -> Result<Head, Stop<R::Error>> {
    let mut window = Window::new(object, 64 << 10);
    let prologue = Prologue::parse(window.get(0, 8192).await?)?.ok_or(MkvError::NotMatroska)?;
    let (mut builder, mut at) = (HeadBuilder::new(prologue), prologue.data);
    let end = prologue.end.map_or(object.size(), |end| end.min(object.size()));
    while at < end {
        let Some(element) = ebml::element(window.get(at, MOST_HEADER_BYTES as u64).await?, at)? else { break };
        if element.id == id::CLUSTER {
            break;
        }
        let wanted = HeadBuilder::wants(&element, at)?;
        let payload = window.get(at + element.header_bytes, wanted).await?;
        at = builder.add(&element, at, payload)?;
    }
    Ok(builder.finish()?)
}
