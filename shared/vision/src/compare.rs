//! How unlike two pictures are, blind to lighting and to movement of a few pixels.
//!
//! Each block of one picture is looked for in the other by normalised cross-correlation. OpenCV's
//! `matchTemplate` does the same by a Fourier transform for each small block, and takes many times as
//! long as plain sums (0.26 ms for two pictures): too much for every frame.

use crate::{
    kernel::best_matches,
    picture::{BLOCK_HEIGHT, BLOCK_WIDTH, BLOCKS, BLOCKS_ACROSS, Picture},
};

/// The weight of brightness and colour beside texture, in units of a block's standard deviation. It
/// matters only where there is hardly any texture to compare.
const LEVEL_WEIGHT: f32 = 0.3;
/// The difference of luma, or of chroma, at which two flat pictures count as entirely different.
const LEVEL_RANGE: f32 = 64.0;

/// 0 for the same picture, about 0.5 and more for unrelated ones, at most 1.
pub fn dissimilarity(one: &Picture, other: &Picture) -> f32 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (block, best_match) in best_matches(one, other).into_iter().enumerate() {
        let (y, x) = (block / BLOCKS_ACROSS * BLOCK_HEIGHT, block % BLOCKS_ACROSS * BLOCK_WIDTH);
        let weight = one.block_deviation(y, x).max(other.block_deviation(y, x));
        sum += weight * (1.0 - best_match);
        weights += weight;
    }
    let level = (level_difference(one, other) / LEVEL_RANGE).min(1.0);
    let level_weight = LEVEL_WEIGHT * BLOCKS as f32;
    ((sum + level_weight * level) / (weights + level_weight)).clamp(0.0, 1.0)
}

fn level_difference(one: &Picture, other: &Picture) -> f32 {
    (one.mean() - other.mean()).abs().max(one.chroma_difference(other))
}
