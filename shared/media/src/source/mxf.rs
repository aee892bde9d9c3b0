//! MXF in an order in which it can be read in one go.
//!
//! An index says in which order pictures are shown and where each frame lies. Its segments are scattered over the
//! file, in front of later parts of the essence and behind all of it. In a stream they come before the essence, which
//! follows as one: the index counts its bytes as if nothing were between its parts.

use super::{ReadAt, SourceError, parts::Part, read_exact, window::Window};
use std::ops::Range;

/// Read at once, in bytes.
const PIECE_BYTES: u64 = 16 << 10;
/// More partitions than any file has, each of which is looked at.
const MOST_PARTITIONS: usize = 1 << 16;
/// The index is held in memory; an hour at 25 frames a second has about a megabyte of it.
const MOST_INDEX_BYTES: u64 = 128 << 20;
const KEY_BYTES: usize = 16;
/// A key and the longest length.
const MOST_HEADER_BYTES: u64 = 25;
/// What of a partition's head is of interest.
const HEAD_BYTES: u64 = 64;

/// One piece of the file: a key, a length, and so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Klv {
    key: [u8; KEY_BYTES],
    /// How many bytes key and length take.
    header_bytes: u64,
    bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Partition,
    Index,
    /// Fill, metadata, and the like.
    Other,
    Essence,
}

impl Klv {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (key, rest) = bytes.split_first_chunk()?;
        let (first, rest) = rest.split_first()?;
        // A short length is a byte; of a long one the byte says how many bytes it takes.
        let length = if *first < 0x80 { &[*first][..] } else { rest.get(..usize::from(first & 0x7F))? };
        let length_bytes = if *first < 0x80 { 0 } else { length.len() as u64 };
        if length.len() > 8 {
            return None;
        }
        let bytes = length.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        key.starts_with(&[0x06, 0x0E, 0x2B, 0x34]).then_some(Self {
            key: *key,
            header_bytes: KEY_BYTES as u64 + 1 + length_bytes,
            bytes,
        })
    }

    fn kind(&self) -> Kind {
        // Bytes 5 and 6 say what it is made of, 9 and on what it is for (SMPTE ST 377-1; the version in byte 8 differs).
        match (&self.key[4..6], &self.key[8..14]) {
            ([2, 5], [0x0D, 1, 2, 1, 1, 2..=4]) => Kind::Partition,
            ([2, 0x53], [0x0D, 1, 2, 1, 1, 0x10]) => Kind::Index,
            // Elements, those of Avid and Canopus among them, and what belongs to a frame.
            ([1, 2], _) | (_, [0x0D, 1, 3, 1, ..]) => Kind::Essence,
            _ => Kind::Other,
        }
    }

    fn end(&self, at: u64) -> Option<u64> {
        at.checked_add(self.header_bytes)?.checked_add(self.bytes)
    }
}

/// A part of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Partition {
    /// Where the one before it begins.
    previous: u64,
    /// Where the last one begins; 0: that is not known.
    footer: u64,
    /// Which essence is in it; 0: none.
    body: u32,
    /// The index's segments in front of the essence.
    index: Vec<Range<u64>>,
    /// Empty where there is none.
    essence: Range<u64>,
}

impl Partition {
    /// Its head alone.
    fn parse(klv: &Klv, payload: &[u8]) -> Option<Self> {
        let long = |from: usize| payload.get(from..)?.first_chunk().copied().map(u64::from_be_bytes);
        let body = payload.get(60..)?.first_chunk().copied().map(u32::from_be_bytes)?;
        // Streams of other things than frames say so in their key.
        let body = if klv.key[13..15] == [3, 0x11] { 0 } else { body };
        Some(Self { previous: long(16)?, footer: long(24)?, body, index: Vec::new(), essence: 0..0 })
    }
}

/// The parts of a file, in one order. `None`: it is not as it should be, and may be read as it is.
pub(super) async fn in_one_go<R: ReadAt>(object: &R) -> Result<Option<Vec<Part>>, SourceError<R::Error>> {
    let mut file = File { window: Window::new(object, PIECE_BYTES), size: object.size() };
    let Some(partitions) = file.partitions().await? else { return Ok(None) };
    let (mut body, mut index, mut essence) = (None, Vec::new(), Vec::<Range<u64>>::new());
    for partition in partitions {
        // Up to the essence the file stays as it is.
        if !essence.is_empty() {
            index.extend(partition.index);
        }
        if partition.body == 0 {
            continue;
        }
        if *body.get_or_insert(partition.body) != partition.body {
            return Ok(None);
        }
        essence.push(partition.essence);
    }
    let Some(first) = essence.first() else { return Ok(None) };
    if index.iter().map(|range| range.end - range.start).sum::<u64>() > MOST_INDEX_BYTES {
        return Ok(None);
    }
    let mut parts = vec![Part::Source(0..first.start)];
    for range in index {
        parts.push(Part::Own(read_exact(object, range).await?));
    }
    parts.extend(essence.into_iter().map(Part::Source));
    Ok(Some(parts))
}

struct File<'a, R> {
    window: Window<'a, R>,
    size: u64,
}

impl<R: ReadAt> File<'_, R> {
    /// All partitions, in the order of the file. `None`: some can't be found.
    async fn partitions(&mut self) -> Result<Option<Vec<Partition>>, SourceError<R::Error>> {
        let Some((header, _)) = self.head(0).await? else { return Ok(None) };
        let footer = if header.footer > 0 { Some(header.footer) } else { self.last_in_list().await? };
        let (Some(mut at), mut end, mut found) = (footer, self.size, Vec::new()) else { return Ok(None) };
        loop {
            let Some(partition) = self.partition(at..end).await? else { return Ok(None) };
            let previous = partition.previous;
            found.push(partition);
            if at == 0 {
                found.reverse();
                return Ok(Some(found));
            }
            if previous >= at || found.len() == MOST_PARTITIONS {
                return Ok(None);
            }
            (at, end) = (previous, at);
        }
    }

    /// Where the last partition begins by the list of them at the file's end: a recorder may not have gone back to say
    /// so in the header.
    async fn last_in_list(&mut self) -> Result<Option<u64>, SourceError<R::Error>> {
        // The list ends with its own length, and in front of that is the last partition's place.
        let Some(at) = self.size.checked_sub(12) else { return Ok(None) };
        let place = self.window.get(at, 8).await?.first_chunk().copied().map(u64::from_be_bytes);
        Ok(place.filter(|place| (1..at).contains(place)))
    }

    /// The partition that lies in a range, looked through up to its essence. `None`: it can't be told.
    async fn partition(&mut self, range: Range<u64>) -> Result<Option<Partition>, SourceError<R::Error>> {
        let Some((mut partition, mut at)) = self.head(range.start).await? else { return Ok(None) };
        while at < range.end {
            let Some(klv) = self.klv(at).await? else { return Ok(None) };
            if klv.kind() == Kind::Essence {
                break;
            }
            let Some(next) = klv.end(at).filter(|next| *next <= range.end) else { return Ok(None) };
            match klv.kind() {
                Kind::Index => partition.index.push(at..next),
                // There is one that the others don't know of.
                Kind::Partition => return Ok(None),
                Kind::Other | Kind::Essence => {}
            }
            at = next;
        }
        Ok(Some(Partition { essence: at.min(range.end)..range.end, ..partition }))
    }

    /// A partition's head and where it ends.
    async fn head(&mut self, at: u64) -> Result<Option<(Partition, u64)>, SourceError<R::Error>> {
        let Some(klv) = self.klv(at).await?.filter(|klv| klv.kind() == Kind::Partition) else { return Ok(None) };
        let payload = self.window.get(at + klv.header_bytes, klv.bytes.min(HEAD_BYTES)).await?;
        Ok(Partition::parse(&klv, payload).zip(klv.end(at)))
    }

    /// What begins at a byte; `None`: nothing whole.
    async fn klv(&mut self, at: u64) -> Result<Option<Klv>, SourceError<R::Error>> {
        let klv = Klv::parse(self.window.get(at, MOST_HEADER_BYTES).await?);
        Ok(klv.filter(|klv| klv.end(at).is_some_and(|end| end <= self.size)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const INDEX: [u8; KEY_BYTES] = *b"\x06\x0e\x2b\x34\x02\x53\x01\x01\x0d\x01\x02\x01\x01\x10\x01\x00";

    proptest! {
        #[test]
        fn a_length_is_read_however_it_is_written(bytes in any::<u64>(), wide in 0usize..9, behind in any::<u8>()) {
            let needed = 8 - bytes.leading_zeros() as usize / 8;
            let wide = wide.max(needed);
            let mut written = INDEX.to_vec();
            if wide == 0 || (wide == needed && bytes < 0x80) {
                written.push(bytes as u8);
            } else {
                written.push(0x80 | wide as u8);
                written.extend(&bytes.to_be_bytes()[8 - wide..]);
            }
            let header_bytes = written.len() as u64;
            prop_assert_eq!(Klv::parse(&written[..written.len() - 1]), None);
            written.push(behind);
            prop_assert_eq!(Klv::parse(&written), Some(Klv { key: INDEX, header_bytes, bytes }));
        }
    }

    #[test]
    fn kinds_are_told_by_keys() {
        let kind = |changes: &[(usize, u8)]| {
            let mut key = INDEX;
            for (at, byte) in changes {
                key[*at] = *byte;
            }
            Klv { key, header_bytes: 17, bytes: 0 }.kind()
        };
        assert_eq!(kind(&[(7, 2)]), Kind::Index);
        assert_eq!(kind(&[(5, 5), (13, 3)]), Kind::Partition);
        // The list of partitions, and a set of metadata.
        assert_eq!((kind(&[(5, 5), (13, 0x11)]), kind(&[(10, 1), (13, 1)])), (Kind::Other, Kind::Other));
        // A picture, and what belongs to a frame.
        assert_eq!((kind(&[(4, 1), (5, 2), (10, 3)]), kind(&[(5, 5), (10, 3)])), (Kind::Essence, Kind::Essence));
    }
}
