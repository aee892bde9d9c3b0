//! The frame index of one chunk.

use super::{
    PassError,
    command::{FALLBACK_RATE, Reused},
    crc::Line,
    proof::{Proof, ProofError},
};
use crate::{
    index::{FrameRecord, Head, Index, SOURCE_KEY_FRAME},
    mp4::{self, Mp4Error, Track},
};
use heaters_domain::{Rational, plan::Source};
use mp4_atom::Stsd;
use std::collections::HashMap;

/// What the decoder gave of a chunk, and what was proved of it.
pub struct Decoded<'a> {
    pub stamps: &'a [Line],
    /// The times of the stamps.
    pub times: &'a [i64],
    pub proof: &'a Proof,
    pub source: &'a Source,
}

impl Decoded<'_> {
    /// The index of a chunk whose frames are encoded anew, each at its time.
    pub fn index_of_track(&self, track: &Track, media_bytes: u64) -> Result<Index, PassError> {
        compare(track, self.times, self.source.media.time_base)?;
        let places = track.samples.iter().map(|sample| (sample.offset, sample.size));
        self.index(&track.stsd, places, media_bytes)
    }

    /// The index of a chunk whose frames stay where they are in the source; offsets count from its beginning.
    pub fn index_of_source(&self, reused: &Reused) -> Result<Index, PassError> {
        let shown = reused.records.iter().filter(|record| !record.discard);
        let places: HashMap<i64, _> = shown.map(|record| (record.pts(), (record.offset, record.size))).collect();
        let place = |(frame, pts): (u32, &i64)| {
            let seconds = *pts as f64 * self.source.media.time_base.as_f64();
            places.get(pts).copied().ok_or(ProofError::Unexpected { frame, seconds })
        };
        let places = (0..).zip(self.times).map(place).collect::<Result<Vec<_>, _>>()?;
        self.index(&reused.stsd, places.into_iter(), 0)
    }

    fn index(
        &self,
        stsd: &Stsd,
        places: impl Iterator<Item = (u64, u32)>,
        media_bytes: u64,
    ) -> Result<Index, PassError> {
        let (width, height) = mp4::picture_size(stsd).ok_or(Mp4Error::Layout("the picture is not H.264"))?;
        let frames = places.zip(self.times).zip(&self.proof.keys);
        let frames = frames.map(|(((offset, size), pts), key)| FrameRecord {
            pts: *pts,
            offset,
            size,
            flags: if *key { SOURCE_KEY_FRAME } else { 0 },
        });
        let media = &self.source.media;
        let head = Head {
            frames: self.times.len() as u32,
            time_base: media.time_base,
            start_pts: self.times.first().copied().ok_or(ProofError::NoFrame)?,
            end_pts: end(self.times, self.stamps, self.source),
            width,
            height,
            stsd: mp4::encode_stsd(stsd)?,
            sound: None,
            media_bytes,
            fps: media.fps,
        };
        Ok(Index { head, frames: frames.collect(), sound: Vec::new() })
    }
}

/// Each frame of the track is at the source's time, counted from the first, to within a tick.
fn compare(track: &Track, times: &[i64], time_base: Rational) -> Result<(), ProofError> {
    let first = times.first().copied().unwrap_or(0);
    for (frame, (sample, pts)) in (0..).zip(track.samples.iter().zip(times)) {
        let source_ticks = pts - first;
        let proxy_ticks = ticks(sample.time, track.timescale, time_base);
        if (proxy_ticks - source_ticks).abs() > 1 {
            let seconds = *pts as f64 * time_base.as_f64();
            return Err(ProofError::Moved { frame, seconds, proxy_ticks, source_ticks });
        }
    }
    Ok(())
}

/// Time in a track's timescale as ticks of a time base, rounded to the nearest.
fn ticks(time: u64, timescale: u32, time_base: Rational) -> i64 {
    let (num, den) = (i128::from(time) * i128::from(time_base.den), i128::from(timescale) * i128::from(time_base.num));
    ((num + den / 2) / den.max(1)) as i64
}

/// When the last frame ends: after as long as the source says, else as long as the frame before was shown, else as
/// the frame rate has it.
fn end(times: &[i64], stamps: &[Line], source: &Source) -> i64 {
    let said = stamps.last().map(|stamp| stamp.duration).filter(|duration| *duration > 0);
    let before = || times.windows(2).last().map(|pair| pair[1] - pair[0]);
    let last = said.or_else(before).unwrap_or_else(|| {
        let rate = source.media.fps.unwrap_or(FALLBACK_RATE);
        (1.0 / (rate.as_f64() * source.media.time_base.as_f64())).round().max(1.0) as i64
    });
    times.last().map_or(0, |pts| pts.saturating_add(last))
}
