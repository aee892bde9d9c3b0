//! From thumbnails to scores: what scene detection sees of a video.
//!
//! The track is read twice, once for the black bars and once for the scores, and at most a hundred
//! frames of it are held at a time, so that a video may have any length.

mod area;
mod compare;
mod explain;
mod gradual;
mod picture;
mod scorer;

use heaters_domain::{
    scenes::ScoreTrack,
    thumbs::{ThumbsError, ThumbsReader},
};
use std::{fs::File, io::Read, path::Path};

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
    score_tracks(ThumbsReader::new(thumbs)?, ThumbsReader::new(thumbs)?)
}

/// The scores of a video, from the file of its thumbnail track. Holds no more of it than a few frames.
pub fn score_file(thumbs: &Path) -> Result<ScoreTrack, VisionError> {
    let open = || File::open(thumbs).map_err(ThumbsError::File).and_then(ThumbsReader::new);
    score_tracks(open()?, open()?)
}

/// The same track twice: the black bars have to be known before the first frame is scored.
fn score_tracks<R: Read>(first: ThumbsReader<R>, second: ThumbsReader<R>) -> Result<ScoreTrack, VisionError> {
    let mut scorer = scorer::Scorer::new(area::picture_area(first)?);
    for thumb in second {
        scorer.push(&thumb?)?;
    }
    Ok(scorer.finish())
}

/// The version of OpenCV at work, such as `4.6.0`.
pub fn opencv_version() -> String {
    opencv::core::get_version_string().unwrap_or_else(|_| opencv::core::CV_VERSION.to_owned())
}

pub(crate) fn failed(operation: &'static str) -> impl FnOnce(opencv::Error) -> VisionError {
    move |source| VisionError::OpenCv { operation, source }
}
