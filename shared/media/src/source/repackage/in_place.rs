//! Packets that lie in the source as they are: chunks read them from there, and no copy is stored.
//!
//! Demuxers say where a packet is, but not whether its bytes lie there one after another, nor how long the header in
//! front of them is. So each packet's checksum is compared with the bytes that went to ffprobe.

use super::Piece;
use crate::source::{
    listing::{Listed, Listing},
    parts::Part,
};
use std::{
    collections::VecDeque,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The longest header in front of a packet's bytes that is looked for: of MXF it has 25 bytes at most, of Matroska 17.
const MOST_HEADER_BYTES: u64 = 32;
/// How far from each other packets that are listed one after another may lie.
const SLACK_BYTES: u64 = 16 << 20;
/// How much is held at most. ffprobe tells of some 60 packets at once.
const MOST_HELD_BYTES: u64 = 256 << 20;

/// What went to ffprobe, as long as packets in it may be listed.
pub(super) struct Passing {
    /// Where bytes of the stream lie in the source; `None`: nowhere.
    places: Vec<(Range<u64>, Option<u64>)>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    pieces: VecDeque<(u64, Piece)>,
    end: u64,
    /// Nothing has to be looked up any more.
    given_up: bool,
}

impl Passing {
    /// `parts`: what goes to ffprobe.
    pub(super) fn new(parts: &[Part]) -> Self {
        let mut at = 0;
        let place = |part: &Part| {
            let (bytes, source) = match part {
                Part::Source(range) => (range.end - range.start, Some(range.start)),
                Part::Own(bytes) => (bytes.len() as u64, None),
            };
            at += bytes;
            (at - bytes..at, source)
        };
        Self { places: parts.iter().map(place).collect(), held: Mutex::default() }
    }

    /// The next bytes are about to go to ffprobe.
    pub(super) fn push(&self, piece: &Piece) {
        let mut held = self.held();
        if held.given_up {
            return;
        }
        let start = held.end;
        held.end += piece.len() as u64;
        held.pieces.push_back((start, piece.clone()));
        if held.end - held.pieces.front().map_or(0, |(first, _)| *first) > MOST_HELD_BYTES {
            held.give_up();
        }
    }

    /// Whether a packet was not found, so that no other is looked for.
    pub(super) fn is_given_up(&self) -> bool {
        self.held().given_up
    }

    /// Where bytes of the stream lie in the source.
    fn in_source(&self, bytes: &Range<u64>) -> Option<u64> {
        let (range, source) = self.places.iter().find(|(range, _)| range.contains(&bytes.start))?;
        (bytes.end <= range.end).then_some((*source)? + bytes.start - range.start)
    }

    /// Nobody panics while this is held, and if so, what is there is of no more use.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn give_up(&mut self) {
        self.given_up = true;
        self.pieces.clear();
    }

    /// Forgets what lies before packets that are still to come.
    fn forget_before(&mut self, position: u64) {
        let needed = position.saturating_sub(SLACK_BYTES);
        while self.pieces.front().is_some_and(|(start, piece)| start + piece.len() as u64 <= needed) {
            self.pieces.pop_front();
        }
    }

    /// `None`: not all of the bytes are there.
    fn crc(&self, bytes: &Range<u64>) -> Option<u32> {
        let (mut digest, mut at) = (crc32fast::Hasher::new(), bytes.start);
        let passed = self.pieces.partition_point(|(start, piece)| start + piece.len() as u64 <= at);
        for (start, piece) in self.pieces.iter().skip(passed) {
            let from = usize::try_from(at.checked_sub(*start)?).ok()?;
            let to = usize::try_from(bytes.end - start).ok()?.min(piece.len());
            digest.update(piece.get(from..to)?);
            at = start + to as u64;
            if at == bytes.end {
                return Some(digest.finalize());
            }
        }
        None
    }
}

/// Finds packets as they are listed.
pub(super) struct Finder<'a> {
    passing: &'a Passing,
    /// Of the picture and of the sound.
    streams: [Stream; 2],
}

/// What packets of a stream have shown so far.
#[derive(Default, Clone, Copy)]
struct Stream {
    header_bytes: u64,
    /// Where the last packet ended.
    end: Option<u64>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(passing: &'a Passing) -> Self {
        Self { passing, streams: <[Stream; 2]>::default() }
    }

    /// Puts where a packet lies in the source in the place of what its demuxer says; nothing where it doesn't lie there
    /// as it is.
    pub(super) fn place(&mut self, is_sound: bool, packet: &mut Listed) {
        packet.offset = self.find(is_sound, packet);
        if packet.offset.is_none() {
            self.passing.held().give_up();
        }
    }

    fn find(&mut self, is_sound: bool, packet: &Listed) -> Option<u64> {
        let stream = &mut self.streams[usize::from(is_sound)];
        let mut held = self.passing.held();
        if held.given_up {
            return None;
        }
        let (size, crc) = (u64::from(packet.size), packet.crc?);
        let is_it = |start: &u64| held.crc(&(*start..start + size)) == Some(crc);
        let after_header = packet.offset.into_iter().flat_map(|at| {
            let others = 0..=MOST_HEADER_BYTES;
            std::iter::once(stream.header_bytes).chain(others).map(move |header| at.saturating_add(header))
        });
        // Where a container has all packets of a stream as one, demuxers don't say where each is.
        let start = after_header.chain(stream.end).find(is_it)?;
        *stream = Stream { header_bytes: packet.offset.map_or(0, |at| start - at), end: Some(start + size) };
        held.forget_before(start);
        self.passing.in_source(&(start..start + size))
    }
}

/// Whether all of some packets lie in the source, of the sound too where there is any.
pub(super) fn all_placed(listing: &Listing, has_sound: bool) -> bool {
    let placed = |packets: &[Listed]| !packets.is_empty() && packets.iter().all(|packet| packet.offset.is_some());
    placed(&listing.picture) && (!has_sound || placed(&listing.sound))
}

/// Lets a copy's packets, which are known to be the source's, be read from the source. `None`: one has other bytes there.
pub(super) fn take(source: &Listing, mut copied: Listing) -> Option<Listing> {
    let pairs = [(&source.picture, &mut copied.picture), (&source.sound, &mut copied.sound)];
    for (known, copied) in pairs {
        if known.len() != copied.len() {
            return None;
        }
        for (known, copied) in known.iter().zip(copied) {
            if known.size != copied.size {
                return None;
            }
            copied.offset = Some(known.offset?);
        }
    }
    Some(copied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn listed(offset: Option<u64>, bytes: &[u8]) -> Listed {
        let crc = Some(crc32fast::hash(bytes));
        let size = bytes.len() as u32;
        Listed { pts: None, dts: None, duration: None, offset, size, key: true, discard: false, crc }
    }

    /// Passes a stream whose first bytes are our own, and the rest the source's from byte 100 on.
    fn passing(own: usize, stream: &[u8], step: usize) -> Passing {
        let rest = (stream.len() - own) as u64;
        let passing = Passing::new(&[Part::Own(stream[..own].to_vec()), Part::Source(100..100 + rest)]);
        stream.chunks(step).for_each(|piece| passing.push(&Arc::new(piece.to_vec())));
        passing
    }

    proptest! {
        #[test]
        fn packets_are_found_behind_their_headers(
            packets in prop::collection::vec((0u64..=MOST_HEADER_BYTES, prop::collection::vec(any::<u8>(), 8..60), any::<bool>()), 1..20),
            own in 0usize..50, step in 1usize..40,
        ) {
            let (mut stream, mut known) = (vec![7; own], Vec::new());
            for (header, bytes, is_sound) in &packets {
                known.push((stream.len() as u64, header, bytes, is_sound));
                stream.resize(stream.len() + *header as usize, 9);
                stream.extend(bytes);
            }
            let passing = passing(own, &stream, step);
            let mut finder = Finder::new(&passing);
            for (at, header, bytes, is_sound) in known {
                let mut packet = listed(Some(at), bytes);
                finder.place(*is_sound, &mut packet);
                // Bytes may happen to be equal a little earlier.
                let found = packet.offset.map(|found| found - 100 + own as u64);
                prop_assert!(found.is_some_and(|found| found <= at + header && stream[found as usize..].starts_with(bytes)));
            }
        }
    }

    #[test]
    fn a_packet_behind_the_last_needs_no_place() {
        let stream: Vec<u8> = (0..200).collect();
        let passing = passing(0, &stream, 64);
        let mut finder = Finder::new(&passing);
        let mut packets = [listed(Some(10), &stream[20..50]), listed(None, &stream[50..90])];
        for packet in &mut packets {
            finder.place(false, packet);
        }
        assert_eq!(packets.map(|packet| packet.offset), [Some(120), Some(150)]);
    }

    #[test]
    fn what_lies_there_otherwise_is_not_found_and_nothing_after_it() {
        let stream: Vec<u8> = (0..200).collect();
        let passing = passing(0, &stream, 64);
        let mut finder = Finder::new(&passing);
        let mut packets = [listed(Some(0), b"not these"), listed(Some(0), &stream[..10])];
        for packet in &mut packets {
            finder.place(false, packet);
        }
        assert_eq!(packets.map(|packet| packet.offset), [None, None]);
    }

    #[test]
    fn a_packet_of_own_bytes_is_not_in_the_source() {
        let stream: Vec<u8> = (0..200).collect();
        let passing = passing(50, &stream, 64);
        let mut packet = listed(Some(40), &stream[40..60]);
        Finder::new(&passing).place(false, &mut packet);
        assert_eq!(packet.offset, None);
    }

    #[test]
    fn little_is_held() {
        let passing = Passing::new(&[Part::Source(0..u64::MAX)]);
        let piece = Arc::new(vec![1; 8 << 20]);
        let mut finder = Finder::new(&passing);
        for at in 0..64u64 {
            passing.push(&piece);
            finder.place(false, &mut listed(Some(at * (8 << 20)), &piece));
        }
        assert!(passing.held().pieces.len() <= 4);
        assert!(!passing.held().given_up);
    }
}
