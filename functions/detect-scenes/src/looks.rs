//! How each frame looks.

use heaters_domain::{
    look::{look, write},
    thumbs::{ThumbsError, ThumbsReader},
};
use std::{fs::File, path::PathBuf};

/// The look track of thumbnail tracks that follow each other.
pub(crate) fn of_frames(tracks: &[PathBuf]) -> Result<Vec<u8>, ThumbsError> {
    let mut looks = Vec::new();
    for track in tracks {
        for thumb in ThumbsReader::new(File::open(track).map_err(ThumbsError::File)?)? {
            looks.push(look(&thumb?));
        }
    }
    Ok(write(&looks))
}
