//! The join of a video's chunks: one frame index, and the proxy's last part. See [`crate::assembly`] for the
//! proxy's layout.

use crate::{
    assembly::{self, AssemblyError},
    index::{Index, SoundHead, SoundRecord},
    mp4::{self, Mp4Error, Track},
};
use heaters_domain::{Fault, Told, plan::Chunk};
use std::ops::Range;

#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error("there are no chunks")]
    NoChunks,
    #[error("no chunk has a frame")]
    NoFrames,
    #[error("chunk {0} has another picture format than the first")]
    Format(u32),
    #[error("the time {pts} of a frame of chunk {chunk} lies outside the chunk's {start:?}..{end:?}")]
    Window { chunk: u32, pts: i64, start: Option<i64>, end: Option<i64> },
    #[error("chunk {chunk} begins at {start:?}, where the one before it did not end")]
    Gap { chunk: u32, start: Option<i64> },
    #[error("the last chunk does not reach the video's end")]
    Unfinished,
    #[error("frame {frame}, of chunk {chunk}, is not shown after the frame before it")]
    Order { chunk: u32, frame: u32 },
    #[error("the chunks have more than {} frames", u32::MAX)]
    TooLong,
    #[error(transparent)]
    Assembly(#[from] AssemblyError),
}

impl From<Mp4Error> for JoinError {
    fn from(error: Mp4Error) -> Self {
        Self::Assembly(error.into())
    }
}

impl Fault for JoinError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::NoChunks | Self::Gap { .. } | Self::Unfinished => {
                Told::internal("The video's plan has a gap. Retry it.")
            }
            Self::NoFrames => Told::rejected("No frame of this video can be decoded."),
            Self::TooLong => Told::rejected("The video has too many frames."),
            Self::Format(chunk) => Told::tool_failure(format!(
                "Section {} of the video has another picture format than the first.",
                chunk + 1
            )),
            Self::Window { chunk, .. } | Self::Order { chunk, .. } => Told::tool_failure(format!(
                "Section {} of the review copy does not follow on the one before it frame by frame, so it was thrown away.",
                chunk + 1
            )),
            Self::Assembly(error) => Told::By(error),
        }
    }
}

/// Joins the indexes of chunks in the order of the plan.
#[derive(Debug, Default)]
pub struct IndexJoin {
    whole: Option<Index>,
    reach: Reach,
}

/// How far the chunks' windows have come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Reach {
    #[default]
    Start,
    To(i64),
    End,
}

impl IndexJoin {
    /// Adds a chunk's index, whose offsets count from the beginning of its own media.
    pub fn add(&mut self, chunk: &Chunk, index: Index) -> Result<(), JoinError> {
        let before = self.whole.as_ref().map_or(0, |whole| whole.head.media_bytes);
        self.append(chunk, index, before)
    }

    /// Adds the index of a chunk whose frames stay where they are in the source.
    pub fn add_in_place(&mut self, chunk: &Chunk, index: Index) -> Result<(), JoinError> {
        self.append(chunk, index, 0)
    }

    fn append(&mut self, chunk: &Chunk, index: Index, moved: u64) -> Result<(), JoinError> {
        self.follow(chunk)?;
        let inside = |pts: i64| chunk.start.is_none_or(|start| pts >= start) && chunk.end.is_none_or(|end| pts < end);
        if let Some(frame) = index.frames.iter().find(|frame| !inside(frame.pts)) {
            let Chunk { index: chunk, start, end, .. } = *chunk;
            return Err(JoinError::Window { chunk, pts: frame.pts, start, end });
        }
        let Some(whole) = &mut self.whole else {
            check_order(&index, None, chunk.index, 0)?;
            self.whole = Some(index);
            return Ok(());
        };
        if whole.frames.is_empty() {
            // Only its media counts.
            let media_bytes = whole.head.media_bytes;
            *whole = index;
            whole.frames.iter_mut().for_each(|frame| frame.offset += moved);
            whole.head.media_bytes += media_bytes;
            return check_order(whole, None, chunk.index, 0);
        }
        if !index.frames.is_empty() {
            if (&index.head.stsd, index.head.time_base) != (&whole.head.stsd, whole.head.time_base) {
                return Err(JoinError::Format(chunk.index));
            }
            check_order(&index, whole.frames.last().map(|last| last.pts), chunk.index, whole.head.frames)?;
            whole.head.end_pts = index.head.end_pts;
        }
        whole.head.frames = whole.head.frames.checked_add(index.head.frames).ok_or(JoinError::TooLong)?;
        whole.head.media_bytes += index.head.media_bytes;
        whole.frames.extend(index.frames.into_iter().map(|mut frame| {
            frame.offset += moved;
            frame
        }));
        Ok(())
    }

    /// The plan's windows leave no gap.
    fn follow(&mut self, chunk: &Chunk) -> Result<(), JoinError> {
        let follows = match self.reach {
            Reach::Start => chunk.start.is_none(),
            Reach::To(end) => chunk.start == Some(end),
            Reach::End => false,
        };
        if !follows {
            return Err(JoinError::Gap { chunk: chunk.index, start: chunk.start });
        }
        self.reach = chunk.end.map_or(Reach::End, Reach::To);
        Ok(())
    }

    /// The index of the whole video, without sound.
    pub fn finish(self) -> Result<Index, JoinError> {
        let whole = self.whole.ok_or(JoinError::NoChunks)?;
        match (self.reach, whole.frames.is_empty()) {
            (Reach::End, false) => Ok(whole),
            (Reach::End, true) => Err(JoinError::NoFrames),
            (Reach::Start | Reach::To(_), _) => Err(JoinError::Unfinished),
        }
    }
}

fn check_order(index: &Index, before: Option<i64>, chunk: u32, first: u32) -> Result<(), JoinError> {
    let mut last = before;
    for (frame, record) in (first..).zip(&index.frames) {
        if last.is_some_and(|last| record.pts <= last) {
            return Err(JoinError::Order { chunk, frame });
        }
        last = Some(record.pts);
    }
    Ok(())
}

/// The proxy's last part: `before`, then these bytes of the encoded sound's file, then `after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    pub before: Vec<u8>,
    /// `None` without sound.
    pub sound: Option<Range<u64>>,
    pub after: Vec<u8>,
}

impl Tail {
    pub fn size_bytes(&self) -> u64 {
        let sound = self.sound.as_ref().map_or(0, |sound| sound.end - sound.start);
        self.before.len() as u64 + sound + self.after.len() as u64
    }
}

/// Adds the encoded sound to the index and lays out the proxy's last part.
pub fn tail(index: &mut Index, sound: Option<&Track>) -> Result<Tail, JoinError> {
    let (before, sound) = add_sound(index, sound)?;
    let tail = Tail { before, sound, after: assembly::moov(index)? };
    index.head.media_bytes += tail.size_bytes();
    Ok(tail)
}

/// The same for a proxy that has a header of its own already: only clips know of the sound behind it.
pub fn tail_of_sound(index: &mut Index, sound: &Track) -> Result<Tail, JoinError> {
    let (before, sound) = add_sound(index, Some(sound))?;
    let tail = Tail { before, sound, after: Vec::new() };
    index.head.media_bytes += tail.size_bytes();
    Ok(tail)
}

/// The header of the sound's media data, and where that lies in its file.
fn add_sound(index: &mut Index, sound: Option<&Track>) -> Result<(Vec<u8>, Option<Range<u64>>), JoinError> {
    let Some(track) = sound else { return Ok((Vec::new(), None)) };
    let bytes = sample_bytes(track)?;
    let before = mp4::mdat_header(bytes.end - bytes.start).to_vec();
    let first = index.head.media_bytes + before.len() as u64;
    let place = |sample: &mp4::Sample| SoundRecord { offset: sample.offset - bytes.start + first, size: sample.size };
    index.sound = track.samples.iter().map(place).collect();
    index.head.sound = Some(SoundHead {
        samples: track.samples.len() as u32,
        stsd: mp4::encode_stsd(&track.stsd)?,
        timescale: track.timescale,
        sample_duration: track.samples.first().map_or(0, |sample| sample.duration),
        start: track.edit_start,
    });
    Ok((before, Some(bytes)))
}

/// Where a track's samples lie in its file: one after another.
fn sample_bytes(track: &Track) -> Result<Range<u64>, JoinError> {
    let start = track.samples.first().map_or(0, |sample| sample.offset);
    let mut end = start;
    for sample in &track.samples {
        if sample.offset != end {
            return Err(Mp4Error::Layout("the sound's samples are not one after another").into());
        }
        end += u64::from(sample.size);
    }
    Ok(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{FrameRecord, Head};
    use heaters_domain::{
        Rational,
        plan::{self, Clock},
    };

    fn chunk(index: u32, start: Option<i64>, end: Option<i64>) -> Chunk {
        Chunk { index, count: 2, start, end, ..plan::whole(2, Clock::Source).remove(0) }
    }

    fn index(times: &[i64]) -> Index {
        let frame = |(at, pts): (usize, &i64)| FrameRecord { pts: *pts, offset: 10 * at as u64, size: 10, flags: 0 };
        let head = Head {
            frames: times.len() as u32,
            time_base: Rational { num: 1, den: 25 },
            start_pts: times.first().copied().unwrap_or(0),
            end_pts: times.last().copied().unwrap_or(0) + 1,
            width: 64,
            height: 48,
            stsd: vec![1],
            sound: None,
            media_bytes: 10 * times.len() as u64,
            fps: None,
        };
        Index { head, frames: times.iter().enumerate().map(frame).collect(), sound: Vec::new() }
    }

    fn join(chunks: &[(Chunk, Index)]) -> Result<Index, JoinError> {
        let mut join = IndexJoin::default();
        chunks.iter().try_for_each(|(chunk, index)| join.add(chunk, index.clone()))?;
        join.finish()
    }

    #[test]
    fn chunks_follow_one_another() {
        let whole = join(&[
            (chunk(0, None, Some(5)), index(&[3, 4])),
            (chunk(1, Some(5), Some(9)), index(&[])),
            (chunk(2, Some(9), None), index(&[9, 12])),
        ])
        .unwrap();
        let frames: Vec<_> = whole.frames.iter().map(|frame| (frame.pts, frame.offset)).collect();
        assert_eq!(frames, [(3, 0), (4, 10), (9, 20), (12, 30)]);
        assert_eq!((whole.head.frames, whole.head.end_pts, whole.head.media_bytes), (4, 13, 40));
    }

    #[test]
    fn a_frame_outside_its_chunk_or_out_of_order_is_found() {
        let two = |second: &[i64]| {
            join(&[(chunk(0, None, Some(5)), index(&[3, 4])), (chunk(1, Some(5), None), index(second))])
        };
        assert!(two(&[5]).is_ok());
        assert!(matches!(two(&[4, 6]), Err(JoinError::Window { chunk: 1, pts: 4, .. })));
        assert!(matches!(two(&[7, 7]), Err(JoinError::Order { chunk: 1, frame: 3 })));
        assert!(two(&[4]).unwrap_err().sentence().starts_with("Section 2 of"));
    }

    #[test]
    fn a_plan_with_a_gap_is_refused() {
        let first = (chunk(0, None, Some(5)), index(&[3]));
        assert!(matches!(join(std::slice::from_ref(&first)), Err(JoinError::Unfinished)));
        assert!(matches!(join(&[first, (chunk(1, Some(6), None), index(&[6]))]), Err(JoinError::Gap { chunk: 1, .. })));
        assert!(matches!(join(&[]), Err(JoinError::NoChunks)));
        assert!(matches!(join(&[(chunk(0, None, None), index(&[]))]), Err(JoinError::NoFrames)));
    }
}
