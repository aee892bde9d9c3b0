//! From thumbnails to scores: what scene detection sees of a video.
//!
//! The track is read twice, once for the black bars and once for the scores, and at most a hundred frames of
//! it are held at a time by each thread, so that a video may have any length.

mod area;
mod compare;
mod explain;
mod gradual;
mod kernel;
mod picture;
mod scorer;

use heaters_domain::{
    scenes::{FrameScore, PictureArea, ScoreTrack},
    thumbs::{ThumbsError, ThumbsReader},
};
use std::{fs::File, io::Read, ops::Range, path::Path, thread};

/// Fewer frames than this are not worth a thread of their own, which has to see some before and behind them too.
const LEAST_SHARE: usize = 1000;

#[derive(Debug, thiserror::Error)]
pub enum VisionError {
    #[error("the thumbnail track can't be read")]
    Thumbs(#[from] ThumbsError),
    #[error("the thumbnail track has no frames")]
    NoFrames,
    #[error("OpenCV failed at {operation}")]
    OpenCv { operation: &'static str, source: opencv::Error },
}

/// The scores of a video, from its thumbnail track (the bytes of [`heaters_domain::thumbs`]).
pub fn score(thumbs: &[u8]) -> Result<ScoreTrack, VisionError> {
    let area = area::picture_area(ThumbsReader::new(thumbs)?)?;
    let reader = ThumbsReader::new(thumbs)?;
    let frames = reader.frames() as usize;
    Ok(ScoreTrack { area, frames: scores_of(reader, area, 0..frames)? })
}

/// The scores of a video, from the file of its thumbnail track, by as many threads as there are cores. Holds
/// no more of the track than a few frames for each, and doesn't depend on how many there are.
pub fn score_file(thumbs: &Path) -> Result<ScoreTrack, VisionError> {
    score_file_by(thumbs, thread::available_parallelism().map_or(1, usize::from))
}

/// The same by so many threads.
pub fn score_file_by(thumbs: &Path, threads: usize) -> Result<ScoreTrack, VisionError> {
    let area = picture_area(thumbs)?;
    let frames = open(thumbs)?.frames() as usize;
    let share = frames.div_ceil(threads.max(1)).max(LEAST_SHARE);
    let ranges = (0..frames).step_by(share).map(|start| start..(start + share).min(frames));
    thread::scope(|scope| {
        let parts: Vec<_> = ranges.map(|range| scope.spawn(move || score_range(thumbs, area, range))).collect();
        let mut scores = Vec::with_capacity(frames);
        for part in parts {
            scores.append(&mut part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(ScoreTrack { area, frames: scores })
    })
}

/// The part of the thumbnails that the picture fills: without black bars, which are decided over the whole video.
pub fn picture_area(thumbs: &Path) -> Result<PictureArea, VisionError> {
    area::picture_area(open(thumbs)?)
}

/// The scores of a range of frames, the same as if the whole video were scored. Reads on behind the range as
/// far as they depend on what follows.
pub fn score_range(thumbs: &Path, area: PictureArea, range: Range<usize>) -> Result<Vec<FrameScore>, VisionError> {
    scores_of(open(thumbs)?, area, range)
}

fn open(thumbs: &Path) -> Result<ThumbsReader<File>, VisionError> {
    Ok(File::open(thumbs).map_err(ThumbsError::File).and_then(ThumbsReader::new)?)
}

fn scores_of<R: Read>(
    thumbs: ThumbsReader<R>,
    area: PictureArea,
    range: Range<usize>,
) -> Result<Vec<FrameScore>, VisionError> {
    let first = range.start.saturating_sub(scorer::WARM_UP);
    let mut scorer = scorer::Scorer::new(area, first);
    for (frame, thumb) in thumbs.enumerate() {
        let thumb = thumb?;
        if frame >= first {
            scorer.push(&thumb)?;
        }
        if scorer.is_settled(range.end) {
            break;
        }
    }
    let mut scores = scorer.finish();
    scores.truncate(range.end - first);
    Ok(scores.split_off((range.start - first).min(scores.len())))
}

/// The version of OpenCV at work, such as `4.6.0`.
pub fn opencv_version() -> String {
    opencv::core::get_version_string().unwrap_or_else(|_| opencv::core::CV_VERSION.to_owned())
}

pub(crate) fn failed(operation: &'static str) -> impl FnOnce(opencv::Error) -> VisionError {
    move |source| VisionError::OpenCv { operation, source }
}
