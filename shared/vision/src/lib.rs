//! From thumbnails to scores: what scene detection sees of a video.
//!
//! The track is read twice, once for the black bars and once for the scores, and at most a hundred frames of
//! it are held at a time by each thread, so that a video may have any length.

#![expect(clippy::inline_always, reason = "what is compiled for a processor's own instructions must hold all it calls")]

mod align;
mod area;
mod compare;
mod explain;
mod gradual;
mod half;
mod kernel;
mod parts;
mod picture;
mod scorer;
mod slide;
mod strips;
mod timing;

pub use parts::score_files;

use heaters_domain::{
    scenes::ScoreTrack,
    thumbs::{ThumbsError, ThumbsReader},
};

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
    // The black bars have to be known before the first frame is scored.
    let area = area::picture_area(ThumbsReader::new(thumbs)?)?;
    let mut scorer = scorer::Scorer::new(area, 0);
    for thumb in ThumbsReader::new(thumbs)? {
        scorer.push(&thumb?)?;
    }
    Ok(ScoreTrack { area, frames: scorer.finish()? })
}

/// The version of OpenCV at work, such as `4.6.0`.
pub fn opencv_version() -> String {
    opencv::core::get_version_string().unwrap_or_else(|_| opencv::core::CV_VERSION.to_owned())
}

pub(crate) fn failed(operation: &'static str) -> impl FnOnce(opencv::Error) -> VisionError {
    move |source| VisionError::OpenCv { operation, source }
}
