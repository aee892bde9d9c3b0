//! The search of each block of one picture in another: the inner loop of all comparisons.
//!
//! Eight places in a row are tried at once, so that no sum runs across lanes. The form for AVX2 adds the same whole
//! numbers in another order, and does all else as the plain one does, so that both give the same bits; a test holds
//! them equal. On other processors the plain form is what the compiler vectorises.

use crate::picture::{BLOCK_HEIGHT, BLOCK_WIDTH, BLOCKS, BLOCKS_ACROSS, Picture, SPOTS_ACROSS, SPOTS_DOWN};
use heaters_domain::thumbs::LUMA_WIDTH;
use std::ops::RangeInclusive;

/// How far a block is looked for, in pixels.
const REACH: usize = 3;
/// The covariance that noise alone makes. It keeps the correlation of two flat blocks near 1.
const NOISE_COVARIANCE: f32 = 1.0;
/// Texture is unlike a plain block, with which it has no covariance at all: a standard deviation over the first counts
/// as if the other block had at least the second.
const TEXTURE: f32 = 4.0;
const LEAST_DEVIATION: f32 = 1.5;
const PIXELS: f32 = (BLOCK_WIDTH * BLOCK_HEIGHT) as f32;
const LANES: usize = 8;
const _: () = assert!(2 * REACH < LANES && BLOCK_WIDTH.is_multiple_of(2));

/// The best correlation, -1..1, of each block of one picture with any place near it in the other.
pub fn best_matches(one: &Picture, other: &Picture) -> [f32; BLOCKS] {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor was asked whether it has what the function needs")]
        // SAFETY: it has AVX2.
        return unsafe { avx2::best_matches(one, other) };
    }
    plain(one, other)
}

/// Where a block is looked for: the first of [`LANES`] places in a row, how many of them count, and the rows.
fn places(block: usize) -> (usize, usize, RangeInclusive<usize>) {
    let (y, x) = corner(block);
    let first = x.saturating_sub(REACH);
    let count = (x + REACH).min(SPOTS_ACROSS - 1) + 1 - first;
    (first, count, y.saturating_sub(REACH)..=(y + REACH).min(SPOTS_DOWN - 1))
}

/// What the covariance of two blocks is held against.
fn scale(one: f32, other: f32) -> f32 {
    (one * other).max((one.max(other) - TEXTURE) * LEAST_DEVIATION)
}

fn corner(block: usize) -> (usize, usize) {
    (block / BLOCKS_ACROSS * BLOCK_HEIGHT, block % BLOCKS_ACROSS * BLOCK_WIDTH)
}

fn plain(one: &Picture, other: &Picture) -> [f32; BLOCKS] {
    std::array::from_fn(|block| {
        let (y, x) = corner(block);
        let (first, count, rows) = places(block);
        let (mean, deviation) = (one.block_mean(y, x), one.block_deviation(y, x));
        let mut best = [-1.0f32; LANES];
        for spot_y in rows {
            let products = products(one, other, (y, x), (spot_y, first));
            let at = spot_y * LUMA_WIDTH + first;
            let (means, deviations) = (&other.means[at..at + LANES], &other.deviations[at..at + LANES]);
            for lane in 0..LANES {
                let covariance = products[lane] as f32 / PIXELS - mean * means[lane];
                let scale = scale(deviation, deviations[lane]);
                best[lane] = best[lane].max((covariance + NOISE_COVARIANCE) / (scale + NOISE_COVARIANCE));
            }
        }
        best[..count].iter().copied().fold(-1.0, f32::max)
    })
}

/// The sums of the products of a block's pixels with those of [`LANES`] blocks in a row.
fn products(one: &Picture, other: &Picture, (y, x): (usize, usize), spot: (usize, usize)) -> [i32; LANES] {
    let mut sums = [0; LANES];
    for row in 0..BLOCK_HEIGHT {
        let block = &one.luma[(y + row) * LUMA_WIDTH + x..][..BLOCK_WIDTH];
        for (pair, two) in block.chunks_exact(2).enumerate() {
            let beside = &other.pairs[Picture::pair_at(spot.0 + row, spot.1 + 2 * pair)..][..LANES];
            for (sum, [left, right]) in sums.iter_mut().zip(beside) {
                *sum += i32::from(two[0]) * i32::from(*left) + i32::from(two[1]) * i32::from(*right);
            }
        }
    }
    sums
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{
        BLOCK_HEIGHT, BLOCK_WIDTH, BLOCKS, LANES, LEAST_DEVIATION, LUMA_WIDTH, NOISE_COVARIANCE, PIXELS, Picture,
        REACH, SPOTS_DOWN, TEXTURE, corner, places,
    };
    use std::arch::x86_64::{
        __m256, __m256i, _mm256_add_epi32, _mm256_add_ps, _mm256_cvtepi32_ps, _mm256_div_ps, _mm256_loadu_ps,
        _mm256_loadu_si256, _mm256_madd_epi16, _mm256_max_ps, _mm256_mul_ps, _mm256_set1_epi32, _mm256_set1_ps,
        _mm256_setzero_si256, _mm256_storeu_ps, _mm256_sub_ps,
    };

    /// How many rows of places a block has: as far as it is looked for both ways, or one way at the picture's edge.
    const INSIDE: usize = 2 * REACH + 1;
    const AT_EDGE: usize = REACH + 1;
    const _: () = assert!(BLOCK_HEIGHT > REACH && (SPOTS_DOWN - 1).is_multiple_of(BLOCK_HEIGHT));

    #[target_feature(enable = "avx2")]
    pub fn best_matches(one: &Picture, other: &Picture) -> [f32; BLOCKS] {
        std::array::from_fn(|block| {
            let (first, count, rows) = places(block);
            let top = *rows.start();
            let best = if rows.count() == INSIDE {
                best_of::<INSIDE>(one, other, block, (top, first))
            } else {
                best_of::<AT_EDGE>(one, other, block, (top, first))
            };
            let mut lanes = [0.0; LANES];
            #[expect(unsafe_code, reason = "there is no safe store")]
            // SAFETY: the array has room for eight numbers.
            unsafe {
                _mm256_storeu_ps(lanes.as_mut_ptr(), best);
            }
            // There is no number among them that is none, which `f32::max` would look for.
            lanes[..count].iter().fold(-1.0, |best, lane| if *lane > best { *lane } else { best })
        })
    }

    /// The best of so many rows of places from a spot on, lane by lane.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn best_of<const ROWS: usize>(one: &Picture, other: &Picture, block: usize, spot: (usize, usize)) -> __m256 {
        let (y, x) = corner(block);
        let noise = _mm256_set1_ps(NOISE_COVARIANCE);
        let mean = _mm256_set1_ps(one.block_mean(y, x));
        let deviation = _mm256_set1_ps(one.block_deviation(y, x));
        let mut best = _mm256_set1_ps(-1.0);
        for (row, products) in products::<ROWS>(one, other, (y, x), spot).into_iter().enumerate() {
            let products = _mm256_cvtepi32_ps(products);
            let at = (spot.0 + row) * LUMA_WIDTH + spot.1;
            let (means, deviations) = (floats(&other.means[at..]), floats(&other.deviations[at..]));
            let covariance = _mm256_sub_ps(_mm256_div_ps(products, _mm256_set1_ps(PIXELS)), _mm256_mul_ps(mean, means));
            let texture = _mm256_sub_ps(_mm256_max_ps(deviation, deviations), _mm256_set1_ps(TEXTURE));
            let least = _mm256_mul_ps(texture, _mm256_set1_ps(LEAST_DEVIATION));
            let scale = _mm256_max_ps(_mm256_mul_ps(deviation, deviations), least);
            let correlation = _mm256_div_ps(_mm256_add_ps(covariance, noise), _mm256_add_ps(scale, noise));
            best = _mm256_max_ps(best, correlation);
        }
        best
    }

    /// The sums for all rows at once: each pair of the block's pixels is spread over the lanes only once.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn products<const ROWS: usize>(
        one: &Picture,
        other: &Picture,
        (y, x): (usize, usize),
        spot: (usize, usize),
    ) -> [__m256i; ROWS] {
        const ROW: usize = Picture::pair_at(1, 0);
        let block = &one.pairs[Picture::pair_at(y, x)..][..Picture::pair_at(BLOCK_HEIGHT - 1, BLOCK_WIDTH)];
        let near = Picture::pair_at(ROWS + BLOCK_HEIGHT - 2, BLOCK_WIDTH - 2 + LANES);
        let near = &other.pairs[Picture::pair_at(spot.0, spot.1)..][..near];
        let mut sums = [_mm256_setzero_si256(); ROWS];
        for row in 0..BLOCK_HEIGHT {
            for right in (0..BLOCK_WIDTH).step_by(2) {
                let [left, beside] = block[row * ROW + right];
                let two = _mm256_set1_epi32(i32::from(left) & 0xFFFF | i32::from(beside) << 16);
                for (down, sum) in sums.iter_mut().enumerate() {
                    #[expect(unsafe_code, reason = "the slice was taken as long as the last place needs, once for all")]
                    // SAFETY: `row` is below the block's height, `down` below ROWS and `right` at most the width less 2.
                    let beside = unsafe { _mm256_loadu_si256(near.as_ptr().add((row + down) * ROW + right).cast()) };
                    *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(two, beside));
                }
            }
        }
        sums
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn floats(from: &[f32]) -> __m256 {
        let eight = &from[..LANES];
        #[expect(unsafe_code, reason = "there is no safe load")]
        // SAFETY: the slice has eight numbers.
        unsafe {
            _mm256_loadu_ps(eight.as_ptr())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_domain::{
        scenes::PictureArea,
        thumbs::{CHROMA_BYTES, LUMA_HEIGHT, Thumb},
    };

    /// Noise of a seed, or hardly any.
    fn picture(seed: u32, range: u32) -> Picture {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        let luma = std::array::from_fn(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 16) % range) as u8
        });
        let thumb = Thumb { luma, u: [128; CHROMA_BYTES], v: [128; CHROMA_BYTES] };
        Picture::new(&thumb, PictureArea { left: 0, top: 0, width: LUMA_WIDTH as u8, height: LUMA_HEIGHT as u8 })
            .unwrap()
    }

    /// As the module's comment says it, one place after the other.
    fn by_definition(one: &Picture, other: &Picture, block: usize) -> f32 {
        let (y, x) = corner(block);
        let near = |at: usize, spots: usize| at.saturating_sub(REACH)..=(at + REACH).min(spots - 1);
        let correlation = |spot_y: usize, spot_x: usize| {
            let sum: i32 = (0..BLOCK_HEIGHT * BLOCK_WIDTH)
                .map(|pixel| (pixel / BLOCK_WIDTH, pixel % BLOCK_WIDTH))
                .map(|(down, right)| {
                    i32::from(one.luma[(y + down) * LUMA_WIDTH + x + right])
                        * i32::from(other.luma[(spot_y + down) * LUMA_WIDTH + spot_x + right])
                })
                .sum();
            let covariance = sum as f32 / PIXELS - one.block_mean(y, x) * other.block_mean(spot_y, spot_x);
            let scale = scale(one.block_deviation(y, x), other.block_deviation(spot_y, spot_x));
            (covariance + NOISE_COVARIANCE) / (scale + NOISE_COVARIANCE)
        };
        near(y, SPOTS_DOWN)
            .flat_map(|spot_y| near(x, SPOTS_ACROSS).map(move |spot_x| (spot_y, spot_x)))
            .map(|(spot_y, spot_x)| correlation(spot_y, spot_x))
            .fold(-1.0, f32::max)
    }

    #[test]
    fn all_forms_give_the_same_bits() {
        let pictures: Vec<Picture> = (0..8).map(|seed| picture(seed, [256, 256, 40, 3][seed as usize % 4])).collect();
        for (one, other) in pictures.iter().flat_map(|one| pictures.iter().map(move |other| (one, other))) {
            let defined: [f32; BLOCKS] = std::array::from_fn(|block| by_definition(one, other, block));
            let bits = |matches: [f32; BLOCKS]| matches.map(f32::to_bits);
            assert_eq!(bits(plain(one, other)), bits(defined));
            assert_eq!(bits(best_matches(one, other)), bits(defined));
        }
    }
}
