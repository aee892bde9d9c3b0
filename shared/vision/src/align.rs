//! Pictures compared after one has been moved onto the other as a whole.
//!
//! Blocks are followed over a few pixels only. A camera that jolts or pans fast goes further from one frame to the
//! next, and what it leaves behind looks like another shot until the pictures are laid over each other.

use crate::{
    VisionError,
    compare::{changed_blocks, dissimilarity},
    half::{HEIGHT, Half, MOST_ACROSS, WIDTH, Window},
    picture::Picture,
};
use heaters_domain::{
    scenes::PictureArea,
    thumbs::{LUMA_HEIGHT, LUMA_WIDTH},
};
use multiversion::multiversion;
use std::rc::Rc;

/// How far a picture is moved at most, in pixels of half the size.
const MOST_DOWN: i32 = 7;
/// The share of the picture that must be left to compare.
const LEAST_SHARED: f32 = 0.45;
/// The variance that noise alone makes, so that plain pictures are as like here as there.
const NOISE: f32 = 4.0;

/// The dissimilarity of two pictures where they show the same place, if one is moved; never more than unmoved.
pub fn moved_dissimilarity(one: &Picture, other: &Picture) -> Result<f32, VisionError> {
    let unmoved = dissimilarity(one, other);
    Ok(laid_over(one, other)?.map_or(unmoved, |[one, other]| dissimilarity(&one, &other).min(unmoved)))
}

/// How much the quarter of the blocks that differs least does, likewise.
pub fn moved_least_change(one: &Picture, other: &Picture) -> Result<f32, VisionError> {
    let [_, unmoved] = changed_blocks(one, other);
    Ok(laid_over(one, other)?.map_or(unmoved, |[one, other]| changed_blocks(&one, &other)[1].min(unmoved)))
}

/// The parts of two pictures that lie over each other when one is moved so that they are most alike; `None` where that
/// is not at all.
fn laid_over(one: &Picture, other: &Picture) -> Result<Option<[Picture; 2]>, VisionError> {
    let (across, down) = best_move(one.half(), other.half());
    if (across, down) == (0, 0) {
        return Ok(None);
    }
    Ok(Some([one.part(shared(across, down))?, other.part(shared(-across, -down))?]))
}

/// The lowest of any picture before with any after.
pub fn lowest_moved(before: &[Rc<Picture>], after: &[Rc<Picture>], enough: f32) -> Result<f32, VisionError> {
    let mut lowest = 1.0f32;
    for (one, other) in before.iter().flat_map(|one| after.iter().map(move |other| (one, other))) {
        lowest = lowest.min(moved_dissimilarity(one, other)?);
        if lowest < enough {
            break;
        }
    }
    Ok(lowest)
}

/// The part of a picture that lies over the other one, which is moved by so many pixels of half the size.
fn shared(across: i32, down: i32) -> PictureArea {
    let side = |moved: i32, length: usize| {
        let hidden = 2 * moved.unsigned_abs() as u8;
        (if moved > 0 { hidden } else { 0 }, length as u8 - hidden)
    };
    let ((left, width), (top, height)) = (side(across, LUMA_WIDTH), side(down, LUMA_HEIGHT));
    PictureArea { left, top, width, height }
}

/// Where the other picture's corner lies in the one when they correlate best.
#[multiversion(targets("x86_64+avx2"))]
fn best_move(one: &Half, other: &Half) -> (i32, i32) {
    let mut best = (correlation(one, other, 0, 0), (0, 0));
    for down in -MOST_DOWN..=MOST_DOWN {
        for across in -(MOST_ACROSS as i32)..=MOST_ACROSS as i32 {
            let left = (WIDTH as i32 - across.abs()) * (HEIGHT as i32 - down.abs());
            if left as f32 >= LEAST_SHARED * (WIDTH * HEIGHT) as f32 {
                let found = correlation(one, other, across, down);
                if found > best.0 {
                    best = (found, (across, down));
                }
            }
        }
    }
    best.1
}

#[inline(always)]
fn correlation(one: &Half, other: &Half, across: i32, down: i32) -> f32 {
    let window = |across: i32, down: i32| Window {
        left: across.max(0) as usize,
        top: down.max(0) as usize,
        width: WIDTH - across.unsigned_abs() as usize,
        height: HEIGHT - down.unsigned_abs() as usize,
    };
    let (in_one, in_other) = (window(across, down), window(-across, -down));
    let mut products = 0;
    for row in 0..in_one.height {
        products += dot(one.moved_row(in_one.top + row, 0), other.moved_row(in_other.top + row, across));
    }
    let pixels = (in_one.width * in_one.height) as f32;
    let [mean_a, square_a] = one.sums(in_one).map(|sum| sum as f32 / pixels);
    let [mean_b, square_b] = other.sums(in_other).map(|sum| sum as f32 / pixels);
    let (var_a, var_b) = (square_a - mean_a * mean_a, square_b - mean_b * mean_b);
    let covariance = products as f32 / pixels - mean_a * mean_b;
    (covariance + NOISE) / ((var_a.max(0.0) * var_b.max(0.0)).sqrt() + NOISE)
}

#[inline(always)]
fn dot(one: &[i16; WIDTH], other: &[i16; WIDTH]) -> i32 {
    one.iter().zip(other).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_domain::thumbs::{CHROMA_BYTES, Thumb};

    /// A part of a wide scene of soft spots, from a place on.
    fn view(seed: usize, left: usize, top: usize) -> Picture {
        let spot = |x: usize, y: usize| {
            let number = (x / 5 * 73_856_093) ^ (y / 5 * 19_349_663) ^ (seed * 83_492_791);
            (number.wrapping_mul(2_654_435_761) >> 16) % 200 + 20
        };
        let luma = std::array::from_fn(|at| spot(at % LUMA_WIDTH + left, at / LUMA_WIDTH + top) as u8);
        let thumb = Thumb { luma, u: [128; CHROMA_BYTES], v: [128; CHROMA_BYTES] };
        Picture::new(&thumb, shared(0, 0)).unwrap()
    }

    #[test]
    fn a_jolt_of_the_camera_is_undone() {
        let still = view(1, 30, 30);
        for (left, top) in [(44, 30), (16, 30), (30, 20), (30, 40), (40, 36), (18, 24)] {
            let jolted = view(1, left, top);
            assert_eq!(best_move(still.half(), jolted.half()), ((left as i32 - 30) / 2, (top as i32 - 30) / 2));
            let unmoved = dissimilarity(&still, &jolted);
            let moved = moved_dissimilarity(&still, &jolted).unwrap();
            assert!(unmoved > 0.3 && moved < 0.1, "{left} {top}: {unmoved} {moved}");
        }
    }

    #[test]
    fn another_scene_stays_another() {
        let (one, other) = (view(1, 30, 30), view(2, 30, 30));
        let moved = moved_dissimilarity(&one, &other).unwrap();
        assert!(moved > 0.3 && moved <= dissimilarity(&one, &other), "{moved}");
        assert!(moved_dissimilarity(&one, &one).unwrap() < 0.01);
    }
}
