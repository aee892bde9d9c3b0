//! The proxy's header and frame rate. A proxy is the chunks' media one after another, then one last part with the
//! sound and the header:
//!
//! ```text
//! [ftyp][mdat chunk 0] [free][mdat chunk 1] … [mdat sound][moov]
//! ```

use crate::{
    index::{Head, Index},
    mp4::{self, Mp4Error, TrackHeader},
};
use heaters_domain::{Fault, Rational, Told};

/// The frame rate that a picture without any hint is given, to end its only frame.
const FALLBACK_RATE: Rational = Rational { num: 25, den: 1 };

#[derive(Debug, thiserror::Error)]
pub enum AssemblyError {
    #[error("frame {0} is not shown after the frame before it")]
    Order(u32),
    #[error(transparent)]
    Mp4(#[from] Mp4Error),
}

impl Fault for AssemblyError {
    fn told(&self) -> Told<'_> {
        Told::tool_failure(match self {
            Self::Order(_) => "The review copy does not match the video frame by frame, so it was thrown away.",
            Self::Mp4(_) => "The review copy could not be put together.",
        })
    }
}

/// The header of the whole proxy.
pub(crate) fn moov(index: &Index) -> Result<Vec<u8>, AssemblyError> {
    let head = &index.head;
    let ends = index.frames.iter().skip(1).map(|frame| frame.pts).chain([head.end_pts]);
    let frames = index.frames.iter().zip(ends).zip(0..).map(|((frame, end), number)| {
        let ticks = u32::try_from(end - frame.pts).ok().and_then(|ticks| ticks.checked_mul(head.time_base.num));
        ticks.map(|duration| (frame.offset, frame.size, duration)).ok_or(AssemblyError::Order(number))
    });
    let samples = frames.collect::<Result<Vec<_>, _>>()?;
    let duration = samples.iter().map(|(_, _, duration)| u64::from(*duration)).sum();
    let timescale = head.time_base.den;
    let stsd = mp4::decode_stsd(&head.stsd)?;
    let mut tracks =
        vec![TrackHeader { stsd, size: Some((head.width, head.height)), timescale, samples, edit_start: 0 }];
    if let Some(sound) = &head.sound {
        let samples = index.sound.iter().map(|sample| (sample.offset, sample.size, sound.sample_duration)).collect();
        let stsd = mp4::decode_stsd(&sound.stsd)?;
        tracks.push(TrackHeader { stsd, size: None, timescale: sound.timescale, samples, edit_start: sound.start });
    }
    Ok(mp4::moov(&tracks, timescale, duration)?)
}

/// The frame rate of an index: the source's nominal one where all frames keep to it, else the mean.
pub fn frame_rate(index: &Index) -> Rational {
    let Head { time_base, start_pts, end_pts, fps, frames, .. } = &index.head;
    let keeps = |rate: &Rational| {
        let step = 1.0 / (rate.as_f64() * time_base.as_f64());
        (0..)
            .zip(&index.frames)
            .all(|(number, frame)| ((frame.pts - start_pts) as f64 - f64::from(number) * step).abs() <= 1.0)
    };
    if let Some(rate) = fps.filter(|rate| *frames > 1 && keeps(rate)) {
        return rate;
    }
    let ticks = (end_pts - start_pts).max(1).cast_unsigned();
    let (mut num, mut den) = (u64::from(*frames) * u64::from(time_base.den), ticks * u64::from(time_base.num));
    let divisor = greatest_common_divisor(num, den);
    (num, den) = (num / divisor, den / divisor);
    // The rate is for display: what does not fit is rounded.
    while num > u64::from(u32::MAX) || den > u64::from(u32::MAX) {
        (num, den) = (num / 2, den / 2);
    }
    Rational::new(num as u32, den as u32).unwrap_or(FALLBACK_RATE)
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a.max(1) } else { greatest_common_divisor(b, a % b) }
}
