//! How each frame looks.

use heaters_domain::{
    look::{look, write},
    thumbs::{ThumbsError, ThumbsReader},
};
use std::{fs::File, path::Path};

/// The look track of a thumbnail track.
pub(crate) fn of_frames(thumbs: &Path) -> Result<Vec<u8>, ThumbsError> {
    let track = ThumbsReader::new(File::open(thumbs).map_err(ThumbsError::File)?)?;
    let looks = track.map(|thumb| thumb.map(|thumb| look(&thumb))).collect::<Result<Vec<i64>, _>>()?;
    Ok(write(&looks))
}
