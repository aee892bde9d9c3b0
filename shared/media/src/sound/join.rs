//! The sound packets of chunks as one stream.

use super::SOUND_KIND;
use crate::mkv::{self, Block, Clusters, MkvError, Reader, ebml::Elements};
use std::io::{Read, Write};

/// Puts the sound of chunks together as one Matroska stream.
///
/// Neighbours overlap: what of a chunk is not later than the last packet of those before it is left out. That last
/// packet may be cut, where a chunk's bytes end inside it; then the next chunk's own is taken, which is longer.
/// Chunks without sound leave a gap. Time stamps stay as they are.
#[derive(Debug)]
pub struct Join<W: Write> {
    out: Option<W>,
    clusters: Option<(Clusters<W>, Format)>,
    /// The last packet of the chunks so far.
    last: Option<Block>,
    skipped: u32,
}

/// What the chunks have to have in common to be one stream.
#[derive(Debug, PartialEq, Eq)]
struct Format {
    timestamp_scale: u64,
    codec: String,
    codec_private: Vec<u8>,
}

impl<W: Write> Join<W> {
    pub fn new(out: W) -> Self {
        Self { out: Some(out), clusters: None, last: None, skipped: 0 }
    }

    /// Adds the next chunk's file. One in another format than the first is left out and counted.
    pub fn add(&mut self, chunk: impl Read) -> Result<(), MkvError> {
        let mut chunk = Reader::open(chunk)?;
        let head = chunk.head();
        let Some(track) = head.tracks.iter().find(|track| track.kind == SOUND_KIND) else { return Ok(()) };
        let number = track.number;
        let format = Format {
            timestamp_scale: head.timestamp_scale,
            codec: track.codec.clone(),
            codec_private: track.codec_private.clone(),
        };
        if let Some(mut out) = self.out.take() {
            let entry = without_delay(&track.numbered(1)?)?;
            out.write_all(&mkv::header(format.timestamp_scale, None, &[entry]))?;
            self.clusters = Some((Clusters::new(out, format.timestamp_scale), format));
        } else if self.clusters.as_ref().is_some_and(|(_, first)| *first != format) {
            self.skipped += 1;
            return Ok(());
        }
        let Some((clusters, _)) = &mut self.clusters else { return Ok(()) };
        let mut overlaps = self.last.is_some();
        while let Some(block) = chunk.next_block()? {
            if block.track != number {
                continue;
            }
            let Some(last) = &mut self.last else {
                self.last = Some(block);
                continue;
            };
            if overlaps && block.time <= last.time {
                if block.time == last.time && block.data_bytes() > last.data_bytes() {
                    *last = block;
                }
                continue;
            }
            overlaps = false;
            clusters.push(1, &std::mem::replace(last, block))?;
        }
        Ok(())
    }

    /// Writes the rest. Gives how many chunks were left out.
    pub fn finish(self) -> Result<u32, MkvError> {
        if let Some((mut clusters, _)) = self.clusters {
            if let Some(last) = &self.last {
                clusters.push(1, last)?;
            }
            clusters.finish()?;
        }
        Ok(self.skipped)
    }
}

/// A TrackEntry's payload without CodecDelay: ffmpeg takes it off the time stamps when it reads, and has not
/// added it when it copied.
fn without_delay(entry: &[u8]) -> Result<Vec<u8>, MkvError> {
    const CODEC_DELAY: u32 = 0x56AA;
    let mut kept = Vec::with_capacity(entry.len());
    for child in Elements::new(entry, 0) {
        let child = child?;
        if child.id != CODEC_DELAY {
            kept.extend_from_slice(child.whole);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::mkv::ebml::{put_element, put_uint};

    /// A chunk's file with these packets: their times in milliseconds, and their sizes.
    fn chunk(packets: &[(i16, usize)]) -> Vec<u8> {
        let mut entry = Vec::new();
        // Number, identifier, kind, codec.
        put_uint(&mut entry, 0xD7, 1);
        put_uint(&mut entry, 0x73C5, 1);
        put_uint(&mut entry, 0x83, SOUND_KIND);
        put_element(&mut entry, 0x86, b"A_AAC");
        let mut cluster = Vec::new();
        put_uint(&mut cluster, 0xE7, 0);
        for (time, size) in packets {
            let [high, low] = time.to_be_bytes();
            let mut block = vec![0x81, high, low, 0x80];
            block.extend(vec![0xAA; *size]);
            put_element(&mut cluster, 0xA3, &block);
        }
        let mut file = mkv::header(1_000_000, None, &[entry]);
        put_element(&mut file, 0x1F43_B675, &cluster);
        file
    }

    fn joined(chunks: &[&[(i16, usize)]]) -> Vec<(i64, usize)> {
        let mut out = Vec::new();
        let mut join = Join::new(&mut out);
        for packets in chunks {
            join.add(chunk(packets).as_slice()).unwrap();
        }
        assert_eq!(join.finish().unwrap(), 0);
        let mut reader = Reader::open(out.as_slice()).unwrap();
        let mut found = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            found.push((block.time, block.data_bytes()));
        }
        found
    }

    #[test]
    fn of_a_packet_that_a_border_cuts_the_whole_one_is_taken() {
        let whole = [(0, 90), (20, 91), (40, 92), (60, 93), (80, 94)];
        assert_eq!(joined(&[&[(0, 90), (20, 91), (40, 17)], &[(20, 91), (40, 92), (60, 93), (80, 94)]]), whole);
        // What the second chunk begins with may be cut too.
        assert_eq!(joined(&[&[(0, 90), (20, 91), (40, 92)], &[(40, 30), (60, 93), (80, 94)]]), whole);
        // A chunk of nothing new, and the last packet of all.
        assert_eq!(joined(&[&[(0, 90), (20, 91), (40, 92)], &[(40, 92)], &[(60, 93), (80, 94)]]), whole);
    }

    #[test]
    fn what_is_no_matroska_is_an_error() {
        let mut out = Vec::new();
        assert!(Join::new(&mut out).add(&b"not sound"[..]).is_err());
        assert!(out.is_empty());
    }
}
