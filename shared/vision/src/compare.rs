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
/// The same for a single block.
const LIGHT_WEIGHT: f32 = 3.0;
const LIGHT_RANGE: f32 = 32.0;

/// 0 for the same picture, about 0.5 and more for unrelated ones, at most 1.
pub fn dissimilarity(one: &Picture, other: &Picture) -> f32 {
    of_matches(one, other, &best_matches(one, other))
}

/// The same, and how much each block changes.
pub fn dissimilarity_and_changes(one: &Picture, other: &Picture) -> (f32, [f32; BLOCKS]) {
    let matches = best_matches(one, other);
    (of_matches(one, other, &matches), changes(one, other, &matches))
}

fn of_matches(one: &Picture, other: &Picture, matches: &[f32; BLOCKS]) -> f32 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (block, best_match) in matches.iter().enumerate() {
        let (y, x) = (block / BLOCKS_ACROSS * BLOCK_HEIGHT, block % BLOCKS_ACROSS * BLOCK_WIDTH);
        let weight = one.block_deviation(y, x).max(other.block_deviation(y, x));
        sum += weight * (1.0 - best_match);
        weights += weight;
    }
    let level = (level_difference(one, other) / LEVEL_RANGE).min(1.0);
    let level_weight = LEVEL_WEIGHT * BLOCKS as f32;
    ((sum + level_weight * level) / (weights + level_weight)).clamp(0.0, 1.0)
}

/// How far the light of two pictures lies apart, block by block, in levels.
pub fn light_difference(one: &Picture, other: &Picture) -> f32 {
    let difference = |block: usize| {
        let (y, x) = (block / BLOCKS_ACROSS * BLOCK_HEIGHT, block % BLOCKS_ACROSS * BLOCK_WIDTH);
        (one.block_mean(y, x) - other.block_mean(y, x)).abs()
    };
    (0..BLOCKS).map(difference).sum::<f32>() / BLOCKS as f32
}

fn level_difference(one: &Picture, other: &Picture) -> f32 {
    (one.mean() - other.mean()).abs().max(one.chroma_difference(other))
}

/// How much the blocks of two pictures differ, in texture or, where there is little of it, in light: the mean of all
/// blocks, large and small texture alike, and the mean of the quarter that differs least.
pub fn changed_blocks(one: &Picture, other: &Picture) -> [f32; 2] {
    let mut changed = changes(one, other, &best_matches(one, other));
    changed.sort_by(f32::total_cmp);
    let mean = |blocks: &[f32]| (blocks.iter().sum::<f32>() / blocks.len() as f32).clamp(0.0, 1.0);
    [mean(&changed), mean(&changed[..BLOCKS / 4])]
}

fn changes(one: &Picture, other: &Picture, matches: &[f32; BLOCKS]) -> [f32; BLOCKS] {
    std::array::from_fn(|block| {
        let (y, x) = (block / BLOCKS_ACROSS * BLOCK_HEIGHT, block % BLOCKS_ACROSS * BLOCK_WIDTH);
        let texture = one.block_deviation(y, x).max(other.block_deviation(y, x));
        let light = ((one.block_mean(y, x) - other.block_mean(y, x)).abs() / LIGHT_RANGE).min(1.0);
        (texture * (1.0 - matches[block]) + LIGHT_WEIGHT * light) / (texture + LIGHT_WEIGHT)
    })
}

/// How the blocks of a picture lie between two others.
pub struct Sides {
    /// What is left when each block is taken from the picture that has it more alike.
    pub left: f32,
    /// How much more alike that is than the other.
    pub sided: f32,
    /// The share of blocks that are more alike in the last.
    pub last: f32,
}

pub fn sides(first: &Picture, middle: &Picture, last: &Picture) -> Sides {
    let (in_first, in_last) = (best_matches(middle, first), best_matches(middle, last));
    let (mut left, mut sided, mut of_last, mut weights) = (0.0, 0.0, 0.0, f32::MIN_POSITIVE);
    for (block, (one, other)) in in_first.into_iter().zip(in_last).enumerate() {
        let (y, x) = (block / BLOCKS_ACROSS * BLOCK_HEIGHT, block % BLOCKS_ACROSS * BLOCK_WIDTH);
        let weight = middle.block_deviation(y, x);
        left += weight * (1.0 - one.max(other));
        sided += weight * (one - other).abs();
        of_last += if other > one { weight } else { 0.0 };
        weights += weight;
    }
    Sides { left: (left / weights).min(1.0), sided: (sided / weights).min(1.0), last: of_last / weights }
}
