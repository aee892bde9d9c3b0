//! MPEG transport streams: packets of 188 bytes, tables that say which streams there are, and stamps of 33 bits.
//!
//! A slice has the tables in front. Sound that began before the slice's end has to end in it too, since a
//! join would take the cut packet for the whole one.

use super::{Container, ReadAt, Seen, SourceError, Time};
use crate::source::access::Access;
use heaters_domain::plan::{Clock, Reading, Source};
use std::ops::Range;

const PACKET_BYTES: usize = 188;
const SYNC: u8 = 0x47;
/// Where tables and packet size are looked for.
const OPEN_BYTES: u64 = 2 << 20;
/// How much is read to look at a picture's beginning.
const LOOK_BYTES: u64 = 64 << 10;
/// How far sound may lie behind the pictures it is heard with, in bytes.
const MOST_SPREAD_BYTES: u64 = 4 << 20;
/// How many pictures after the needed ones a slice may end at.
const MOST_LATER: usize = 50;
/// More tables than any program has: each chunk's plan carries them.
const MOST_TABLES: usize = 16;
const TURN: i64 = 1 << 33;
const SECOND: i64 = 90_000;

/// What is known of a stream.
pub(super) struct Stream {
    /// 188, or 192 with a stamp of 4 bytes in front of each packet.
    packet_bytes: usize,
    /// The packets with the tables as they first come.
    tables: Vec<u8>,
    /// The packets' identifiers and contents of these tables.
    sections: Vec<(u16, Vec<u8>)>,
    access: Access,
    /// What is left of the last piece.
    rest: Vec<u8>,
}

impl Stream {
    /// `None`: the stream can't be cut.
    pub(super) async fn open<R: ReadAt>(object: &R, source: &Source) -> Result<Option<Self>, SourceError<R::Error>> {
        let access = match source.media.video_codec.as_str() {
            "h264" => Access::AvcStream,
            "hevc" => Access::HevcStream,
            "mpeg2video" | "mpeg1video" => Access::Mpeg2Stream,
            _ => return Ok(None),
        };
        let base = source.media.time_base;
        if (i64::from(base.num), i64::from(base.den)) != (1, SECOND) {
            return Ok(None);
        }
        let bytes = object.read_at(0..object.size().min(OPEN_BYTES)).await?;
        let begins = |size: usize, sync: usize| {
            bytes.len() >= size * 8 && bytes.chunks_exact(size).take(8).all(|packet| packet[sync] == SYNC)
        };
        let packet_bytes = match (begins(188, 0), begins(192, 4)) {
            (true, _) => 188,
            (_, true) => 192,
            _ => return Ok(None),
        };
        let mut stream = Self { packet_bytes, tables: Vec::new(), sections: Vec::new(), access, rest: Vec::new() };
        Ok(stream.find_tables(&bytes).then_some(stream))
    }

    /// Whether the program table and all it names are there.
    fn find_tables(&mut self, bytes: &[u8]) -> bool {
        let mut wanted = vec![0];
        for packet in bytes.chunks_exact(self.packet_bytes) {
            let Some(unit) = Unit::parse(self.bare(packet)) else { continue };
            if !unit.starts || !wanted.contains(&unit.pid) || self.sections.iter().any(|(pid, _)| *pid == unit.pid) {
                continue;
            }
            // Tables that take more than one packet are rare, and not cut here.
            let Some(section) = table(unit.payload) else { return false };
            if unit.pid == 0 {
                wanted.extend(programs(section));
                if wanted.len() > MOST_TABLES {
                    return false;
                }
            }
            self.sections.push((unit.pid, section.to_vec()));
            self.tables.extend_from_slice(packet);
            if self.sections.len() == wanted.len() {
                return wanted.len() > 1;
            }
        }
        false
    }

    /// A packet without the stamp in front of it.
    fn bare<'a>(&self, packet: &'a [u8]) -> &'a [u8] {
        &packet[self.packet_bytes - PACKET_BYTES..]
    }

    /// Where the container's packet begins that ffprobe says a picture begins at.
    fn aligned(&self, at: u64) -> u64 {
        at - at % self.packet_bytes as u64
    }

    /// Whether a table among the packets is another than at the beginning.
    fn changes(&self, packets: &[u8]) -> bool {
        packets.chunks_exact(self.packet_bytes).any(|packet| {
            let Some(unit) = Unit::parse(self.bare(packet)).filter(|unit| unit.starts) else { return false };
            let known = self.sections.iter().find(|(pid, _)| *pid == unit.pid);
            known.is_some_and(|(_, known)| table(unit.payload) != Some(known))
        })
    }

    /// The payload of the packets of a stream from the first byte on, which begins one.
    fn payload(&self, bytes: &[u8]) -> Vec<u8> {
        let mut units = bytes.chunks_exact(self.packet_bytes).filter_map(|packet| Unit::parse(self.bare(packet)));
        let Some(first) = units.next().filter(|unit| unit.starts) else { return Vec::new() };
        let mut payload = first.payload.to_vec();
        for unit in units.filter(|unit| unit.pid == first.pid) {
            if unit.starts {
                break;
            }
            payload.extend_from_slice(unit.payload);
        }
        payload
    }

    /// Whether the packet of sound that begins at `at` has all its bytes before `end`.
    async fn is_whole<R: ReadAt>(&self, object: &R, at: u64, end: u64) -> Result<bool, SourceError<R::Error>> {
        let at = self.aligned(at);
        if end <= at || end - at > MOST_SPREAD_BYTES {
            return Ok(end > at);
        }
        let bytes = object.read_at(at..end).await?;
        let payload = self.payload(&bytes);
        let size = payload.get(4..6).map(|size| usize::from(u16::from_be_bytes([size[0], size[1]])));
        Ok(size.is_some_and(|size| size > 0 && payload.len() >= 6 + size))
    }
}

impl Container for Stream {
    fn pass(&mut self, _: u64, bytes: &[u8]) -> bool {
        let taken = (self.packet_bytes - self.rest.len()) % self.packet_bytes;
        let (end, later) = bytes.split_at(taken.min(bytes.len()));
        self.rest.extend_from_slice(end);
        let whole = later.len() - later.len() % self.packet_bytes;
        let changes = self.changes(&self.rest) || self.changes(&later[..whole]);
        if self.rest.len() == self.packet_bytes {
            self.rest.clear();
        }
        self.rest.extend_from_slice(&later[whole..]);
        !changes
    }

    async fn allows<R: ReadAt>(&self, object: &R, at: u64, time: Time) -> Result<bool, SourceError<R::Error>> {
        if is_near_turn(time) {
            return Ok(false);
        }
        let at = self.aligned(at);
        let end = object.size().min(at + LOOK_BYTES);
        let bytes = object.read_at(at..end).await?;
        let payload = self.payload(&bytes);
        // A start code, the stream's id, a length, flags, and the length of what else is in front.
        let Some(header) = payload.first_chunk::<9>().filter(|header| header[..3] == [0, 0, 1]) else {
            return Ok(false);
        };
        let picture = payload.get(9 + usize::from(header[8])..).unwrap_or_default();
        Ok(self.access.allows(picture))
    }

    async fn end<R: ReadAt>(&self, object: &R, seen: &Seen, next: usize) -> Result<u64, SourceError<R::Error>> {
        let Some(needed) = seen.pictures[next].at else { return Ok(object.size()) };
        // Sound whose frames are not aligned to its packets needs one more packet.
        let more = seen.sounds[seen.sounds.partition_point(|at| *at <= needed)..].get(1).copied();
        let least = more.filter(|at| at - needed < MOST_SPREAD_BYTES).unwrap_or(needed);
        let later = seen.pictures[next..].iter().filter_map(|picture| picture.at).filter(|at| *at >= least);
        for end in later.take(MOST_LATER).map(|at| self.aligned(at)) {
            let before = seen.sounds[..seen.sounds.partition_point(|at| *at < end)].last();
            let whole = match before {
                Some(at) => self.is_whole(object, *at, end).await?,
                None => true,
            };
            if whole {
                return Ok(end);
            }
        }
        // Pictures and sound are never both whole: rather the sound, the picture behind the last is not shown.
        let after = seen.sounds[seen.sounds.partition_point(|at| *at < least)..].first();
        Ok(after.map_or(object.size(), |at| self.aligned(*at)))
    }

    fn reading(&self, range: Range<u64>, dts: i64) -> Reading {
        let clock = match shift(dts) {
            0 => Clock::Source,
            ticks => Clock::Shifted { ticks },
        };
        let range = self.aligned(range.start)..range.end;
        Reading::Slice { head: 0, prefix: self.tables.clone(), range, cut_cluster: None, clock }
    }

    fn first(&self, end: u64) -> Reading {
        Reading::Slice { head: 0, prefix: Vec::new(), range: 0..end, cut_cluster: None, clock: Clock::Source }
    }
}

/// The part of a packet that is of interest.
struct Unit<'a> {
    pid: u16,
    /// A table or a packet of a stream begins in it.
    starts: bool,
    payload: &'a [u8],
}

impl<'a> Unit<'a> {
    fn parse(packet: &'a [u8]) -> Option<Self> {
        let [sync, high, low, flags] = *packet.first_chunk()?;
        let from = match flags >> 4 & 3 {
            1 => 4,
            3 => 5 + usize::from(*packet.get(4)?),
            _ => return None,
        };
        let payload = packet.get(from..).filter(|_| sync == SYNC)?;
        Some(Self { pid: u16::from_be_bytes([high & 0x1F, low]), starts: high & 0x40 != 0, payload })
    }
}

/// A table that is whole in one packet's payload.
fn table(payload: &[u8]) -> Option<&[u8]> {
    let section = payload.get(1 + usize::from(*payload.first()?)..)?;
    let size = usize::from(u16::from_be_bytes([section.get(1)? & 0x0F, *section.get(2)?]));
    section.get(..3 + size)
}

/// The identifiers of the tables that a program table names.
fn programs(section: &[u8]) -> Vec<u16> {
    let entries = section.get(8..section.len().saturating_sub(4)).unwrap_or_default();
    let named = entries.chunks_exact(4).filter(|entry| entry[..2] != [0, 0]);
    let mut pids: Vec<u16> = named.map(|entry| u16::from_be_bytes([entry[2] & 0x1F, entry[3]])).collect();
    pids.sort_unstable();
    pids.dedup();
    pids.retain(|pid| *pid != 0);
    pids
}

/// What has to be added to the stamps of a slice that begins at `dts`. ffmpeg counts on from a file's first
/// stamp over the counter's turn; within a minute before a turn it takes stamps for negative ones.
fn shift(dts: i64) -> i64 {
    let counter = dts.rem_euclid(TURN);
    let given = if counter < TURN - 60 * SECOND { counter } else { counter - TURN };
    dts - given
}

/// Whether which way ffmpeg takes it may depend on which stream's packet comes first.
fn is_near_turn(time: Time) -> bool {
    let counter = time.dts.rem_euclid(TURN);
    let near = |time: i64| (counter - time).abs() < 10 * SECOND;
    // The counter's beginning is a turn only for a stream that began before it.
    let turned = time.dts.saturating_sub(time.first) >= counter;
    (near(0) && turned) || near(TURN - 60 * SECOND) || near(TURN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_is_on_the_clock_of_the_whole() {
        assert_eq!(shift(5 * SECOND), 0);
        // The whole began before a turn and counts on; the slice begins after it.
        assert_eq!(shift(TURN + 5 * SECOND), TURN);
        // The whole began more than a minute before the turn, the slice less.
        assert_eq!(shift(TURN - 30 * SECOND), TURN);
        // The whole began less than a minute before it and counts from below 0.
        assert_eq!(shift(-30 * SECOND), 0);
        assert_eq!(shift(30 * SECOND), 0);
    }

    #[test]
    fn borders_keep_away_from_where_the_clock_is_in_doubt() {
        let near = |first, dts| is_near_turn(Time { dts, first });
        for dts in [0, TURN, TURN + SECOND, TURN - 60 * SECOND, -5 * SECOND] {
            assert!(near(-100 * SECOND, dts));
        }
        assert!(!near(0, TURN - 30 * SECOND) && !near(0, 100 * SECOND));
        assert!(!near(SECOND, 2 * SECOND), "a stream that begins with the counter has made no turn");
    }
}
