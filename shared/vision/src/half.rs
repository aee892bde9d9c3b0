//! A picture at half its size, at which pictures are laid over each other.

use heaters_domain::thumbs::{LUMA_HEIGHT, LUMA_WIDTH};

pub const WIDTH: usize = LUMA_WIDTH / 2;
pub const HEIGHT: usize = LUMA_HEIGHT / 2;

/// How far a picture may be moved to the side.
pub const MOST_ACROSS: usize = 14;
/// A row with zeros on both sides.
const PADDED: usize = WIDTH + 2 * MOST_ACROSS;

pub struct Half {
    /// Rows with zeros on both sides.
    padded: Vec<i16>,
    /// The sums of luma, and of its squares, of all pixels above and to the left (summed-area tables: Crow,
    /// Summed-area tables for texture mapping, 1984).
    above: Vec<[i32; 2]>,
}

/// A part of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

impl Half {
    /// Of a picture's luma in full size.
    pub fn new(full: &[i16]) -> Self {
        let pixel = |at: usize| {
            let corner = at / WIDTH * 2 * LUMA_WIDTH + at % WIDTH * 2;
            let four = [corner, corner + 1, corner + LUMA_WIDTH, corner + LUMA_WIDTH + 1];
            (four.into_iter().map(|at| full[at]).sum::<i16>() + 2) / 4
        };
        let luma: Vec<i16> = (0..WIDTH * HEIGHT).map(pixel).collect();
        let mut padded = vec![0; PADDED * HEIGHT];
        for (row, padded) in luma.chunks_exact(WIDTH).zip(padded.chunks_exact_mut(PADDED)) {
            padded[MOST_ACROSS..][..WIDTH].copy_from_slice(row);
        }
        Self { padded, above: above(&luma) }
    }

    /// A row moved to the right by so many pixels, at most [`MOST_ACROSS`] either way; there is 0 where nothing is.
    #[inline(always)]
    pub fn moved_row(&self, row: usize, across: i32) -> &[i16; WIDTH] {
        let start = row * PADDED + (MOST_ACROSS as i32 - across) as usize;
        self.padded[start..].first_chunk().expect("rows lie within the padding")
    }

    /// The sums of luma and of its squares.
    #[inline]
    pub fn sums(&self, window: Window) -> [i32; 2] {
        let Window { left, top, width, height } = window;
        let (upper, lower) = (top * (WIDTH + 1), (top + height) * (WIDTH + 1));
        let at = |place: usize| self.above[place];
        let (above, all) = ([at(upper + left), at(upper + left + width)], [at(lower + left), at(lower + left + width)]);
        std::array::from_fn(|which| all[1][which] - all[0][which] - above[1][which] + above[0][which])
    }
}

/// One more column and row than the picture has, the first of both 0.
fn above(luma: &[i16]) -> Vec<[i32; 2]> {
    let mut above = vec![[0; 2]; WIDTH + 1];
    for row in luma.chunks_exact(WIDTH) {
        let mut in_row = [0; 2];
        above.push(in_row);
        for pixel in row {
            let pixel = i32::from(*pixel);
            in_row = [in_row[0] + pixel, in_row[1] + pixel * pixel];
            let over = above[above.len() - WIDTH - 1];
            above.push([over[0] + in_row[0], over[1] + in_row[1]]);
        }
    }
    above
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sums_are_those_of_the_pixels(
            full in proptest::collection::vec(0i16..256, LUMA_WIDTH * LUMA_HEIGHT),
            left in 0..WIDTH,
            top in 0..HEIGHT,
            share in (0.0f64..1.0, 0.0f64..1.0),
        ) {
            let half = Half::new(&full);
            let part = |share: f64, most: usize| 1 + (share * most as f64) as usize;
            let window =
                Window { left, top, width: part(share.0, WIDTH - left - 1), height: part(share.1, HEIGHT - top - 1) };
            let pixels = (0..window.height).flat_map(|row| &half.moved_row(window.top + row, 0)[window.left..][..window.width]).map(|pixel| i32::from(*pixel));
            let sums: [i32; 2] = [pixels.clone().sum(), pixels.map(|pixel| pixel * pixel).sum()];
            prop_assert_eq!(half.sums(window), sums);
        }
    }
}
