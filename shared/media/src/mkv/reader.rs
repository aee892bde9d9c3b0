//! Matroska as a stream: the head, then block after block.

use super::{
    MOST_HELD_BYTES, MkvError,
    block::Block,
    ebml::{self, Element, MOST_HEADER_BYTES},
    head::{Head, HeadBuilder, Prologue},
    id,
};
use std::io::{self, Read};

/// Reads a file from its beginning, once. Memory is bounded by the largest block.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    /// Bytes that were read ahead.
    ahead: Vec<u8>,
    /// Where in the file the first byte of `ahead` lies.
    at: u64,
    head: Head,
    cluster: Option<Open>,
}

/// The Cluster that is being read.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// `None`: unknown.
    end: Option<u64>,
    timestamp: i64,
}

/// What comes next in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A Cluster begins at this byte.
    Cluster(u64),
    Block(Block),
}

impl<R: Read> Reader<R> {
    /// Reads the head, up to the first Cluster.
    pub fn open(mut input: R) -> Result<Self, MkvError> {
        let mut ahead = Vec::new();
        let prologue = loop {
            if let Some(prologue) = Prologue::parse(&ahead)? {
                break prologue;
            }
            let wanted = ahead.len() as u64 + 64;
            if fill(&mut input, &mut ahead, wanted)? < wanted && Prologue::parse(&ahead)?.is_none() {
                return Err(MkvError::NotMatroska);
            }
        };
        ahead.drain(..prologue.data as usize);
        let mut builder = HeadBuilder::new(prologue);
        let mut reader = Self { input, ahead, at: prologue.data, head: builder.head().clone(), cluster: None };
        while let Some(element) = reader.peek()? {
            if element.id == id::CLUSTER || reader.past_segment() {
                break;
            }
            let at = reader.at;
            let wanted = HeadBuilder::wants(&element, at)?;
            reader.skip(element.header_bytes)?;
            let payload = reader.take(wanted)?;
            let end = builder.add(&element, at, &payload)?;
            reader.skip(end - reader.at)?;
        }
        reader.head = builder.finish()?;
        Ok(reader)
    }

    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The next Cluster or block; `None` at the file's end. Elements of other kinds are passed over.
    pub fn next_event(&mut self) -> Result<Option<Event>, MkvError> {
        loop {
            if self.past_segment() {
                return Ok(None);
            }
            let Some(element) = self.peek()? else { return Ok(None) };
            let over = self.cluster.is_some_and(|open| match open.end {
                Some(end) => self.at >= end,
                None => id::is_top_level(element.id),
            });
            if over {
                self.cluster = None;
            }
            match (element.id, self.cluster) {
                (id::CLUSTER, None) => return self.open_cluster(&element).map(Some),
                (id::TIMESTAMP, Some(_)) => self.timestamp(&element)?,
                (id::SIMPLE_BLOCK | id::BLOCK_GROUP, Some(open)) => {
                    if let Some(block) = self.block(&element, open.timestamp)? {
                        return Ok(Some(Event::Block(block)));
                    }
                }
                _ => self.skip(element.whole_bytes().ok_or(MkvError::NoElement(self.at))?)?,
            }
        }
    }

    /// The next block; `None` at the file's end.
    pub fn next_block(&mut self) -> Result<Option<Block>, MkvError> {
        loop {
            match self.next_event()? {
                Some(Event::Block(block)) => return Ok(Some(block)),
                Some(Event::Cluster(_)) => {}
                None => return Ok(None),
            }
        }
    }

    fn past_segment(&self) -> bool {
        self.head.prologue.end.is_some_and(|end| self.at >= end)
    }

    fn open_cluster(&mut self, element: &Element) -> Result<Event, MkvError> {
        let at = self.at;
        self.skip(element.header_bytes)?;
        let end = element.size.and_then(|size| self.at.checked_add(size));
        self.cluster = Some(Open { end, timestamp: 0 });
        Ok(Event::Cluster(at))
    }

    fn timestamp(&mut self, element: &Element) -> Result<(), MkvError> {
        let (at, size) = (self.at, element.size.unwrap_or(u64::MAX));
        if size > 8 {
            return Err(MkvError::TooLarge { at, size });
        }
        self.skip(element.header_bytes)?;
        let value = self.take(size)?.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
        if let Some(open) = &mut self.cluster {
            open.timestamp = i64::try_from(value).map_err(|_| MkvError::NoElement(at))?;
        }
        Ok(())
    }

    fn block(&mut self, element: &Element, timestamp: i64) -> Result<Option<Block>, MkvError> {
        let (at, size) = (self.at, element.size.unwrap_or(u64::MAX));
        if size > MOST_HELD_BYTES {
            return Err(MkvError::TooLarge { at, size });
        }
        self.skip(element.header_bytes)?;
        let payload = self.take(size)?;
        Block::parse(element.id == id::SIMPLE_BLOCK, at, element.header_bytes, &payload, timestamp)
    }

    /// The element that begins here; `None` at the file's end.
    fn peek(&mut self) -> Result<Option<Element>, MkvError> {
        fill(&mut self.input, &mut self.ahead, MOST_HEADER_BYTES as u64)?;
        if self.ahead.is_empty() {
            return Ok(None);
        }
        ebml::element(&self.ahead, self.at)?.map(Some).ok_or(MkvError::Short(self.at + self.ahead.len() as u64))
    }

    /// The next bytes; no more is allocated than the file really has.
    fn take(&mut self, bytes: u64) -> Result<Vec<u8>, MkvError> {
        if fill(&mut self.input, &mut self.ahead, bytes)? < bytes {
            return Err(MkvError::Short(self.at + self.ahead.len() as u64));
        }
        let rest = self.ahead.split_off(bytes as usize);
        self.at += bytes;
        Ok(std::mem::replace(&mut self.ahead, rest))
    }

    fn skip(&mut self, bytes: u64) -> Result<(), MkvError> {
        let held = bytes.min(self.ahead.len() as u64);
        self.ahead.drain(..held as usize);
        let rest = io::copy(&mut (&mut self.input).take(bytes - held), &mut io::sink())?;
        self.at += held + rest;
        if held + rest < bytes { Err(MkvError::Short(self.at)) } else { Ok(()) }
    }
}

/// Reads until `held` has `wanted` bytes or the input ends. Gives how many it has.
fn fill(input: &mut impl Read, held: &mut Vec<u8>, wanted: u64) -> io::Result<u64> {
    let missing = wanted.saturating_sub(held.len() as u64);
    if missing > 0 {
        input.take(missing).read_to_end(held)?;
    }
    Ok(held.len() as u64)
}
