//! Storyboard tiles of one chunk: a small JPEG picture for each bucket of time, which the join puts on sheets.
//!
//! Bucket *n* holds the times from `n * tile_seconds` to the next on the source's clock. A chunk has a tile of
//! the first of its frames in each bucket. Where a bucket goes over a border between chunks, both have a tile of
//! it, and the earlier chunk's counts: so the tiles of a video don't depend on its chunks.
//!
//! All integers are little-endian. The layout is an invariant between stages:
//!
//! | offset | type | what |
//! |---|---|---|
//! | 0 | 4 bytes | `HXTL` |
//! | 4 | u16 | version, 1 |
//! | 6 | u16 | 0 |
//! | 8 | u32 | tiles, N |
//! | 12 | u16, u16 | width and height of every tile in pixels |
//! | 16 | N x 12 bytes | a tile: i64 presentation time, u32 bytes of its JPEG |
//! | 16+12N | | the JPEGs, one after another |
//!
//! The JPEGs alone, from 16+12N to the end, are a Motion JPEG stream that ffmpeg reads (`-f mjpeg`).

use crate::Rational;

/// The longer side of a tile in pixels.
pub const LONG_SIDE: u32 = 160;

const MAGIC: &[u8; 4] = b"HXTL";
const VERSION: u16 = 1;
const HEADER_BYTES: usize = 16;
const RECORD_BYTES: usize = 12;

/// A frame of the storyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// In ticks of the picture's time base, on the source's clock.
    pub pts: i64,
    /// Full-range BT.601, as JPEG files are by convention.
    pub jpeg: Vec<u8>,
}

/// The tiles of a chunk in the order of their times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiles {
    pub width: u16,
    pub height: u16,
    pub tiles: Vec<Tile>,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TilesError {
    #[error("the tiles' header is not one of version {VERSION}")]
    Header,
    #[error("the tiles end too early")]
    Truncated,
}

/// Which bucket a time lies in.
pub fn bucket(pts: i64, time_base: Rational, tile_seconds: u32) -> i64 {
    let (num, den) = (i128::from(time_base.num), i128::from(time_base.den) * i128::from(tile_seconds.max(1)));
    (i128::from(pts) * num).div_euclid(den.max(1)) as i64
}

/// The width and height of the tiles of a picture of that size: even, and at most [`LONG_SIDE`].
pub fn size(width: u32, height: u32) -> (u32, u32) {
    let long = u64::from(width.max(height).max(1));
    let limit = u64::from(LONG_SIDE).min(long);
    // To the nearest even number.
    let fit = |side: u32| ((u64::from(side) * limit + long) / (2 * long) * 2).clamp(2, u64::from(LONG_SIDE)) as u32;
    (fit(width), fit(height))
}

impl Tiles {
    pub fn encode(&self) -> Vec<u8> {
        let payload: usize = self.tiles.iter().map(|tile| tile.jpeg.len()).sum();
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.tiles.len() * RECORD_BYTES + payload);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&(self.tiles.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&self.width.to_le_bytes());
        bytes.extend_from_slice(&self.height.to_le_bytes());
        for tile in &self.tiles {
            bytes.extend_from_slice(&tile.pts.to_le_bytes());
            bytes.extend_from_slice(&(tile.jpeg.len() as u32).to_le_bytes());
        }
        for tile in &self.tiles {
            bytes.extend_from_slice(&tile.jpeg);
        }
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, TilesError> {
        let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(TilesError::Header)?;
        let [m0, m1, m2, m3, v0, v1, _, _, n0, n1, n2, n3, w0, w1, h0, h1] = *header;
        if [m0, m1, m2, m3] != *MAGIC || u16::from_le_bytes([v0, v1]) != VERSION {
            return Err(TilesError::Header);
        }
        let count = u32::from_le_bytes([n0, n1, n2, n3]) as usize;
        let records = count.checked_mul(RECORD_BYTES).and_then(|bytes| rest.split_at_checked(bytes));
        let (records, mut jpegs) = records.ok_or(TilesError::Truncated)?;
        let tile = |record: &[u8]| {
            let (pts, size) = record.split_first_chunk::<8>().ok_or(TilesError::Truncated)?;
            let size = u32::from_le_bytes(size.try_into().map_err(|_| TilesError::Truncated)?);
            let (jpeg, later) = jpegs.split_at_checked(size as usize).ok_or(TilesError::Truncated)?;
            jpegs = later;
            Ok(Tile { pts: i64::from_le_bytes(*pts), jpeg: jpeg.to_vec() })
        };
        let tiles = records.chunks_exact(RECORD_BYTES).map(tile).collect::<Result<_, _>>()?;
        Ok(Self { width: u16::from_le_bytes([w0, w1]), height: u16::from_le_bytes([h0, h1]), tiles })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tiles(jpegs: Vec<Vec<u8>>) -> Tiles {
        let tiles = (-1..).zip(jpegs).map(|(pts, jpeg)| Tile { pts, jpeg }).collect();
        Tiles { width: 160, height: 90, tiles }
    }

    proptest! {
        #[test]
        fn tiles_come_back_as_they_were(jpegs in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..9)) {
            let tiles = tiles(jpegs);
            prop_assert_eq!(Tiles::decode(&tiles.encode()), Ok(tiles));
        }

        #[test]
        fn a_tile_is_even_and_fits(width in 1u32..20_000, height in 1u32..20_000) {
            let (w, h) = size(width, height);
            prop_assert!(w % 2 == 0 && h % 2 == 0 && w.min(h) >= 2 && w.max(h) <= LONG_SIDE);
        }

        #[test]
        fn nothing_that_is_read_panics(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut bytes = bytes;
            bytes.splice(0..0, *b"HXTL\x01\0\0\0");
            let _ = Tiles::decode(&bytes);
        }
    }

    #[test]
    fn the_layout_is_the_documented_one() {
        let bytes = tiles(vec![vec![7, 8], vec![9]]).encode();
        assert_eq!(bytes[..16], *b"HXTL\x01\0\0\0\x02\0\0\0\xa0\0\x5a\0");
        assert_eq!(bytes[16..28], *b"\xff\xff\xff\xff\xff\xff\xff\xff\x02\0\0\0");
        assert_eq!(bytes[40..], [7, 8, 9]);
    }

    #[test]
    fn damaged_tiles_are_refused() {
        let bytes = tiles(vec![vec![7, 8], vec![9]]).encode();
        assert_eq!(Tiles::decode(&bytes[..15]), Err(TilesError::Header));
        assert_eq!(Tiles::decode(&bytes[..30]), Err(TilesError::Truncated));
        assert_eq!(Tiles::decode(&bytes[..42]), Err(TilesError::Truncated));
    }

    #[test]
    fn a_bucket_starts_at_a_multiple_of_its_length() {
        let base = Rational { num: 1001, den: 30_000 };
        let of = |pts| bucket(pts, base, 5);
        assert_eq!([of(-1), of(0), of(149), of(150), of(299), of(300)], [-1, 0, 0, 1, 1, 2]);
    }

    #[test]
    fn usual_shapes_are_kept() {
        let sizes = [size(1920, 1080), size(1080, 1920), size(854, 480), size(64, 48)];
        assert_eq!(sizes, [(160, 90), (90, 160), (160, 90), (64, 48)]);
    }
}
