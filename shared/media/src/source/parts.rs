//! What ffmpeg is to read, in order: ranges of the source and bytes of our own. It goes to a local file, or through a
//! pipe where the scratch disk has no room for it.

use super::{ReadAt, SourceError, Span, read_exact};
use sha2::{Digest, Sha256};
use std::{io::Write, ops::Range, vec};

/// Read at once, in bytes.
const PIECE_BYTES: u64 = 8 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Source(Range<u64>),
    Own(Vec<u8>),
}

/// All of a source, as it is.
pub(super) fn whole<R: ReadAt>(object: &R) -> Vec<Part> {
    vec![Part::Source(0..object.size())]
}

/// Reads parts piece by piece.
pub(super) struct Pieces<'a, R> {
    object: &'a R,
    parts: vec::IntoIter<Part>,
    /// The range that is being read, and its bytes' checksum so far.
    open: Option<(Range<u64>, u64, Sha256)>,
    read: Vec<Span>,
}

impl<'a, R: ReadAt> Pieces<'a, R> {
    pub(super) fn new(object: &'a R, parts: Vec<Part>) -> Self {
        Self { object, parts: parts.into_iter(), open: None, read: Vec::new() }
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, SourceError<R::Error>> {
        loop {
            if let Some((range, at, digest)) = &mut self.open
                && *at < range.end
            {
                let end = range.end.min(*at + PIECE_BYTES);
                let piece = read_exact(self.object, *at..end).await?;
                digest.update(&piece);
                *at = end;
                return Ok(Some(piece));
            }
            self.close();
            match self.parts.next() {
                Some(Part::Source(range)) => self.open = Some((range.clone(), range.start, Sha256::new())),
                Some(Part::Own(bytes)) => return Ok(Some(bytes)),
                None => return Ok(None),
            }
        }
    }

    fn close(&mut self) {
        if let Some((range, at, digest)) = self.open.take() {
            self.read.push(Span { range: range.start..at, sha256: hex::encode(digest.finalize()) });
        }
    }

    /// What was read of the source so far.
    pub(super) fn into_read(mut self) -> Vec<Span> {
        self.close();
        self.read
    }
}

/// Writes parts to a file. Gives what was read of the source.
pub(super) async fn write<R: ReadAt>(
    object: &R,
    parts: Vec<Part>,
    out: &mut (impl Write + Send),
) -> Result<Vec<Span>, SourceError<R::Error>> {
    let mut pieces = Pieces::new(object, parts);
    while let Some(piece) = pieces.next().await? {
        out.write_all(&piece)?;
    }
    Ok(pieces.into_read())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Ranged;
    use proptest::prelude::*;

    fn part(size: u64) -> impl Strategy<Value = Part> {
        let source = (0..=size, 0..=size).prop_map(|(one, other)| Part::Source(one.min(other)..one.max(other)));
        prop_oneof![source, prop::collection::vec(any::<u8>(), 0..20).prop_map(Part::Own)]
    }

    proptest! {
        #[test]
        fn parts_are_put_together_and_what_is_read_is_told(parts in prop::collection::vec(part(500), 0..8)) {
            let source: Vec<u8> = (0..500u32).map(|number| number.wrapping_mul(2_654_435_761) as u8).collect();
            let of = |range: &Range<u64>| source[range.start as usize..range.end as usize].to_vec();
            let object = Ranged::new(500, |range| std::future::ready(Ok::<_, std::io::Error>(of(&range))));
            let mut out = Vec::new();
            let read = futures::executor::block_on(write(&object, parts.clone(), &mut out)).unwrap();
            let bytes: Vec<u8> = parts.iter().flat_map(|part| match part {
                Part::Source(range) => of(range),
                Part::Own(bytes) => bytes.clone(),
            }).collect();
            prop_assert_eq!(out, bytes);
            let ranges: Vec<_> = parts.iter().filter_map(|part| match part {
                Part::Source(range) => Some(range.clone()),
                Part::Own(_) => None,
            }).collect();
            prop_assert_eq!(read.iter().map(|span| span.range.clone()).collect::<Vec<_>>(), ranges);
            for span in read {
                prop_assert_eq!(span.sha256, hex::encode(Sha256::digest(of(&span.range))));
            }
        }
    }
}
