//! From ffmpeg's outputs to chunks, and from chunks to the proxy. A proxy is the chunks' media one after
//! another, then one last part with the sound and the header:
//!
//! ```text
//! [ftyp][mdat chunk 0] [free][mdat chunk 1] … [mdat sound][moov]
//! ```

use crate::{
    index::{FrameRecord, Head, Index, SoundHead, SoundRecord},
    mp4::{self, Mp4Error, Track, TrackHeader},
};
use heaters_domain::{ErrorClass, Rational, plan::Source};

/// The frame rate that a picture without any hint is given, to end its only frame.
const FALLBACK_RATE: Rational = Rational { num: 25, den: 1 };

#[derive(Debug, thiserror::Error)]
pub enum AssemblyError {
    #[error("not one frame was decoded")]
    NoFrame,
    #[error("the pass gave {frames} proxy frames, {stamps} time stamps and {thumbs} thumbnails")]
    Counts { frames: u32, stamps: u32, thumbs: u32 },
    #[error("line {0} of the time stamps is not understood")]
    Stamp(usize),
    #[error("the proxy's frame {frame} is {proxy_ticks} ticks after the first, in the source {source_ticks}")]
    Time { frame: u32, proxy_ticks: i64, source_ticks: i64 },
    #[error("frame {0} is not shown after the frame before it")]
    Order(u32),
    #[error("chunk {0} has another picture format than the first")]
    Format(usize),
    #[error("there are no chunks")]
    NoChunks,
    #[error(transparent)]
    Mp4(#[from] Mp4Error),
}

impl AssemblyError {
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::NoFrame => ErrorClass::RejectedInput,
            Self::NoChunks => ErrorClass::Internal,
            _ => ErrorClass::ToolFailure,
        }
    }

    /// One sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoFrame => "No frame of this video can be decoded.",
            Self::Counts { .. } | Self::Time { .. } | Self::Order(_) => {
                "The review copy does not match the video frame by frame, so it was thrown away."
            }
            _ => "The review copy could not be put together.",
        }
        .to_owned()
    }
}

/// A decoded frame's time and duration in ticks of the stamps' time base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub pts: i64,
    pub duration: i64,
}

/// Parses what ffmpeg's framecrc muxer wrote: `stream, dts, pts, duration, size, checksum`.
pub fn parse_stamps(text: &str) -> Result<Vec<Stamp>, AssemblyError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let mut fields = line.split(',').map(str::trim).skip(2).map(|field| field.parse::<i64>().ok());
            let mut next = || fields.next().flatten().ok_or(AssemblyError::Stamp(number + 1));
            Ok(Stamp { pts: next()?, duration: next()? })
        })
        .collect()
}

/// The index of one chunk, proved against what the decoder gave: as many frames as time stamps and
/// thumbnails, and each at its time.
pub fn chunk_index(
    track: &Track,
    stamps: &[Stamp],
    thumbs: u32,
    source: &Source,
    media_bytes: u64,
) -> Result<Index, AssemblyError> {
    let frames = track.samples.len() as u32;
    if frames != stamps.len() as u32 || frames != thumbs {
        return Err(AssemblyError::Counts { frames, stamps: stamps.len() as u32, thumbs });
    }
    let (Some(first), Some(last)) = (stamps.first(), stamps.last()) else { return Err(AssemblyError::NoFrame) };
    let time_base = source.media.time_base;
    for (frame, (sample, stamp)) in (0..).zip(track.samples.iter().zip(stamps)) {
        let source_ticks = stamp.pts - first.pts;
        let proxy_ticks = ticks(sample.time, track.timescale, time_base);
        if (proxy_ticks - source_ticks).abs() > 1 {
            return Err(AssemblyError::Time { frame, proxy_ticks, source_ticks });
        }
    }
    if let Some((number, _)) = (1..).zip(stamps.windows(2)).find(|(_, pair)| pair[0].pts >= pair[1].pts) {
        return Err(AssemblyError::Order(number));
    }
    let (width, height) = mp4::picture_size(&track.stsd).ok_or(Mp4Error::Layout("the picture is not H.264"))?;
    let records = track.samples.iter().zip(stamps);
    Ok(Index {
        head: Head {
            frames,
            time_base,
            start_pts: first.pts,
            end_pts: last.pts + last_duration(stamps, source),
            width,
            height,
            stsd: mp4::encode_stsd(&track.stsd)?,
            sound: None,
            media_bytes,
            fps: source.media.fps,
        },
        frames: records
            .map(|(sample, stamp)| FrameRecord { pts: stamp.pts, offset: sample.offset, size: sample.size, flags: 0 })
            .collect(),
        sound: Vec::new(),
    })
}

/// Time in a track's timescale as ticks of a time base, rounded to the nearest.
fn ticks(time: u64, timescale: u32, time_base: Rational) -> i64 {
    let (num, den) = (i128::from(time) * i128::from(time_base.den), i128::from(timescale) * i128::from(time_base.num));
    ((num + den / 2) / den) as i64
}

/// How long the last frame is shown: what the source says, else as long as the frame before, else as the
/// frame rate has it.
fn last_duration(stamps: &[Stamp], source: &Source) -> i64 {
    let said = stamps.last().map(|stamp| stamp.duration).filter(|duration| *duration > 0);
    let before = || stamps.windows(2).last().map(|pair| pair[1].pts - pair[0].pts);
    said.or_else(before).unwrap_or_else(|| {
        let rate = source.media.fps.unwrap_or(FALLBACK_RATE);
        (1.0 / (rate.as_f64() * source.media.time_base.as_f64())).round().max(1.0) as i64
    })
}

/// The index of the chunks' media one after another, without sound.
pub fn join(chunks: Vec<Index>) -> Result<Index, AssemblyError> {
    let mut chunks = chunks.into_iter();
    let mut whole = chunks.next().ok_or(AssemblyError::NoChunks)?;
    for (number, chunk) in (1..).zip(chunks) {
        if (&chunk.head.stsd, chunk.head.time_base) != (&whole.head.stsd, whole.head.time_base) {
            return Err(AssemblyError::Format(number));
        }
        let after_last = whole.frames.last().is_none_or(|last| last.pts < chunk.head.start_pts);
        if !after_last {
            return Err(AssemblyError::Order(whole.head.frames));
        }
        let before = whole.head.media_bytes;
        whole.frames.extend(chunk.frames.into_iter().map(|mut frame| {
            frame.offset += before;
            frame
        }));
        whole.head.frames += chunk.head.frames;
        whole.head.media_bytes += chunk.head.media_bytes;
        whole.head.end_pts = chunk.head.end_pts;
    }
    Ok(whole)
}

/// The encoded sound: its track, whose offsets count within `media`, the file it lies in.
#[derive(Debug)]
pub struct EncodedSound {
    pub track: Track,
    pub media: Vec<u8>,
}

/// Adds the sound to the index and makes the proxy's last part.
pub fn finish(index: &mut Index, sound: Option<&EncodedSound>) -> Result<Vec<u8>, AssemblyError> {
    let mut tail = Vec::new();
    if let Some(EncodedSound { track, media }) = sound {
        let size: u64 = track.samples.iter().map(|sample| u64::from(sample.size)).sum();
        tail.extend_from_slice(&mp4::mdat_header(size));
        for sample in &track.samples {
            let bytes = media.get(sample.offset as usize..sample.offset as usize + sample.size as usize);
            let offset = index.head.media_bytes + tail.len() as u64;
            index.sound.push(SoundRecord { offset, size: sample.size });
            tail.extend_from_slice(bytes.ok_or(Mp4Error::Layout("a sample lies outside its file"))?);
        }
        index.head.sound = Some(SoundHead {
            samples: track.samples.len() as u32,
            stsd: mp4::encode_stsd(&track.stsd)?,
            timescale: track.timescale,
            sample_duration: track.samples.first().map_or(0, |sample| sample.duration),
            start: track.edit_start,
        });
    }
    tail.extend_from_slice(&moov(index)?);
    index.head.media_bytes += tail.len() as u64;
    Ok(tail)
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
