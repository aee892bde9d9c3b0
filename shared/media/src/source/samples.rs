//! A chunk of an indexed source as a fragmented MP4 file: the beginning from the packet table, a fragment for
//! each track with the table's times, then the bytes that the packets lie in.

use super::{
    Local, ReadAt, SourceError,
    boxes::{boxed, full},
    parts::Part,
    table::{Record, StreamHead, TableHead},
};
use crate::mp4::{MDAT_HEADER_BYTES, mdat_header};
use heaters_domain::plan::SourceClass;
use std::ops::Range;

/// Bytes between packets that are read too rather than asked for apart: up to this share of the packets' own.
const GAP_SHARE: f64 = 0.05;
/// What lies between the packets of a copy may lie anywhere in its source.
const COPY_GAP_SHARE: f64 = 0.0;
/// A chunk is read in at most so many ranges, even if what is between them is more than that share.
const MOST_SPANS: usize = 256;
/// `sample_flags` of a packet that decoding can start at, and of others.
const SYNC: u32 = 0x0200_0000;
const NON_SYNC: u32 = 0x0101_0000;

pub(super) async fn parts<R: ReadAt, T: ReadAt<Error = R::Error>>(
    object: &R,
    table: &T,
    class: SourceClass,
    (picture, sound): (&Range<u32>, &Range<u32>),
) -> Result<(Local, Vec<Part>), SourceError<R::Error>> {
    let head = TableHead::read(table).await?;
    let pictures = head.read_picture(table, picture.clone()).await?;
    let sounds = head.read_sound(table, sound.clone()).await?;
    let end = pictures.iter().chain(&sounds).map(|record| record.bytes().end).max().unwrap_or(0);
    if end > object.size() {
        return Err(SourceError::Short { end: object.size(), expected: end });
    }
    let gap_share = if class == SourceClass::Repackaged { COPY_GAP_SHARE } else { GAP_SHARE };
    let spans = spans(&pictures, &sounds, gap_share);
    let mut tracks = vec![Track { head: head.picture, records: &pictures }];
    tracks.extend(head.sound.map(|sound| Track { head: sound, records: &sounds }));
    let mut payload = head.beginning.len() as u64 + MDAT_HEADER_BYTES;
    // The fragments' sizes don't depend on where the media data lies.
    let sizing: u64 = fragments(&tracks, &spans, 0, head.shift_seconds).map_or(0, |bytes| bytes.len() as u64);
    payload += sizing;
    let fragments = fragments(&tracks, &spans, payload, head.shift_seconds).ok_or(SourceError::Unplanned)?;
    let mdat = mdat_header(spans.iter().map(|span| span.end - span.start).sum());
    let local = Local {
        picture: 0,
        sound: (!sounds.is_empty()).then_some(1),
        keeps_clock: true,
        shift: -(i64::from(head.shift_seconds) * i64::from(head.picture.timescale)),
        read: Vec::new(),
    };
    let mut parts = vec![Part::Own([&head.beginning[..], &fragments, &mdat].concat())];
    parts.extend(spans.into_iter().map(Part::Source));
    Ok((local, parts))
}

/// Where the packets lie: few ranges that don't overlap, in order.
fn spans(pictures: &[Record], sounds: &[Record], gap_share: f64) -> Vec<Range<u64>> {
    let mut ranges: Vec<Range<u64>> = pictures.iter().chain(sounds).map(Record::bytes).collect();
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut spans: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match spans.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => spans.push(range),
        }
    }
    close_gaps(&spans, gap_share)
}

/// Joins ranges over the smallest gaps.
fn close_gaps(spans: &[Range<u64>], gap_share: f64) -> Vec<Range<u64>> {
    let mut gaps: Vec<(u64, usize)> =
        (1..spans.len()).map(|next| (spans[next].start - spans[next - 1].end, next)).collect();
    gaps.sort_unstable();
    let own: u64 = spans.iter().map(|span| span.end - span.start).sum();
    let mut allowance = (own as f64 * gap_share) as u64;
    let must_go = gaps.len().saturating_sub(MOST_SPANS - 1);
    let mut joined = vec![false; spans.len()];
    for (number, (gap, next)) in gaps.into_iter().enumerate() {
        if number >= must_go && gap > allowance {
            break;
        }
        allowance = allowance.saturating_sub(gap);
        joined[next] = true;
    }
    let mut closed: Vec<Range<u64>> = Vec::new();
    for (span, joined) in spans.iter().zip(joined) {
        match closed.last_mut() {
            Some(last) if joined => last.end = span.end,
            _ => closed.push(span.clone()),
        }
    }
    closed
}

#[derive(Debug, Clone, Copy)]
struct Track<'a> {
    head: StreamHead,
    records: &'a [Record],
}

/// A packet and where it lies in the local file.
type Placed<'a> = (&'a Record, u64);

/// All `moof` boxes of a local file whose media data begins at `payload`. `None` where times or sizes don't fit
/// into the boxes' fields.
fn fragments(tracks: &[Track<'_>], spans: &[Range<u64>], payload: u64, shift_seconds: u32) -> Option<Vec<u8>> {
    let mut starts = Vec::with_capacity(spans.len());
    let mut at = payload;
    for span in spans {
        starts.push(at);
        at += span.end - span.start;
    }
    let place = |record: &Record| {
        let number = spans.partition_point(|span| span.start <= record.offset).checked_sub(1);
        number.map_or(payload, |number| starts[number] + (record.offset - spans[number].start))
    };
    let (mut bytes, mut sequence) = (Vec::new(), 1u32);
    for track in tracks {
        let placed: Vec<Placed<'_>> = track.records.iter().map(|record| (record, place(record))).collect();
        let times = Times::of(track, shift_seconds);
        let mut from = 0;
        while from < placed.len() {
            // A run's offset is a signed number of 32 bits from the fragment's base.
            let near = |(_, at): &Placed<'_>| i32::try_from(*at as i64 - placed[from].1 as i64).is_ok();
            let to = from + placed[from..].iter().take_while(|place| near(place)).count();
            bytes.extend(fragment(sequence, track.head.track, &placed, from..to, &times)?);
            (from, sequence) = (to, sequence + 1);
        }
    }
    Some(bytes)
}

/// How a chunk's times are written.
struct Times {
    /// Added to decoding times.
    shift: i64,
    /// How much earlier packets are decoded than the table says, so that none is shown before that.
    advance: i64,
}

impl Times {
    fn of(track: &Track<'_>, shift_seconds: u32) -> Self {
        let earliest = track.records.iter().map(|record| i64::from(record.delay)).min().unwrap_or(0);
        let shift = i64::from(shift_seconds) * i64::from(track.head.timescale);
        Self { shift, advance: (-earliest).max(0) }
    }

    fn decoded(&self, record: &Record) -> Option<u64> {
        u64::try_from(record.dts.checked_add(self.shift)?.checked_sub(self.advance)?).ok()
    }

    fn delay(&self, record: &Record) -> Option<u32> {
        // ffmpeg takes the field for a signed one whatever the version.
        i32::try_from(i64::from(record.delay) + self.advance).ok()?.try_into().ok()
    }
}

fn fragment(sequence: u32, track: u32, placed: &[Placed<'_>], range: Range<usize>, times: &Times) -> Option<Vec<u8>> {
    let (first, base) = placed[range.start];
    let tfhd = full(*b"tfhd", 0, 1, &[&track.to_be_bytes(), &base.to_be_bytes()]);
    let tfdt = full(*b"tfdt", 1, 0, &[&times.decoded(first)?.to_be_bytes()]);
    let mut runs = Vec::new();
    let mut from = range.start;
    while from < range.end {
        let follows = |pair: &&[Placed<'_>]| pair[0].1 + u64::from(pair[0].0.size) == pair[1].1;
        let to = from + 1 + placed[from..range.end].windows(2).take_while(follows).count();
        runs.extend(run(placed, from..to, base, times)?);
        from = to;
    }
    let traf = boxed(*b"traf", &[&tfhd, &tfdt, &runs]);
    Some(boxed(*b"moof", &[&full(*b"mfhd", 0, 0, &[&sequence.to_be_bytes()]), &traf]))
}

/// A `trun` box: packets that lie one behind the other.
fn run(placed: &[Placed<'_>], range: Range<usize>, base: u64, times: &Times) -> Option<Vec<u8>> {
    let offset = i32::try_from(placed[range.start].1 as i64 - base as i64).ok()?;
    let mut fields = Vec::with_capacity(8 + range.len() * 16);
    fields.extend_from_slice(&(range.len() as u32).to_be_bytes());
    fields.extend_from_slice(&offset.to_be_bytes());
    for at in range {
        let (record, _) = placed[at];
        let next = placed.get(at + 1).map(|(next, _)| next.dts);
        let duration = next.map_or(Some(record.duration), |next| u32::try_from(next.checked_sub(record.dts)?).ok())?;
        let flags = if record.key { SYNC } else { NON_SYNC };
        for value in [duration, record.size, flags, times.delay(record)?] {
            fields.extend_from_slice(&value.to_be_bytes());
        }
    }
    // Offset, duration, size, flags and composition offset are there.
    Some(full(*b"trun", 0, 0xf01, &[&fields]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(offset: u64, size: u32) -> Record {
        Record { dts: 0, delay: 0, duration: 1, offset, size, key: true, discard: false }
    }

    proptest! {
        #[test]
        fn every_packet_is_in_a_span(places in prop::collection::vec((0u64..100_000, 0u32..900), 1..600), gap_share in 0.0..0.2) {
            let records: Vec<_> = places.iter().map(|(offset, size)| record(*offset, *size)).collect();
            let spans = spans(&records, &[], gap_share);
            prop_assert!(spans.len() <= MOST_SPANS);
            prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].start));
            for record in records.iter().filter(|record| record.size > 0) {
                let inside = |span: &&Range<u64>| span.start <= record.offset && record.bytes().end <= span.end;
                prop_assert_eq!(spans.iter().filter(inside).count(), 1);
            }
        }
    }

    #[test]
    fn small_gaps_are_read_and_large_ones_are_not() {
        let records = [record(0, 1000), record(1010, 1000), record(9000, 1000), record(10_050, 1000)];
        assert_eq!(spans(&records, &[], GAP_SHARE), [0..2010, 9000..11_050]);
        assert_eq!(spans(&records, &[], COPY_GAP_SHARE).len(), 4);
    }

    #[test]
    fn far_runs_are_fragments_of_their_own() {
        let records = [record(0, 10), record(5 << 30, 10)];
        let track = Track { head: StreamHead { packets: 2, timescale: 25, track: 1 }, records: &records };
        // One span, since the gap lies between them in the local file too.
        let all = 0..(5 << 30) + 10;
        let span = std::slice::from_ref(&all);
        let bytes = fragments(&[track], span, 100, 0).unwrap();
        assert_eq!(bytes.windows(4).filter(|kind| kind == b"moof").count(), 2);
        let early = Record { dts: -5, ..record(0, 10) };
        let track = Track { records: std::slice::from_ref(&early), ..track };
        assert!(fragments(&[track], span, 100, 0).is_none() && fragments(&[track], span, 100, 1).is_some());
    }
}
