//! Planning MP4 and MOV files from their index alone.

use super::{
    LOCAL_FILE, ReadAt, SourceError, Walk,
    access::Access,
    init::{self, Beginning},
    listing::{self, Listed, Listing},
    read_exact,
    table::{Record, StreamHead, TableHead},
};
use crate::{
    filters,
    probe::{self, Details, Fitness, ProbeError},
    runner::Tools,
};
use heaters_domain::{
    Rational,
    plan::{self, Chunk, Clock, Packet, Reading, Section, Source, SourceClass},
    settings::ProxySettings,
};
use std::{collections::HashSet, ops::Range, path::Path};

/// The longest shift of a local file's times; a clock that starts before has no meaning.
const MOST_SHIFT_SECONDS: i64 = 1_000_000;

/// Larger files are read by their samples, which can come through a pipe where the scratch disk has no room.
const MOST_WHOLE_BYTES: u64 = 64 << 20;
/// How much of a packet is looked at.
const LOOK_BYTES: u64 = 4096;
/// How often packets that decoding can't begin at are left out and others chosen.
const MOST_ROUNDS: u32 = 50;

/// What a source is to be used for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub proxy: &'a ProxySettings,
    /// The sound is in an object of its own: chunks carry none.
    pub sound_apart: bool,
}

/// A source that was examined and planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub source: Source,
    pub chunks: Vec<Chunk>,
    /// The packet table, where the class has one.
    pub table: Option<Vec<u8>>,
    /// Packets of the picture and the sound that lie beyond the object's end.
    pub missing_packets: u32,
}

/// A source examined by its index.
#[derive(Debug)]
pub struct Survey {
    source: Source,
    packets: Vec<Packet>,
    /// `None`: the file can only be read as a whole.
    tables: Option<Tables>,
    missing_packets: u32,
}

/// Examines [`LOCAL_FILE`] in `folder`, which [`super::walk`] wrote. Blocks.
///
/// Where something about the file does not fit chunks of samples, it will be read as a whole.
pub fn survey(tools: &Tools, folder: &Path, walk: &Walk, wanted: Wanted<'_>) -> Result<Survey, ProbeError> {
    let (mut source, Details { fitness, .. }) = probe::examine_closely(tools, folder, LOCAL_FILE)?;
    if wanted.sound_apart {
        source.sound = None;
    }
    let listing = match listing::list(tools, folder, LOCAL_FILE, source.picture, source.sound) {
        Ok(listing) => listing,
        Err(error) => {
            tracing::warn!(detail = %error, "the packets can't be listed");
            return Ok(Survey { source, packets: Vec::new(), tables: None, missing_packets: 0 });
        }
    };
    let (listing, missing_packets) = without_missing(listing, walk.source_bytes);
    source.media.packets = listing.picture.iter().filter(|packet| !packet.discard).count() as u32;
    let tables = Tables::of(walk, &source, &listing);
    if let Some(tables) = &tables {
        source.class = if walk.sequential { SourceClass::Sequential } else { SourceClass::Indexed };
        source.reusable = missing_packets == 0 && !wanted.sound_apart && is_reusable(&source, tables, fitness, wanted);
    }
    let packets = listing.picture.iter().map(Listed::packet).collect();
    Ok(Survey { source, packets, tables, missing_packets })
}

impl Survey {
    /// Of a copy of a source's packets. `None`: chunks can't be written from it.
    pub(super) fn of_copy(walk: &Walk, source: &Source, copy: &Source, listing: &Listing) -> Option<Self> {
        let mut source = Source {
            class: SourceClass::Repackaged,
            picture: copy.picture,
            sound: copy.sound,
            // The copy goes once the proxy is there.
            reusable: false,
            ..source.clone()
        };
        source.media.packets = listing.picture.len() as u32;
        let tables = Some(Tables::of(walk, &source, listing)?);
        let packets = listing.picture.iter().map(Listed::packet).collect();
        Some(Self { source, packets, tables, missing_packets: 0 })
    }

    /// How many chunks there will be, or a few less.
    pub(super) fn sections(&self, chunk_seconds: u32) -> usize {
        plan::sections(&self.packets, self.source.media.time_base, chunk_seconds).len()
    }

    /// Plans the chunks. The beginning of each is looked at in the object, for whether decoding can begin there:
    /// files mark more as key frames than that.
    pub async fn plan<R: ReadAt>(mut self, object: &R, chunk_seconds: u32) -> Result<Planned, SourceError<R::Error>> {
        let Some(tables) = &self.tables else { return Ok(self.into_whole()) };
        let (mut good, mut rounds) = (HashSet::new(), 0);
        let sections = loop {
            let seconds = if rounds < MOST_ROUNDS { chunk_seconds } else { 0 };
            let sections = plan::sections(&self.packets, self.source.media.time_base, seconds);
            let wrong = wrong(object, tables, &sections, &mut good).await?;
            if wrong.is_empty() {
                break sections;
            }
            for at in wrong {
                self.packets[at].key = false;
            }
            rounds += 1;
        };
        // A file that is whole needs no copying about to be read at once.
        if sections.len() < 2 && self.missing_packets == 0 && object.size() <= MOST_WHOLE_BYTES {
            return Ok(self.into_whole());
        }
        let chunks = chunks(&sections, tables);
        let table = Some(tables.encode());
        Ok(Planned { source: self.source, chunks, table, missing_packets: self.missing_packets })
    }

    fn into_whole(self) -> Planned {
        let Self { source, tables, missing_packets, .. } = self;
        let chunks = plan::whole(source.media.packets, Clock::Source);
        Planned { source, chunks, table: tables.map(|tables| tables.encode()), missing_packets }
    }
}

/// The packets that sections begin with though decoding can't begin there. `good` are those that are known to
/// be right.
async fn wrong<R: ReadAt>(
    object: &R,
    tables: &Tables,
    sections: &[Section],
    good: &mut HashSet<usize>,
) -> Result<Vec<usize>, SourceError<R::Error>> {
    let mut wrong = Vec::new();
    for section in sections.iter().skip(1).filter(|_| tables.access != Access::Trusted) {
        let at = section.packets.start as usize;
        if good.contains(&at) {
            continue;
        }
        let bytes = tables.picture[at].bytes();
        let start = read_exact(object, bytes.start..bytes.end.min(bytes.start + LOOK_BYTES)).await?;
        if tables.access.allows(&start) {
            good.insert(at);
        } else {
            wrong.push(at);
        }
    }
    Ok(wrong)
}

/// Leaves out the packets that don't lie inside the object.
fn without_missing(mut listing: Listing, source_bytes: u64) -> (Listing, u32) {
    let mut missing = 0;
    for packets in [&mut listing.picture, &mut listing.sound] {
        let before = packets.len();
        packets.retain(|packet| packet.end().is_none_or(|end| end <= source_bytes));
        missing += (before - packets.len()) as u32;
    }
    (listing, missing)
}

/// The packet table before it is written.
#[derive(Debug)]
struct Tables {
    access: Access,
    head: TableHead,
    picture: Vec<Record>,
    sound: Vec<Record>,
}

impl Tables {
    /// `None` where the file can't be told as a table, or chunks can't be written from it.
    fn of(walk: &Walk, source: &Source, listing: &Listing) -> Option<Self> {
        let id = |stream: u32| listing.ids.get(&stream).copied().filter(|id| *id > 0);
        let picture_track = id(source.picture)?;
        let sound_track = match source.sound {
            Some(stream) => Some(id(stream)?),
            None => None,
        };
        let Beginning { bytes, timescales, access } =
            init::beginning(&walk.ftyp, &walk.moov, picture_track, sound_track)?;
        // ffmpeg's ticks have to be the track's.
        if source.media.time_base != (Rational { num: 1, den: timescales.0 }) {
            return None;
        }
        let (picture, sound) = (records(&listing.picture)?, records(&listing.sound)?);
        let in_order = sound.windows(2).all(|pair| pair[0].pts() <= pair[1].pts());
        if picture.is_empty() || !in_order {
            return None;
        }
        let shift = needed_shift(&picture, timescales.0)?.max(needed_shift(&sound, timescales.1.unwrap_or(1))?);
        let stream =
            |records: &[Record], timescale, track| StreamHead { packets: records.len() as u32, timescale, track };
        let head = TableHead {
            picture: stream(&picture, timescales.0, picture_track),
            sound: sound_track.zip(timescales.1).map(|(track, timescale)| stream(&sound, timescale, track)),
            shift_seconds: shift,
            beginning: bytes,
            source_bytes: walk.source_bytes,
        };
        Some(Self { access, head, picture, sound })
    }

    fn encode(&self) -> Vec<u8> {
        self.head.encode(&self.picture, &self.sound)
    }

    /// The sound packets that start in a section's window.
    fn sound_of(&self, section: &Section) -> Range<u32> {
        let Some(sound) = self.head.sound else { return 0..0 };
        let (ticks, sound_ticks) = (i128::from(self.head.picture.timescale), i128::from(sound.timescale));
        let before = |time: i64| {
            let early = |record: &Record| i128::from(record.pts()) * ticks < i128::from(time) * sound_ticks;
            self.sound.partition_point(early) as u32
        };
        // Sound from before the first frame and after the last one belongs to the first and last chunk.
        section.start.map_or(0, before)..section.end.map_or(sound.packets, before)
    }
}

/// `None` where a packet lacks something, or is decoded before the one before it.
fn records(packets: &[Listed]) -> Option<Vec<Record>> {
    let mut records: Vec<Record> = Vec::with_capacity(packets.len());
    let mut lasted = 1;
    for (at, packet) in packets.iter().enumerate() {
        let dts = packet.dts?;
        let delay = i32::try_from(packet.pts?.checked_sub(dts)?).ok()?;
        let until_next = match packets.get(at + 1) {
            Some(next) => Some(u32::try_from(next.dts?.checked_sub(dts)?).ok()?),
            None => None,
        };
        lasted = packet.duration.or(until_next).unwrap_or(lasted);
        let Listed { size, key, discard, .. } = *packet;
        records.push(Record { dts, delay, duration: lasted, offset: packet.offset?, size, key, discard });
    }
    Some(records)
}

/// How many whole seconds have to be added to the times of packets, so that none is negative in any chunk.
fn needed_shift(records: &[Record], timescale: u32) -> Option<u32> {
    let advance = records.iter().map(|record| -i64::from(record.delay)).max().unwrap_or(0).max(0);
    let earliest = records.first().map_or(0, |record| record.dts).checked_sub(advance)?;
    let seconds = earliest.min(0).checked_neg()?.checked_add(i64::from(timescale) - 1)? / i64::from(timescale.max(1));
    u32::try_from(seconds).ok().filter(|_| seconds <= MOST_SHIFT_SECONDS)
}

fn chunks(sections: &[Section], tables: &Tables) -> Vec<Chunk> {
    let (count, last) = (sections.len() as u32, sections.len().saturating_sub(1));
    let chunk = |(index, section): (usize, &Section)| {
        let open = Section {
            start: section.start.filter(|_| index > 0),
            end: section.end.filter(|_| index < last),
            ..section.clone()
        };
        Chunk {
            index: index as u32,
            count,
            frames: section.frames,
            start: section.start,
            end: section.end,
            reading: Reading::Samples { picture: section.packets.clone(), sound: tables.sound_of(&open) },
        }
    };
    sections.iter().enumerate().map(chunk).collect()
}

/// Whether the source's picture can serve as the proxy's: each frame decodes alone and is shown as it is stored.
fn is_reusable(source: &Source, tables: &Tables, fitness: Fitness, wanted: Wanted<'_>) -> bool {
    let media = &source.media;
    let fits = filters::proxy_size(media.width, media.height, wanted.proxy) == (media.width, media.height);
    let alone = tables.picture.iter().all(|record| record.key && !record.discard && record.delay == 0);
    let in_order = tables.picture.windows(2).all(|pair| pair[0].pts() < pair[1].pts());
    fits && alone && in_order && fitness.picture && (source.sound.is_none() || fitness.sound)
}
