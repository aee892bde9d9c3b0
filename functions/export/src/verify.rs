//! Proves that a cut clip is what it should be. Its samples are the proxy's bytes, so decoding all of them
//! would only prove the proxy again, at the price of the export tenfold: their structure is checked one by
//! one, and the first, the middle and the last are decoded.

use heaters_domain::{ErrorClass, Fault, Told};
use heaters_media::{
    Run, RunError, Tools, args,
    clip::{self, ClipError},
    index::{FrameRecord, Slice},
    mp4::{self, Mp4Error, Sample},
};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
    time::Duration,
};

const PROBE_FILE: &str = "decode.mp4";
const DEADLINE: Duration = Duration::from_mins(2);
/// The type of an H.264 unit that holds a picture without references.
const IDR: u8 = 5;

#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Mp4(#[from] Mp4Error),
    #[error(transparent)]
    Clip(#[from] ClipError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("the clip can't be read back")]
    Io(#[from] io::Error),
    #[error("the clip has {found} frames instead of {expected}")]
    Frames { found: usize, expected: usize },
    #[error("frame {0} of the clip is shown for another time than in the video")]
    Duration(usize),
    #[error("frame {0} of the clip is not a picture of its own")]
    Sample(usize),
    #[error("{decoded} of {expected} frames could be decoded, with {complaints} complaints")]
    Decode { decoded: u32, expected: u32, complaints: u32 },
}

impl Fault for VerifyError {
    fn told(&self) -> Told<'_> {
        let class = match self {
            Self::Run(error) => error.class(),
            Self::Io(_) => ErrorClass::Transient,
            _ => ErrorClass::ToolFailure,
        };
        Told::Own(class, "The exported clip did not pass its check, so it was thrown away. Retry it.".into())
    }
}

/// Checks the clip `name` in `folder` against the slice that it was cut from. Blocks.
pub fn verify(tools: &Tools, folder: &Path, name: &str, slice: &Slice) -> Result<(), VerifyError> {
    let tracks = mp4::read_file_tracks(&folder.join(name))?;
    let picture = tracks.first().ok_or(Mp4Error::Layout("no track"))?;
    let (found, expected) = (picture.samples.len(), slice.frames.len());
    if found != expected {
        return Err(VerifyError::Frames { found, expected });
    }
    let mut file = File::open(folder.join(name))?;
    let ends = slice.frames.iter().skip(1).map(|frame| frame.pts).chain([slice.end_pts]);
    for (number, ((sample, frame), end)) in picture.samples.iter().zip(&slice.frames).zip(ends).enumerate() {
        if i64::from(sample.duration) != (end - frame.pts) * i64::from(slice.head.time_base.num) {
            return Err(VerifyError::Duration(number));
        }
        let bytes = read(&mut file, sample.offset..sample.offset + u64::from(sample.size))?;
        if bytes.len() != frame.size as usize || !is_whole_picture(&bytes) {
            return Err(VerifyError::Sample(number));
        }
    }
    decode_some(tools, folder, &mut file, &picture.samples, slice)
}

/// Whether a sample is a row of units, each with its length before it, with a picture among them.
fn is_whole_picture(mut sample: &[u8]) -> bool {
    let mut has_picture = false;
    while let Some((length, rest)) = sample.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some((unit, rest)) = rest.split_at_checked(length) else { return false };
        has_picture |= unit.first().is_some_and(|first| first & 0x1f == IDR);
        sample = rest;
    }
    sample.is_empty() && has_picture
}

fn decode_some(
    tools: &Tools,
    folder: &Path,
    file: &mut File,
    samples: &[Sample],
    slice: &Slice,
) -> Result<(), VerifyError> {
    let mut numbers = vec![0, samples.len() / 2, samples.len() - 1];
    numbers.dedup();
    let frames = numbers.iter().map(|number| FrameRecord {
        pts: 0,
        offset: samples[*number].offset,
        size: samples[*number].size,
        flags: 0,
    });
    let clip = clip::of_frames(&slice.head, frames)?;
    let mut bytes = clip.header.clone();
    for piece in clip.pieces {
        bytes.extend(read(file, piece)?);
    }
    std::fs::write(folder.join(PROBE_FILE), bytes)?;
    let args = args::decode(PROBE_FILE);
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: "an exported clip" };
    let mut decoded = 0;
    let said = tools.ffmpeg(&run, |_| Ok(()), |frames| decoded = frames)?;
    let complaints = said.complaints.total();
    if (decoded, complaints) != (clip.frames, 0) {
        return Err(VerifyError::Decode { decoded, expected: clip.frames, complaints });
    }
    Ok(())
}

fn read(file: &mut File, range: Range<u64>) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.seek(SeekFrom::Start(range.start))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_whole_only_with_a_picture_and_nothing_over() {
        let unit = |kind: u8| [&[0, 0, 0, 3][..], &[kind, 1, 2]].concat();
        assert!(is_whole_picture(&[unit(6), unit(0x65)].concat()));
        assert!(!is_whole_picture(&unit(6)), "no picture");
        assert!(!is_whole_picture(&unit(0x41)), "a picture with references");
        assert!(!is_whole_picture(&unit(0x65)[..6]), "cut off");
        assert!(!is_whole_picture(&[unit(0x65), vec![0]].concat()), "something over");
    }
}
