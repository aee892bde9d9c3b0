//! Whether a frame in the middle is what a dissolve or wipe would make of the frames at its ends.
//!
//! All measures are sums of squared differences of luma over the picture, as a share of those between
//! the two ends.

use heaters_domain::thumbs::{LUMA_HEIGHT, LUMA_WIDTH};
use multiversion::multiversion;

/// The side of a square that a wipe shows of either picture, in pixels.
const TILE: usize = 4;
const TILES_ACROSS: usize = LUMA_WIDTH / TILE;

/// How well the two ends explain a frame between them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Explanation {
    /// What is left when the frame is taken for the nearer end itself.
    pub neither: f32,
    /// The share of the second picture in the best blend, 0..1, and what the blend leaves.
    pub blend: Share,
    /// The share of the picture that shows the second one, and what is left when each tile is taken
    /// from the nearer end.
    pub wipe: Share,
}

/// How far a transition has come, 0..1, and what it doesn't explain.
#[derive(Debug, Clone, Copy, Default)]
pub struct Share {
    pub done: f32,
    pub unexplained: f32,
}

/// The squared distance of the ends: the unit of all explanations. At least 1.
pub fn distance(first: &[i16], last: &[i16]) -> f32 {
    squares(first, last).max(1) as f32
}

/// `distance` is that of `first` and `last`; all pictures are rows of [`LUMA_WIDTH`] pixels.
#[multiversion(targets("x86_64+avx2"))]
pub fn explain(first: &[i16], middle: &[i16], last: &[i16], distance: f32) -> Explanation {
    let (mut to_first, mut to_last, mut tiles, mut shown) = (0i64, 0i64, 0i64, 0i64);
    for band in (0..LUMA_HEIGHT).step_by(TILE).map(|top| top * LUMA_WIDTH..(top + TILE) * LUMA_WIDTH) {
        let [from_first, from_last, apart] = [(first, middle), (last, middle), (first, last)]
            .map(|(one, other)| squares_of_tiles(&one[band.clone()], &other[band.clone()]));
        for tile in 0..TILES_ACROSS {
            to_first += i64::from(from_first[tile]);
            to_last += i64::from(from_last[tile]);
            tiles += i64::from(from_first[tile].min(from_last[tile]));
            shown += if from_last[tile] < from_first[tile] { i64::from(apart[tile]) } else { 0 };
        }
    }
    let (to_first, to_last) = (to_first as f32 / distance, to_last as f32 / distance);
    // With all lengths known, the blend is the foot of the middle's perpendicular on the ends' line.
    let foot = (1.0 + to_first - to_last) / 2.0;
    let done = foot.clamp(0.0, 1.0);
    let unexplained = (to_first - 2.0 * done * foot + done * done).max(0.0);
    Explanation {
        neither: to_first.min(to_last),
        blend: Share { done, unexplained },
        wipe: Share { done: shown as f32 / distance, unexplained: tiles as f32 / distance },
    }
}

/// Of a row of tiles. Columns are added up first, so that no sum runs across lanes.
#[inline(always)]
fn squares_of_tiles(one: &[i16], other: &[i16]) -> [i32; TILES_ACROSS] {
    let mut columns = [0; LUMA_WIDTH];
    for (one, other) in one.chunks_exact(LUMA_WIDTH).zip(other.chunks_exact(LUMA_WIDTH)) {
        for (sum, (a, b)) in columns.iter_mut().zip(one.iter().zip(other)) {
            *sum += i32::from(a - b) * i32::from(a - b);
        }
    }
    std::array::from_fn(|tile| columns[tile * TILE..][..TILE].iter().sum())
}

/// At most 2304 pixels of 0..255 fit the sum.
#[inline(always)]
pub fn squares(one: &[i16], other: &[i16]) -> i32 {
    one.iter().zip(other).map(|(a, b)| i32::from(a - b) * i32::from(a - b)).sum()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use heaters_domain::thumbs::LUMA_BYTES;

    pub fn picture(seed: i16) -> Vec<i16> {
        let pixel = |at: usize| {
            let (x, y) = ((at % LUMA_WIDTH) as f32, (at / LUMA_WIDTH) as f32);
            (120.0 + 90.0 * (x * 0.23 + y * 0.31 * f32::from(seed)).sin()) as i16
        };
        (0..LUMA_BYTES).map(pixel).collect()
    }

    pub fn mixed(pixel: impl Fn(usize, usize) -> i16) -> Vec<i16> {
        (0..LUMA_BYTES).map(|at| pixel(at % LUMA_WIDTH, at / LUMA_WIDTH)).collect()
    }

    #[test]
    fn a_blend_is_recognised_and_is_no_wipe() {
        let (first, last) = (picture(1), picture(3));
        let middle: Vec<i16> = first.iter().zip(&last).map(|(a, b)| (7 * a + 3 * b) / 10).collect();
        let found = explain(&first, &middle, &last, distance(&first, &last));
        assert!((found.blend.done - 0.3).abs() < 0.01 && found.blend.unexplained < 0.01, "{found:?}");
        assert!(found.wipe.unexplained > 0.05 && found.neither > 0.05, "{found:?}");
    }

    #[test]
    fn a_wipe_is_recognised_and_is_no_blend() {
        let (first, last) = (picture(1), picture(3));
        let middle = mixed(|x, y| if x < 16 { last[y * LUMA_WIDTH + x] } else { first[y * LUMA_WIDTH + x] });
        let found = explain(&first, &middle, &last, distance(&first, &last));
        assert!((found.wipe.done - 0.25).abs() < 0.1 && found.wipe.unexplained < 0.01, "{found:?}");
        assert!(found.blend.unexplained > 0.1, "{found:?}");
    }
}
