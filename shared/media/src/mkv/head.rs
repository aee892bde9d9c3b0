//! What comes before the first Cluster: where things lie, the clock, the tracks.

use super::{
    MOST_HELD_BYTES, MkvError,
    ebml::{self, Child, Element, Elements},
    id,
};
use std::ops::Range;

/// A Matroska file's head.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub prologue: Prologue,
    /// Nanoseconds a tick.
    pub timestamp_scale: u64,
    /// In ticks.
    pub duration: Option<f64>,
    pub tracks: Vec<Track>,
    /// Where the SeekHeads say that elements lie: ids and absolute positions.
    pub seeks: Vec<(u32, u64)>,
    /// The Segment's elements before the first Cluster.
    pub parts: Vec<Part>,
    /// Where the first Cluster begins; the file's end if it has none.
    pub first_cluster: u64,
}

/// An element of the Segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub id: u32,
    /// With its header.
    pub range: Range<u64>,
}

/// One TrackEntry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    pub number: u64,
    /// 1 is picture, 2 is sound.
    pub kind: u64,
    pub codec: String,
    pub codec_private: Vec<u8>,
    /// Its frames are compressed or encrypted within the container.
    pub encoded: bool,
    /// The TrackEntry's payload as it is in the file.
    pub entry: Vec<u8>,
}

/// The EBML header and the beginning of the Segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prologue {
    /// Where the Segment element begins.
    pub segment: u64,
    /// Where its payload begins: SeekHead and Cues count from here.
    pub data: u64,
    /// Where it ends; `None`: unknown.
    pub end: Option<u64>,
}

impl Prologue {
    /// Parses the first bytes of a file; `None`: more are needed.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, MkvError> {
        let Some(header) = ebml::element(bytes, 0)? else { return Ok(None) };
        let size = header.whole_bytes().filter(|_| header.id == id::EBML).ok_or(MkvError::NotMatroska)?;
        if size > 4096 {
            return Err(MkvError::NotMatroska);
        }
        let Some((whole, mut rest)) = bytes.split_at_checked(size as usize) else { return Ok(None) };
        let kind = Elements::new(&whole[header.header_bytes as usize..], header.header_bytes)
            .find_map(|child| child.ok().filter(|child| child.id == id::DOC_TYPE).map(|child| child.text()));
        if !matches!(kind.as_deref(), Some("matroska" | "webm")) {
            return Err(MkvError::NotMatroska);
        }
        let mut at = size;
        loop {
            let Some(element) = ebml::element(rest, at)? else { return Ok(None) };
            if element.id == id::SEGMENT {
                let data = at + element.header_bytes;
                return Ok(Some(Self { segment: at, data, end: element.size.and_then(|size| data.checked_add(size)) }));
            }
            // Only padding may come before the Segment.
            let size = element.whole_bytes().filter(|size| element.id == id::VOID && *size <= 4096);
            let size = size.ok_or(MkvError::NotMatroska)?;
            let Some(after) = rest.get(size as usize..) else { return Ok(None) };
            (rest, at) = (after, at + size);
        }
    }
}

impl Track {
    fn parse(entry: &Child<'_>) -> Result<Self, MkvError> {
        let mut track = Self {
            number: 0,
            kind: 0,
            codec: String::new(),
            codec_private: Vec::new(),
            encoded: false,
            entry: entry.payload.to_vec(),
        };
        for child in entry.children() {
            let child = child?;
            match child.id {
                id::TRACK_NUMBER => track.number = child.uint().unwrap_or(0),
                id::TRACK_TYPE => track.kind = child.uint().unwrap_or(0),
                id::CODEC_ID => track.codec = child.text(),
                id::CODEC_PRIVATE => track.codec_private = child.payload.to_vec(),
                id::CONTENT_ENCODINGS => track.encoded = true,
                _ => {}
            }
        }
        Ok(track)
    }

    /// The TrackEntry's payload under another number, which becomes its UID too.
    pub fn numbered(&self, number: u64) -> Result<Vec<u8>, MkvError> {
        let mut entry = Vec::with_capacity(self.entry.len());
        for child in Elements::new(&self.entry, 0) {
            let child = child?;
            match child.id {
                id::TRACK_NUMBER | id::TRACK_UID => ebml::put_uint(&mut entry, child.id, number),
                _ => entry.extend_from_slice(child.whole),
            }
        }
        Ok(entry)
    }
}

/// Gathers a head from the Segment's elements, however they are read.
#[derive(Debug)]
pub struct HeadBuilder {
    head: Head,
}

impl HeadBuilder {
    pub fn new(prologue: Prologue) -> Self {
        let head = Head {
            prologue,
            timestamp_scale: 1_000_000,
            duration: None,
            tracks: Vec::new(),
            seeks: Vec::new(),
            parts: Vec::new(),
            first_cluster: prologue.data,
        };
        Self { head }
    }

    /// What is known so far.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// How many bytes of payload have to be given to [`HeadBuilder::add`] for an element at byte `at` of the
    /// Segment; 0 if it is not of interest.
    pub fn wants(element: &Element, at: u64) -> Result<u64, MkvError> {
        if !matches!(element.id, id::SEEK_HEAD | id::INFO | id::TRACKS) {
            return Ok(0);
        }
        let size = element.size.unwrap_or(u64::MAX);
        if size > MOST_HELD_BYTES { Err(MkvError::TooLarge { at, size }) } else { Ok(size) }
    }

    /// Takes the element at byte `at`, the next of the Segment; `payload` is what [`HeadBuilder::wants`]
    /// asked for. Gives where the next element begins.
    pub fn add(&mut self, element: &Element, at: u64, payload: &[u8]) -> Result<u64, MkvError> {
        let end = element.whole_bytes().and_then(|bytes| bytes.checked_add(at));
        let end = end.ok_or(MkvError::TooLarge { at, size: u64::MAX })?;
        self.head.parts.push(Part { id: element.id, range: at..end });
        self.head.first_cluster = end;
        let children = Elements::new(payload, at + element.header_bytes);
        match element.id {
            id::SEEK_HEAD => self.seek_head(children)?,
            id::INFO => self.info(children)?,
            id::TRACKS => {
                for child in children {
                    let child = child?;
                    if child.id == id::TRACK_ENTRY {
                        self.head.tracks.push(Track::parse(&child)?);
                    }
                }
            }
            _ => {}
        }
        Ok(end)
    }

    fn info(&mut self, children: Elements<'_>) -> Result<(), MkvError> {
        for child in children {
            let child = child?;
            match child.id {
                id::TIMESTAMP_SCALE => {
                    self.head.timestamp_scale = child.uint().filter(|scale| *scale > 0).unwrap_or(1_000_000);
                }
                id::DURATION => self.head.duration = child.float().filter(|ticks| ticks.is_finite()),
                _ => {}
            }
        }
        Ok(())
    }

    fn seek_head(&mut self, children: Elements<'_>) -> Result<(), MkvError> {
        for seek in children {
            let seek = seek?;
            let (mut target, mut position) = (None, None);
            for child in seek.children().filter(|_| seek.id == id::SEEK) {
                let child = child?;
                match child.id {
                    id::SEEK_ID => target = child.uint().and_then(|id| u32::try_from(id).ok()),
                    id::SEEK_POSITION => position = child.uint(),
                    _ => {}
                }
            }
            let position = position.and_then(|position| position.checked_add(self.head.prologue.data));
            if let (Some(target), Some(position)) = (target, position) {
                self.head.seeks.push((target, position));
            }
        }
        Ok(())
    }

    /// The head, once the first Cluster is reached or the file has ended.
    pub fn finish(self) -> Result<Head, MkvError> {
        if self.head.tracks.is_empty() { Err(MkvError::Missing("tracks")) } else { Ok(self.head) }
    }
}

impl Head {
    /// Where the Segment's last Cluster ends, in a file of `size` bytes as ffmpeg writes it: there the Cues or
    /// the Tags begin.
    pub fn clusters_end(&self, size: u64) -> u64 {
        let end = self.prologue.end.map_or(size, |end| end.min(size));
        let after = self.seeks.iter().map(|(_, position)| *position).filter(|position| *position > self.first_cluster);
        after.fold(end, u64::min)
    }

    /// The track of a number.
    pub fn track(&self, number: u64) -> Option<&Track> {
        self.tracks.iter().find(|track| track.number == number)
    }
}
