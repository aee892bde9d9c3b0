//! From ffmpeg's Motion JPEG stream and its time stamps to a chunk's tiles.

use super::{PassError, crc};
use crate::args::{TILE_STAMPS_FILE, TILES_FILE};
use heaters_domain::{
    plan::Source,
    tiles::{self, Tile, Tiles},
};
use std::{fs, path::Path};

/// Reads the tiles that a pass left in `folder`.
pub fn read(folder: &Path, source: &Source) -> Result<Tiles, PassError> {
    let path = folder.join(TILES_FILE);
    let stamps = crc::read(&folder.join(TILE_STAMPS_FILE), source.media.time_base, 0)?;
    let stream = fs::read(&path).map_err(|source| PassError::File { path, source })?;
    let mut rest = stream.as_slice();
    let mut tiles = Vec::with_capacity(stamps.len());
    for stamp in stamps {
        let (jpeg, later) =
            usize::try_from(stamp.size).ok().and_then(|size| rest.split_at_checked(size)).ok_or(PassError::Tiles)?;
        rest = later;
        tiles.push(Tile { pts: stamp.pts.ok_or(PassError::Tiles)?, jpeg: jpeg.to_vec() });
    }
    let (width, height) = tiles::size(source.media.width, source.media.height);
    Ok(Tiles { width: width as u16, height: height as u16, tiles })
}
