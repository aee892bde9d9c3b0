//! FLV: a stream of tags. The first ones hold the decoders' configuration; every slice begins with them.

use super::{Container, ReadAt, Seen, SourceError, Time};
use crate::source::access::Access;
use heaters_domain::plan::{Clock, Reading, Source};
use std::ops::Range;

/// Where the configuration is looked for.
const OPEN_BYTES: u64 = 4 << 20;
const HEADER_BYTES: usize = 13;
const TAG_BYTES: usize = 11;
/// How much is read to look at a picture's beginning.
const LOOK_BYTES: u64 = 8 << 10;
/// The configuration that is not at the beginning may be as large as this.
const MOST_PREFIX_BYTES: usize = 4 << 10;

pub(super) struct Stream {
    /// Where the first tag lies that is no configuration.
    head: u64,
    /// Configuration from behind it.
    prefix: Vec<u8>,
    access: Access,
}

/// One tag.
struct Tag<'a> {
    kind: u8,
    /// With its header and the size behind it.
    whole: &'a [u8],
    data: &'a [u8],
}

impl<'a> Tag<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let [kind, high, middle, low] = *bytes.first_chunk()?;
        let size = u32::from_be_bytes([0, high, middle, low]) as usize;
        let whole = bytes.get(..TAG_BYTES + size + 4)?;
        Some(Self { kind: kind & 0x1F, whole, data: &whole[TAG_BYTES..TAG_BYTES + size] })
    }

    fn is_picture(&self) -> bool {
        self.kind == 9
    }

    fn is_sound(&self) -> bool {
        self.kind == 8
    }

    fn is_configuration(&self) -> bool {
        match (self.kind, self.data) {
            (18, _) => true,
            // AVC's, AAC's.
            (9, [first, 0, ..]) => first & 0x0F == 7,
            (8, [first, 0, ..]) => first >> 4 == 10,
            _ => false,
        }
    }
}

impl Stream {
    /// `None`: the stream can't be cut.
    pub(super) async fn open<R: ReadAt>(object: &R, source: &Source) -> Result<Option<Self>, SourceError<R::Error>> {
        let bytes = object.read_at(0..object.size().min(OPEN_BYTES)).await?;
        let mut stream = Self { head: 0, prefix: Vec::new(), access: Access::Trusted };
        // Which kinds of tags come first in the whole and in slices: the streams' order.
        let (mut whole, mut sliced, mut first_sound) = (Vec::new(), Vec::new(), &[][..]);
        let mut at = HEADER_BYTES;
        while let Some(tag) = bytes.get(at..).and_then(Tag::parse) {
            if tag.is_configuration() {
                if stream.head > 0 {
                    stream.prefix.extend_from_slice(tag.whole);
                }
                if tag.kind != 18 {
                    sliced.push(tag.kind);
                }
                if tag.is_picture()
                    && let Some(length) = tag.data.get(9)
                {
                    stream.access = Access::Avc { length_bytes: usize::from(length & 3) + 1 };
                }
            } else if stream.head == 0 {
                stream.head = at as u64;
            }
            if tag.is_sound() && first_sound.is_empty() {
                first_sound = tag.whole;
            }
            if tag.is_picture() || tag.is_sound() {
                whole.push(tag.kind);
            }
            at += tag.whole.len();
        }
        // The slice's first own tag is one of the picture.
        sliced.push(9);
        let first = |kinds: &[u8]| kinds.first().copied();
        // Sound without configuration: its first packet, which comes before all others, keeps its stream first.
        if first(&whole) == Some(8) && first(&sliced) == Some(9) {
            stream.prefix.splice(0..0, first_sound.iter().copied());
            sliced.insert(0, 8);
        }
        let usable = bytes.starts_with(b"FLV\x01")
            && stream.head > 0
            && stream.prefix.len() <= MOST_PREFIX_BYTES
            && (first(&whole) == first(&sliced) || source.sound.is_none());
        Ok(usable.then_some(stream))
    }
}

impl Container for Stream {
    fn pass(&mut self, _: u64, _: &[u8]) -> bool {
        true
    }

    async fn allows<R: ReadAt>(&self, object: &R, at: u64, _: Time) -> Result<bool, SourceError<R::Error>> {
        let end = object.size().min(at + LOOK_BYTES);
        let bytes = object.read_at(at..end).await?;
        if bytes.first().is_none_or(|kind| kind & 0x1F != 9) || at < self.head {
            return Ok(false);
        }
        // AVC's frames have 5 bytes in front, others 1.
        let skipped = if self.access == Access::Trusted { 1 } else { 5 };
        Ok(self.access.allows(bytes.get(TAG_BYTES + skipped..).unwrap_or_default()))
    }

    async fn end<R: ReadAt>(&self, object: &R, seen: &Seen, next: usize) -> Result<u64, SourceError<R::Error>> {
        Ok(seen.pictures[next].at.unwrap_or(object.size()))
    }

    fn reading(&self, range: Range<u64>, _: i64) -> Reading {
        Reading::Slice { head: self.head, prefix: self.prefix.clone(), range, cut_cluster: None, clock: Clock::Source }
    }

    fn first(&self, end: u64) -> Reading {
        Reading::Slice { head: 0, prefix: Vec::new(), range: 0..end, cut_cluster: None, clock: Clock::Source }
    }
}
