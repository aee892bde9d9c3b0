//! The clip cutter. The proxy is all-intra, so any range of frames is an MP4 of its own: a new header and
//! bytes of the proxy as they are.
//!
//! A clip is `ftyp`, `moov`, `mdat`: first the frames, exactly those of the range, then the sound that is
//! heard with them. Sound samples are about 21 ms long, so an edit list trims the sound to the picture.

use crate::{
    index::{FrameRecord, Head, IndexError, ReadError, Slice},
    mp4::{self, Mp4Error, TrackHeader},
};
use heaters_domain::{Fault, Told};
use std::{io, ops::Range};

/// The largest piece of a proxy that is fetched at once, in bytes.
const PIECE_BYTES: u64 = 16 << 20;

/// A clip that is still to be put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// All that comes before the media data.
    pub header: Vec<u8>,
    /// What follows: byte ranges of the proxy, in order.
    pub pieces: Vec<Range<u64>>,
    pub frames: u32,
}

impl Clip {
    pub fn size_bytes(&self) -> u64 {
        self.header.len() as u64 + self.pieces.iter().map(|piece| piece.end - piece.start).sum::<u64>()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    #[error("the clip's header can't be made")]
    Mp4(#[from] Mp4Error),
    #[error("frame {0} is shown for no time or too long a time")]
    Duration(u32),
    #[error(transparent)]
    Index(#[from] IndexError),
}

#[derive(Debug, thiserror::Error)]
pub enum CopyError<E: std::error::Error + 'static> {
    #[error(transparent)]
    Fetch(E),
    #[error("the proxy ends before byte {0}")]
    Short(u64),
    #[error("the clip can't be written")]
    Write(#[source] io::Error),
}

/// The clip of a whole slice, with its sound.
pub fn of_slice(slice: &Slice) -> Result<Clip, ClipError> {
    let frames = slice.frames.iter().map(|frame| (frame.offset, frame.size));
    let ends = slice.frames.iter().skip(1).map(|frame| frame.pts).chain([slice.end_pts]);
    let step = slice.head.time_base.num;
    let durations = slice.frames.iter().zip(ends).zip(slice.range.start..).map(|((frame, end), number)| {
        let ticks = end.checked_sub(frame.pts).filter(|ticks| *ticks > 0).and_then(|ticks| u32::try_from(ticks).ok());
        ticks.and_then(|ticks| ticks.checked_mul(step)).ok_or(ClipError::Duration(number))
    });
    let samples = frames
        .zip(durations)
        .map(|((offset, size), duration)| Ok((offset, size, duration?)))
        .collect::<Result<Vec<_>, ClipError>>()?;
    build(&slice.head, samples, sound_track(slice)?)
}

/// A clip of single frames, one after another, without sound. Each is shown for one tick.
pub fn of_frames(head: &Head, frames: impl IntoIterator<Item = FrameRecord>) -> Result<Clip, ClipError> {
    let samples = frames.into_iter().map(|frame| (frame.offset, frame.size, head.time_base.num)).collect();
    build(head, samples, None)
}

fn sound_track(slice: &Slice) -> Result<Option<TrackHeader>, ClipError> {
    let (Some(sound), Some(frame)) = (&slice.head.sound, slice.frames.first()) else { return Ok(None) };
    if slice.sound.is_empty() {
        return Ok(None);
    }
    let media_time = |pts: i64| Head::sound_time(sound, slice.head.time_base, pts - slice.head.start_pts);
    let before = u64::from(slice.first_sound) * u64::from(sound.sample_duration);
    let end = media_time(slice.end_pts).saturating_sub(before);
    let mut samples: Vec<_> =
        slice.sound.iter().map(|sample| (sample.offset, sample.size, sound.sample_duration)).collect();
    // The last sample is cut where the picture ends: players take the longest track for the clip's length.
    let others = (samples.len() as u64 - 1) * u64::from(sound.sample_duration);
    if let Some((_, _, duration)) = samples.last_mut() {
        *duration = end.saturating_sub(others).clamp(1, u64::from(sound.sample_duration)) as u32;
    }
    let edit_start = media_time(frame.pts).saturating_sub(before);
    Ok(Some(TrackHeader {
        stsd: mp4::decode_stsd(&sound.stsd)?,
        size: None,
        timescale: sound.timescale,
        samples,
        edit_start,
    }))
}

fn build(head: &Head, samples: Vec<(u64, u32, u32)>, sound: Option<TrackHeader>) -> Result<Clip, ClipError> {
    let frames = samples.len() as u32;
    let duration = samples.iter().map(|(_, _, duration)| u64::from(*duration)).sum();
    let timescale = head.time_base.den;
    let stsd = mp4::decode_stsd(&head.stsd)?;
    let picture = TrackHeader { stsd, size: Some((head.width, head.height)), timescale, samples, edit_start: 0 };
    let mut tracks: Vec<_> = [Some(picture), sound].into_iter().flatten().collect();
    let mut header = mp4::ftyp()?;
    let pieces = lay_out(&mut tracks, 0);
    // The header's size does not depend on the offsets, so they can be moved behind it once it is known.
    let moov_bytes = mp4::moov(&tracks, timescale, duration)?.len() as u64;
    let start = header.len() as u64 + moov_bytes + mp4::MDAT_HEADER_BYTES;
    lay_out(&mut tracks, start);
    let moov = mp4::moov(&tracks, timescale, duration)?;
    let payload = pieces.iter().map(|piece| piece.end - piece.start).sum();
    header.extend_from_slice(&moov);
    header.extend_from_slice(&mp4::mdat_header(payload));
    Ok(Clip { header, pieces, frames })
}

/// Lays the tracks' samples one after another from `start` on. Gives the ranges they were in, joined where
/// they touch.
fn lay_out(tracks: &mut [TrackHeader], start: u64) -> Vec<Range<u64>> {
    let mut pieces = Vec::<Range<u64>>::new();
    let mut at = start;
    for (offset, size, _) in tracks.iter_mut().flat_map(|track| &mut track.samples) {
        let end = *offset + u64::from(*size);
        match pieces.last_mut() {
            Some(piece) if piece.end == *offset => piece.end = end,
            _ => pieces.push(*offset..end),
        }
        *offset = at;
        at += u64::from(*size);
    }
    pieces
}

/// Writes a clip. `fetch` gives a byte range of the proxy. At most [`PIECE_BYTES`] are held at a time.
pub async fn write<F, Fut, B, E>(clip: &Clip, fetch: &F, out: &mut impl io::Write) -> Result<(), CopyError<E>>
where
    F: Fn(Range<u64>) -> Fut,
    Fut: Future<Output = Result<B, E>>,
    B: AsRef<[u8]>,
    E: std::error::Error + 'static,
{
    out.write_all(&clip.header).map_err(CopyError::Write)?;
    for piece in &clip.pieces {
        let mut at = piece.start;
        while at < piece.end {
            let end = piece.end.min(at + PIECE_BYTES);
            let bytes = fetch(at..end).await.map_err(CopyError::Fetch)?;
            let bytes = bytes.as_ref();
            if bytes.len() as u64 != end - at {
                return Err(CopyError::Short(end));
            }
            out.write_all(bytes).map_err(CopyError::Write)?;
            at = end;
        }
    }
    out.flush().map_err(CopyError::Write)
}

/// Why a clip could not be cut, whatever the step. `E` is the storage's error.
#[derive(Debug, thiserror::Error)]
pub enum CutError<E: std::error::Error + 'static> {
    #[error("the frame index could not be read")]
    Index(#[from] ReadError<E>),
    #[error("the clip's header could not be made")]
    Clip(#[from] ClipError),
    #[error("the clip's frames could not be copied")]
    Copy(#[from] CopyError<E>),
}

impl<E: Fault + 'static> Fault for CutError<E> {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Index(ReadError::Fetch(error)) | Self::Copy(CopyError::Fetch(error)) => Told::By(error),
            Self::Index(ReadError::Index(error)) | Self::Clip(ClipError::Index(error)) => Told::By(error),
            Self::Copy(CopyError::Write(_)) => Told::scratch(),
            _ => Told::internal("The clip could not be cut out of the review copy. Tell an operator."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Index, SoundHead, SoundRecord, read_slice};
    use heaters_domain::{FrameRange, Rational};
    use mp4_atom::Stsd;
    use proptest::prelude::*;
    use std::convert::Infallible;

    const SAMPLE: u32 = 1024;

    /// A proxy with these gaps between its frames' times, and sound for all of it.
    fn index(gaps: &[u32], time_base: Rational, has_sound: bool) -> Index {
        let stsd = mp4::encode_stsd(&Stsd { codecs: Vec::new() }).unwrap();
        let (mut pts, mut offset) = (-7, 48);
        let mut frames = Vec::new();
        for gap in gaps {
            let size = 10 + gap % 50;
            frames.push(FrameRecord { pts, offset, size, flags: 0 });
            pts += i64::from(*gap);
            offset += u64::from(size);
        }
        let seconds = (pts + 7) as f64 * time_base.as_f64();
        let samples = (seconds * 48_000.0 / f64::from(SAMPLE)).ceil() as u32 + 2;
        let sound: Vec<_> = (0..if has_sound { samples } else { 0 })
            .map(|number| SoundRecord { offset: offset + 16 + u64::from(number) * 9, size: 9 })
            .collect();
        let head = SoundHead { samples, stsd: stsd.clone(), timescale: 48_000, sample_duration: SAMPLE, start: 1024 };
        let head = Head {
            frames: frames.len() as u32,
            time_base,
            start_pts: -7,
            end_pts: pts,
            width: 64,
            height: 36,
            stsd,
            sound: has_sound.then_some(head),
            media_bytes: offset,
            fps: None,
        };
        Index { head, frames, sound }
    }

    fn fetched(index: &Index, range: FrameRange) -> Slice {
        let bytes = index.encode();
        let fetch = |range: Range<u64>| {
            let end = (range.end as usize).min(bytes.len());
            std::future::ready(Ok::<_, Infallible>(bytes[range.start as usize..end].to_vec()))
        };
        let mut future = std::pin::pin!(read_slice(&fetch, range));
        match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
            std::task::Poll::Ready(slice) => slice.unwrap(),
            std::task::Poll::Pending => panic!("nothing here waits"),
        }
    }

    proptest! {
        #[test]
        fn an_index_comes_back_as_it_was(gaps in prop::collection::vec(1u32..5000, 1..60), has_sound: bool) {
            let index = index(&gaps, Rational { num: 1, den: 12_800 }, has_sound);
            prop_assert_eq!(Index::decode(&index.encode()).unwrap(), index);
        }

        #[test]
        fn a_clip_has_exactly_its_frames_and_its_length(
            gaps in prop::collection::vec(1u32..5000, 1..60),
            picks in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
            num in 1u32..3,
            has_sound: bool,
        ) {
            let time_base = Rational { num, den: 12_800 };
            let index = index(&gaps, time_base, has_sound);
            let start = picks.0.index(gaps.len());
            let end = start + 1 + picks.1.index(gaps.len() - start);
            let range = FrameRange { start: start as u32, end: end as u32 };
            let slice = index.slice(range).unwrap();
            prop_assert_eq!(&fetched(&index, range), &slice, "read by range as read whole");

            let clip = of_slice(&slice).unwrap();
            let ftyp = mp4::ftyp().unwrap().len();
            let tracks = mp4::read_tracks(&clip.header[ftyp..clip.header.len() - 16]).unwrap();
            let picture = &tracks[0].samples;
            let expected: Vec<_> = (start..end).map(|frame| (index.frames[frame].size, gaps[frame] * num)).collect();
            prop_assert_eq!(picture.iter().map(|sample| (sample.size, sample.duration)).collect::<Vec<_>>(), expected);
            prop_assert_eq!(picture[0].offset, clip.header.len() as u64);
            let payload: u64 = tracks.iter().flat_map(|track| &track.samples).map(|sample| u64::from(sample.size)).sum();
            prop_assert_eq!(clip.size_bytes(), clip.header.len() as u64 + payload);
            prop_assert_eq!(tracks.len(), 1 + usize::from(has_sound));
            if let Some(sound) = tracks.get(1) {
                let heard = sound.samples.iter().map(|sample| u64::from(sample.duration)).sum::<u64>() - sound.edit_start;
                let shown = gaps[start..end].iter().map(|gap| u64::from(*gap)).sum::<u64>() * u64::from(num);
                let shown = shown * 48_000 / 12_800;
                prop_assert!(heard.abs_diff(shown) <= 1, "{heard} of {shown} samples are heard");
            }
        }
    }

    #[test]
    fn a_range_outside_the_video_is_refused() {
        let index = index(&[5, 5], Rational { num: 1, den: 25 }, false);
        assert!(matches!(
            index.slice(FrameRange { start: 1, end: 3 }),
            Err(IndexError::OutsideVideo { frames: 2, .. })
        ));
        assert!(index.slice(FrameRange { start: 1, end: 1 }).is_err());
    }
}
