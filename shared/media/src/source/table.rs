//! The packet table (`packets.bin`): where each packet of the picture and of the sound lies in the source and
//! when it is decoded and shown, with what the local file of a chunk begins with.
//!
//! Records have fixed sizes, so that a chunk reads its part by range. All integers are little-endian.
//!
//! | offset | type | what |
//! |---|---|---|
//! | 0 | 4 bytes | `HXPT` |
//! | 4 | u16 | version, 1 |
//! | 6 | u16 | 0 |
//! | 8 | u32 | packets of the picture, P |
//! | 12 | u32 | packets of the sound, S; 0 without sound |
//! | 16 | u32 | the picture's ticks a second |
//! | 20 | u32 | the sound's ticks a second; 0 without sound |
//! | 24 | u32 | the picture's track in the beginning |
//! | 28 | u32 | the sound's track in the beginning; 0 without sound |
//! | 32 | u32 | whole seconds to add to all times in a local file, so that none is negative |
//! | 36 | u32 | bytes of the beginning, B |
//! | 40 | u64 | bytes of the source |
//! | 48 | 16 bytes | 0 |
//! | 64 | B bytes | the beginning of a chunk's local file: `ftyp` and `moov` of a fragmented MP4 file |
//! | 64+B | P x 32 bytes | a packet of the picture, in decoding order |
//! | 64+B+32P | S x 32 bytes | a packet of the sound |
//!
//! A packet, times in its stream's ticks on the source's clock:
//!
//! | offset | type | what |
//! |---|---|---|
//! | 0 | i64 | when it is decoded |
//! | 8 | i32 | how much later than that it is shown |
//! | 12 | u32 | how long it lasts |
//! | 16 | u64 | where it starts in the source |
//! | 24 | u32 | its size in bytes |
//! | 28 | u32 | flags: 1 decoding can start here, 2 it isn't shown; the other bits are 0 |

use super::{ReadAt, SourceError, boxes};
use crate::mp4::{self, Mp4Error};
use std::ops::Range;

const MAGIC: &[u8; 4] = b"HXPT";
const VERSION: u16 = 1;
const FIXED_BYTES: u64 = 64;
const PACKET_BYTES: u64 = 32;
/// Enough for the fixed part and most beginnings.
const HEAD_BYTES: u64 = 4096;
/// The longest beginning; sample descriptions are far smaller.
pub(super) const MOST_BEGINNING_BYTES: usize = 1 << 20;
/// Decoding can start at the packet.
const KEY: u32 = 1;
/// The packet's frame isn't shown.
const DISCARD: u32 = 2;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TableError {
    #[error("the packet table is not one of version {VERSION}")]
    Header,
    #[error("the packet table ends too early")]
    Truncated,
    #[error("packets {start}..{end} are not among the {packets} of the table")]
    Outside { start: u32, end: u32, packets: u32 },
}

/// A packet of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// When it is decoded, in ticks.
    pub dts: i64,
    /// How many ticks later it is shown.
    pub delay: i32,
    /// In ticks.
    pub duration: u32,
    /// Where it starts in the source.
    pub offset: u64,
    /// In bytes.
    pub size: u32,
    /// Decoding can start here.
    pub key: bool,
    /// Its frame isn't shown.
    pub discard: bool,
}

impl Record {
    /// When it is shown, in ticks.
    pub fn pts(&self) -> i64 {
        self.dts.saturating_add(self.delay.into())
    }

    /// Where it lies in the source.
    pub fn bytes(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.size.into())
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        let flags = (u32::from(self.key) * KEY) | (u32::from(self.discard) * DISCARD);
        bytes.extend_from_slice(&self.dts.to_le_bytes());
        bytes.extend_from_slice(&self.delay.to_le_bytes());
        bytes.extend_from_slice(&self.duration.to_le_bytes());
        bytes.extend_from_slice(&self.offset.to_le_bytes());
        bytes.extend_from_slice(&self.size.to_le_bytes());
        bytes.extend_from_slice(&flags.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<Self, TableError> {
        let mut fields = Fields(bytes);
        let dts = i64::from_le_bytes(fields.array()?);
        let delay = i32::from_le_bytes(fields.array()?);
        let (duration, offset) = (fields.u32()?, u64::from_le_bytes(fields.array()?));
        let (size, flags) = (fields.u32()?, fields.u32()?);
        Ok(Self { dts, delay, duration, offset, size, key: flags & KEY != 0, discard: flags & DISCARD != 0 })
    }
}

/// One of the two streams of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamHead {
    pub packets: u32,
    /// Ticks a second.
    pub timescale: u32,
    /// The track's number in the beginning.
    pub track: u32,
}

/// All but the packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableHead {
    pub picture: StreamHead,
    pub sound: Option<StreamHead>,
    /// Whole seconds to add to all times in a local file.
    pub shift_seconds: u32,
    /// `ftyp` and `moov` of a chunk's local file.
    pub beginning: Vec<u8>,
    pub source_bytes: u64,
}

impl TableHead {
    /// Writes a whole table. The number of packets is that of the slices.
    pub fn encode(&self, picture: &[Record], sound: &[Record]) -> Vec<u8> {
        let packets = picture.len() + sound.len();
        let mut bytes =
            Vec::with_capacity(FIXED_BYTES as usize + self.beginning.len() + packets * PACKET_BYTES as usize);
        let silent = StreamHead { packets: 0, timescale: 0, track: 0 };
        let heard = self.sound.unwrap_or(silent);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0, 0]);
        let counts = [picture.len() as u32, sound.len() as u32];
        let streams = [self.picture.timescale, heard.timescale, self.picture.track, heard.track];
        for value in counts.into_iter().chain(streams).chain([self.shift_seconds, self.beginning.len() as u32]) {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(&self.source_bytes.to_le_bytes());
        bytes.extend_from_slice(&[0; 16]);
        bytes.extend_from_slice(&self.beginning);
        for record in picture.iter().chain(sound) {
            record.encode(&mut bytes);
        }
        bytes
    }

    /// Reads the head from the beginning of a table; `Err(Truncated)` where it needs more than `bytes`.
    fn decode(bytes: &[u8]) -> Result<Self, TableError> {
        let mut fields = Fields(bytes);
        if fields.take(4)? != MAGIC || u16::from_le_bytes(fields.array()?) != VERSION {
            return Err(TableError::Header);
        }
        fields.take(2)?;
        let (pictures, sounds) = (fields.u32()?, fields.u32()?);
        let (ticks, sound_ticks, track, sound_track) = (fields.u32()?, fields.u32()?, fields.u32()?, fields.u32()?);
        let (shift_seconds, beginning) = (fields.u32()?, fields.u32()? as usize);
        let source_bytes = u64::from_le_bytes(fields.array()?);
        fields.take(16)?;
        if beginning > MOST_BEGINNING_BYTES {
            return Err(TableError::Header);
        }
        let beginning = fields.take(beginning)?.to_vec();
        let sound =
            (sound_ticks > 0).then_some(StreamHead { packets: sounds, timescale: sound_ticks, track: sound_track });
        let picture = StreamHead { packets: pictures, timescale: ticks, track };
        Ok(Self { picture, sound, shift_seconds, beginning, source_bytes })
    }

    /// Reads the head of a stored table.
    pub async fn read<T: ReadAt>(table: &T) -> Result<Self, SourceError<T::Error>> {
        let bytes = read_range(table, 0..HEAD_BYTES.min(table.size())).await?;
        match Self::decode(&bytes) {
            Err(TableError::Truncated) if table.size() > HEAD_BYTES => {
                let most = FIXED_BYTES + MOST_BEGINNING_BYTES as u64;
                let bytes = read_range(table, 0..most.min(table.size())).await?;
                Ok(Self::decode(&bytes)?)
            }
            head => Ok(head?),
        }
    }

    /// Reads packets of the picture by their numbers.
    pub async fn read_picture<T: ReadAt>(
        &self,
        table: &T,
        packets: Range<u32>,
    ) -> Result<Vec<Record>, SourceError<T::Error>> {
        read_records(table, self.records_start(), self.picture.packets, packets).await
    }

    /// Reads packets of the sound by their numbers.
    pub async fn read_sound<T: ReadAt>(
        &self,
        table: &T,
        packets: Range<u32>,
    ) -> Result<Vec<Record>, SourceError<T::Error>> {
        let start = self.records_start() + u64::from(self.picture.packets) * PACKET_BYTES;
        read_records(table, start, self.sound.map_or(0, |sound| sound.packets), packets).await
    }

    /// The picture's track as the beginning describes it, without samples.
    pub fn picture_track(&self) -> Result<mp4::Track, Mp4Error> {
        let moov = boxes::child(&self.beginning, *b"moov").ok_or(Mp4Error::Layout("no moov"))?;
        let tracks = mp4::read_tracks(moov.whole)?;
        // Local files have the picture first.
        tracks.into_iter().next().ok_or(Mp4Error::Layout("no track"))
    }

    fn records_start(&self) -> u64 {
        FIXED_BYTES + self.beginning.len() as u64
    }
}

async fn read_records<T: ReadAt>(
    table: &T,
    start: u64,
    there: u32,
    packets: Range<u32>,
) -> Result<Vec<Record>, SourceError<T::Error>> {
    if packets.start > packets.end || packets.end > there {
        return Err(TableError::Outside { start: packets.start, end: packets.end, packets: there }.into());
    }
    if packets.is_empty() {
        return Ok(Vec::new());
    }
    let at = |packet: u32| start + u64::from(packet) * PACKET_BYTES;
    let bytes = read_range(table, at(packets.start)..at(packets.end)).await?;
    Ok(bytes.chunks(PACKET_BYTES as usize).map(Record::decode).collect::<Result<_, _>>()?)
}

async fn read_range<T: ReadAt>(table: &T, range: Range<u64>) -> Result<Vec<u8>, SourceError<T::Error>> {
    if range.end > table.size() {
        return Err(TableError::Truncated.into());
    }
    let bytes = table.read_at(range.clone()).await?;
    if bytes.len() as u64 == range.end - range.start { Ok(bytes) } else { Err(TableError::Truncated.into()) }
}

/// Takes little-endian fields off the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], TableError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(TableError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], TableError> {
        self.take(N)?.try_into().map_err(|_| TableError::Truncated)
    }

    fn u32(&mut self) -> Result<u32, TableError> {
        self.array().map(u32::from_le_bytes)
    }
}
