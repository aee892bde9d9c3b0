//! The frame index: where each frame and each sound sample of a proxy lies, and when each frame is shown.
//!
//! There is one for each proxy and one for each chunk (whose offsets count from the start of the chunk's
//! media). Records have fixed sizes, so that a clip's part is read by range. The layout is an invariant:
//! browsers and later versions read it. All integers are little-endian.
//!
//! | offset | type | what |
//! |---|---|---|
//! | 0 | 4 bytes | `HXFI` |
//! | 4 | u16 | version, 1 |
//! | 6 | u16 | 0 |
//! | 8 | u32 | frames, F |
//! | 12 | u32 | sound samples, S; 0 without sound |
//! | 16 | u32, u32 | time base: seconds a tick, numerator and denominator |
//! | 24 | i64 | the first frame's presentation time in ticks |
//! | 32 | i64 | the end of the last frame in ticks |
//! | 40 | u32, u32 | the picture's width and height in pixels |
//! | 48 | u32 | bytes of the picture's `stsd` box, P |
//! | 52 | u32 | bytes of the sound's `stsd` box, Q; 0 without sound |
//! | 56 | u32 | the sound's timescale, ticks a second |
//! | 60 | u32 | a sound sample's duration in its ticks |
//! | 64 | u64 | the sound's media time at the first frame's start, in its ticks |
//! | 72 | u64 | bytes of the proxy, or of the chunk's media |
//! | 80 | u32, u32 | the source's nominal frame rate; 0/0 where unknown |
//! | 88 | 8 bytes | 0 |
//! | 96 | P bytes | the picture's `stsd` box |
//! | 96+P | Q bytes | the sound's `stsd` box |
//! | 96+P+Q | F x 24 bytes | a frame: i64 presentation time, u64 offset, u32 size, u32 flags |
//! | 96+P+Q+24F | S x 12 bytes | a sound sample: u64 offset, u32 size |
//!
//! Flag 1 of a frame says that the source has a key frame there; the other bits are 0.

use crate::{Fault, FrameRange, Rational, Told};
use std::ops::Range;

const MAGIC: &[u8; 4] = b"HXFI";
const VERSION: u16 = 1;
const FIXED_BYTES: usize = 96;
const FRAME_BYTES: u64 = 24;
const SOUND_BYTES: u64 = 12;
/// Enough for the fixed part and both `stsd` boxes of every proxy of ours.
pub const HEAD_BYTES: u64 = 2048;
/// Flag of a frame: the source has a key frame there.
pub const SOURCE_KEY_FRAME: u32 = 1;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IndexError {
    #[error("the frame index is not one of version {VERSION}")]
    Header,
    #[error("the frame index ends too early")]
    Truncated,
    #[error("frames {start}..{end} are not inside the video's {frames} frames")]
    OutsideVideo { start: u32, end: u32, frames: u32 },
}

impl Fault for IndexError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Header | Self::Truncated => Told::internal("The video's frame index is damaged. Tell an operator."),
            Self::OutsideVideo { frames, .. } => {
                Told::rejected(format!("The clip lies outside the video, which has {frames} frames."))
            }
        }
    }
}

/// The sound's part of the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundHead {
    pub samples: u32,
    pub stsd: Vec<u8>,
    /// Ticks a second.
    pub timescale: u32,
    /// Each sample's duration in ticks.
    pub sample_duration: u32,
    /// The media time at the first frame's start, in ticks.
    pub start: u64,
}

/// All but the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub frames: u32,
    /// Seconds a tick of the presentation times.
    pub time_base: Rational,
    pub start_pts: i64,
    pub end_pts: i64,
    pub width: u32,
    pub height: u32,
    /// The picture's `stsd` box.
    pub stsd: Vec<u8>,
    pub sound: Option<SoundHead>,
    /// Size of the proxy or of the chunk's media.
    pub media_bytes: u64,
    /// The source's nominal frame rate.
    pub fps: Option<Rational>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRecord {
    /// Presentation time in ticks of the time base, on the source's clock.
    pub pts: i64,
    pub offset: u64,
    pub size: u32,
    pub flags: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoundRecord {
    pub offset: u64,
    pub size: u32,
}

/// A whole index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub head: Head,
    pub frames: Vec<FrameRecord>,
    pub sound: Vec<SoundRecord>,
}

/// A range of frames with the sound that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    pub head: Head,
    pub range: FrameRange,
    pub frames: Vec<FrameRecord>,
    /// The end of the last frame of the range, in ticks.
    pub end_pts: i64,
    /// The number of the first of `sound`.
    pub first_sound: u32,
    pub sound: Vec<SoundRecord>,
}

impl Head {
    /// Seconds from the first frame's start to the last one's end.
    pub fn duration_seconds(&self) -> f64 {
        (self.end_pts - self.start_pts) as f64 * self.time_base.as_f64()
    }

    fn records_start(&self) -> u64 {
        (FIXED_BYTES + self.stsd.len() + self.sound.as_ref().map_or(0, |sound| sound.stsd.len())) as u64
    }

    /// Where the records of these frames lie, and of one more if there is one: it says when the last ends.
    pub fn frame_bytes(&self, range: FrameRange) -> Result<Range<u64>, IndexError> {
        if range.is_empty() || range.end > self.frames {
            return Err(IndexError::OutsideVideo { start: range.start, end: range.end, frames: self.frames });
        }
        let start = self.records_start();
        let last = (range.end + 1).min(self.frames);
        Ok(start + u64::from(range.start) * FRAME_BYTES..start + u64::from(last) * FRAME_BYTES)
    }

    /// Where the records of all frames lie.
    pub fn all_frame_bytes(&self) -> Range<u64> {
        let start = self.records_start();
        start..start + u64::from(self.frames) * FRAME_BYTES
    }

    /// Where the records of these sound samples lie.
    pub fn sound_bytes(&self, samples: &Range<u32>) -> Range<u64> {
        let start = self.records_start() + u64::from(self.frames) * FRAME_BYTES;
        start + u64::from(samples.start) * SOUND_BYTES..start + u64::from(samples.end) * SOUND_BYTES
    }

    /// The media time of the sound at a presentation time, in the sound's ticks.
    pub fn sound_time(sound: &SoundHead, time_base: Rational, ticks: i64) -> u64 {
        let ticks = i128::from(ticks.max(0)) * i128::from(time_base.num) * i128::from(sound.timescale);
        sound.start + (ticks / i128::from(time_base.den)) as u64
    }

    /// The sound samples heard between two presentation times, with the one before, which a decoder needs
    /// for the overlap.
    pub fn sound_samples(&self, start_pts: i64, end_pts: i64) -> Range<u32> {
        let Some(sound) = self.sound.as_ref().filter(|sound| sound.sample_duration > 0) else { return 0..0 };
        let duration = u64::from(sound.sample_duration);
        let start = Self::sound_time(sound, self.time_base, start_pts - self.start_pts) / duration;
        let end = Self::sound_time(sound, self.time_base, end_pts - self.start_pts).div_ceil(duration);
        let start = start.saturating_sub(1).min(u64::from(sound.samples)) as u32;
        start..(end.min(u64::from(sound.samples)) as u32).max(start)
    }

    /// Reads the fixed part and the `stsd` boxes from an index's beginning of at least [`HEAD_BYTES`] bytes, or
    /// all of a shorter one.
    pub fn decode(bytes: &[u8]) -> Result<Self, IndexError> {
        let mut fields = Fields(bytes);
        if fields.take(4)? != MAGIC || u16::from_le_bytes(fields.array()?) != VERSION {
            return Err(IndexError::Header);
        }
        fields.take(2)?;
        let (frames, samples) = (fields.u32()?, fields.u32()?);
        let time_base = Rational::new(fields.u32()?, fields.u32()?).ok_or(IndexError::Header)?;
        let (start_pts, end_pts) = (i64::from_le_bytes(fields.array()?), i64::from_le_bytes(fields.array()?));
        let (width, height, picture, sound) = (fields.u32()?, fields.u32()?, fields.u32()?, fields.u32()?);
        let (timescale, sample_duration, start) = (fields.u32()?, fields.u32()?, fields.u64()?);
        let media_bytes = fields.u64()?;
        let fps = Rational::new(fields.u32()?, fields.u32()?);
        fields.take(8)?;
        let stsd = fields.take(picture as usize)?.to_vec();
        let sound_stsd = fields.take(sound as usize)?.to_vec();
        let sound = (sound > 0).then_some(SoundHead { samples, stsd: sound_stsd, timescale, sample_duration, start });
        Ok(Self { frames, time_base, start_pts, end_pts, width, height, stsd, sound, media_bytes, fps })
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        let silent = SoundHead { samples: 0, stsd: Vec::new(), timescale: 0, sample_duration: 0, start: 0 };
        let sound = self.sound.as_ref().unwrap_or(&silent);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0, 0]);
        for value in [self.frames, sound.samples, self.time_base.num, self.time_base.den] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(&self.start_pts.to_le_bytes());
        bytes.extend_from_slice(&self.end_pts.to_le_bytes());
        let sizes = [self.stsd.len() as u32, sound.stsd.len() as u32];
        for value in [self.width, self.height, sizes[0], sizes[1], sound.timescale, sound.sample_duration] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(&sound.start.to_le_bytes());
        bytes.extend_from_slice(&self.media_bytes.to_le_bytes());
        let fps = self.fps.map_or([0, 0], |fps| [fps.num, fps.den]);
        for value in [fps[0], fps[1], 0, 0] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(&self.stsd);
        bytes.extend_from_slice(&sound.stsd);
    }
}

impl Index {
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FIXED_BYTES + 1024 + self.frames.len() * 24 + self.sound.len() * 12);
        self.head.encode(&mut bytes);
        for frame in &self.frames {
            bytes.extend_from_slice(&frame.pts.to_le_bytes());
            bytes.extend_from_slice(&frame.offset.to_le_bytes());
            bytes.extend_from_slice(&frame.size.to_le_bytes());
            bytes.extend_from_slice(&frame.flags.to_le_bytes());
        }
        for sample in &self.sound {
            bytes.extend_from_slice(&sample.offset.to_le_bytes());
            bytes.extend_from_slice(&sample.size.to_le_bytes());
        }
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, IndexError> {
        let head = Head::decode(bytes)?;
        let rest = bytes.get(head.records_start() as usize..).ok_or(IndexError::Truncated)?;
        let frames_end = head.frames as usize * FRAME_BYTES as usize;
        let frames = decode_frames(rest.get(..frames_end).ok_or(IndexError::Truncated)?)?;
        let samples = head.sound.as_ref().map_or(0, |sound| sound.samples as usize);
        let sound = rest.get(frames_end..frames_end + samples * SOUND_BYTES as usize).ok_or(IndexError::Truncated)?;
        Ok(Self { sound: decode_sound(sound)?, frames, head })
    }

    /// A range of the index at hand.
    pub fn slice(&self, range: FrameRange) -> Result<Slice, IndexError> {
        self.head.frame_bytes(range)?;
        let frames = self.frames[range.start as usize..range.end as usize].to_vec();
        let end_pts = self.frames.get(range.end as usize).map_or(self.head.end_pts, |next| next.pts);
        let samples = self.head.sound_samples(frames[0].pts, end_pts);
        let sound = self.sound[samples.start as usize..samples.end as usize].to_vec();
        Ok(Slice { head: self.head.clone(), range, frames, end_pts, first_sound: samples.start, sound })
    }
}

/// The records of frames.
pub fn decode_frames(bytes: &[u8]) -> Result<Vec<FrameRecord>, IndexError> {
    let record = |bytes| {
        let mut fields = Fields(bytes);
        let pts = i64::from_le_bytes(fields.array()?);
        Ok(FrameRecord { pts, offset: fields.u64()?, size: fields.u32()?, flags: fields.u32()? })
    };
    bytes.chunks(FRAME_BYTES as usize).map(record).collect()
}

/// The records of sound samples.
pub fn decode_sound(bytes: &[u8]) -> Result<Vec<SoundRecord>, IndexError> {
    let record = |bytes| {
        let mut fields = Fields(bytes);
        Ok(SoundRecord { offset: fields.u64()?, size: fields.u32()? })
    };
    bytes.chunks(SOUND_BYTES as usize).map(record).collect()
}

/// Takes little-endian fields off the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], IndexError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(IndexError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], IndexError> {
        self.take(N)?.try_into().map_err(|_| IndexError::Truncated)
    }

    fn u32(&mut self) -> Result<u32, IndexError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, IndexError> {
        self.array().map(u64::from_le_bytes)
    }
}
