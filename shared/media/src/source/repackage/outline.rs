//! What is kept of a copy while it passes: all boxes but the media data, and the first of the media data, each at its
//! own place in a local file with holes.

use crate::source::{Walk, boxes::Header};
use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

/// A `moov` box without samples is far smaller.
const MOST_MOOV_BYTES: u64 = 16 << 20;

pub(super) struct Outline {
    file: File,
    /// Where the next byte lies.
    at: u64,
    /// What is there of the header of the box at hand.
    header: Vec<u8>,
    kind: [u8; 4],
    /// How much of the box is still to come.
    left: u64,
    /// How much of the media data is still to be kept, so that its first frames can be decoded.
    wanted: u64,
    /// Where what was kept of the media data ends.
    sampled_to: u64,
    walk: Walk,
}

impl Outline {
    /// `wanted`: how much of the media data is kept.
    pub(super) fn create(path: &Path, wanted: u64) -> io::Result<Self> {
        let (file, header, walk) = (File::create(path)?, Vec::new(), Walk::default());
        Ok(Self { file, at: 0, header, kind: [0; 4], left: 0, wanted, sampled_to: 0, walk })
    }

    /// Takes the next bytes of the copy. Gives where among them fragments begin, or a few bytes behind that.
    pub(super) fn push(&mut self, piece: &[u8]) -> io::Result<Vec<usize>> {
        let (mut at, mut fragments) = (0, Vec::new());
        while at < piece.len() {
            let rest = &piece[at..];
            if self.left > 0 {
                at += self.take_body(rest)?;
            } else {
                at += self.take_header(rest)?;
                fragments.extend((self.header.is_empty() && self.kind == *b"moof").then_some(at));
            }
        }
        Ok(fragments)
    }

    fn take_header(&mut self, piece: &[u8]) -> io::Result<usize> {
        let known = self.header.len();
        // Eight bytes say whether there are eight more.
        let wanted = if self.header.starts_with(&[0, 0, 0, 1]) { 16 } else { 8 };
        let taken = piece.len().min(wanted - known);
        self.header.extend_from_slice(&piece[..taken]);
        if self.header.len() < wanted || (wanted == 8 && self.header.starts_with(&[0, 0, 0, 1])) {
            return Ok(taken);
        }
        let header = std::mem::take(&mut self.header);
        let read = Header::read(&header).and_then(|read| Some((read.kind, read.bytes?.checked_sub(read.body_start)?)));
        let (kind, left) = read.ok_or_else(|| io::Error::other("the copy is not made of boxes"))?;
        if kind == *b"moov" && left > MOST_MOOV_BYTES {
            return Err(io::Error::other("the copy's header is too large"));
        }
        (self.kind, self.left) = (kind, left);
        self.keep(&header)?;
        self.at += header.len() as u64;
        Ok(taken)
    }

    fn take_body(&mut self, piece: &[u8]) -> io::Result<usize> {
        let taken = usize::try_from(self.left).unwrap_or(usize::MAX).min(piece.len());
        let piece = &piece[..taken];
        if self.kind == *b"mdat" {
            let kept = usize::try_from(self.wanted).unwrap_or(usize::MAX).min(taken);
            if kept > 0 {
                self.file.write_all_at(&piece[..kept], self.at)?;
                self.wanted -= kept as u64;
                self.sampled_to = self.at + kept as u64;
            }
        } else {
            self.keep(piece)?;
        }
        self.at += taken as u64;
        self.left -= taken as u64;
        Ok(taken)
    }

    fn keep(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, self.at)?;
        match &self.kind {
            b"ftyp" => self.walk.ftyp.extend_from_slice(bytes),
            b"moov" => self.walk.moov.extend_from_slice(bytes),
            _ => {}
        }
        Ok(())
    }

    /// What a walk over the copy would have found, and where what was kept of the media data ends.
    pub(super) fn finish(self) -> io::Result<(Walk, u64)> {
        self.file.set_len(self.at)?;
        Ok((Walk { source_bytes: self.at, ..self.walk }, self.sampled_to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::boxes::boxed;
    use proptest::prelude::*;

    const SAMPLE_BYTES: u64 = 4 << 20;

    /// A copy with a large box, whose length takes eight bytes.
    fn copy() -> Vec<u8> {
        let large = [&1u32.to_be_bytes()[..], b"mdat", &(16 + SAMPLE_BYTES).to_be_bytes()].concat();
        let mut bytes = [boxed(*b"ftyp", &[b"qt  "]), boxed(*b"moov", &[b"header"]), boxed(*b"moof", &[])].concat();
        bytes.extend(boxed(*b"mdat", &[&[7; 1000]]));
        bytes.extend(large);
        bytes.resize(bytes.len() + SAMPLE_BYTES as usize, 9);
        bytes.extend(boxed(*b"moof", &[b"last"]));
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn an_outline_does_not_depend_on_the_pieces(size in 1usize..70_000) {
            let (folder, bytes) = (tempfile::tempdir().unwrap(), copy());
            let path = folder.path().join("copy");
            let mut outline = Outline::create(&path, SAMPLE_BYTES).unwrap();
            let (first, rest) = bytes.split_at(100);
            let (mut fragments, mut at) = (Vec::new(), 0);
            for piece in first.chunks(size.min(7)).chain(rest.chunks(size)) {
                fragments.extend(outline.push(piece).unwrap().into_iter().map(|begin| at + begin));
                at += piece.len();
            }
            let (walk, sampled_to) = outline.finish().unwrap();
            let moofs: Vec<_> = bytes.windows(4).enumerate().filter(|(_, kind)| kind == b"moof").map(|(at, _)| at + 4).collect();
            prop_assert_eq!(fragments, moofs);
            prop_assert_eq!(sampled_to, (bytes.len() - 12 - 1000) as u64);
            prop_assert_eq!(walk.source_bytes, bytes.len() as u64);
            prop_assert_eq!((&walk.ftyp, &walk.moov), (&boxed(*b"ftyp", &[b"qt  "]), &boxed(*b"moov", &[b"header"])));
            let kept = std::fs::read(&path).unwrap();
            let hole = bytes.len() - 12 - 1000..bytes.len() - 12;
            let mut expected = bytes;
            expected[hole].fill(0);
            prop_assert!(kept == expected);
        }
    }

    #[test]
    fn what_is_no_box_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut outline = Outline::create(&folder.path().join("copy"), 0).unwrap();
        assert!(outline.push(b"\0\0\0\0mdat").is_err());
    }
}
