//! What is left of a frame when a part of it is taken for a part of another picture, by where the parts meet.

use crate::{explain::squares, slide::Side};
use heaters_domain::thumbs::{LUMA_HEIGHT, LUMA_WIDTH};

/// Of how many rows a movement to the left or right is judged by one: all move alike.
const ROW_STEP: usize = 3;
pub const LOOKED_AT: usize = LUMA_HEIGHT.div_ceil(ROW_STEP);
/// What a column takes: as many pixels as are compared at once.
pub const COLUMN: usize = LOOKED_AT.next_multiple_of(16);
const LANES: usize = 8;

/// A picture cut along both ways in which it may move, so that what a part of it shows lies in one piece.
pub struct Strips {
    /// Its columns from left to right, each with the rows that are looked at and zeros behind them.
    columns: Vec<i16>,
    rows: Vec<i16>,
    column_sums: [f32; LUMA_WIDTH],
    row_sums: [f32; LUMA_HEIGHT],
}

impl Strips {
    pub fn new(luma: &[i16]) -> Self {
        let mut columns = vec![0; LUMA_WIDTH * COLUMN];
        let looked_at = luma.chunks_exact(LUMA_WIDTH).skip(ROW_STEP / 2).step_by(ROW_STEP);
        for (at, row) in looked_at.enumerate() {
            for (pixel, column) in row.iter().zip(columns.chunks_exact_mut(COLUMN)) {
                column[at] = *pixel;
            }
        }
        let sum = |strip: &[i16]| strip.iter().map(|pixel| i32::from(*pixel)).sum::<i32>() as f32;
        let (mut column_sums, mut row_sums) = ([0.0; LUMA_WIDTH], [0.0; LUMA_HEIGHT]);
        column_sums.iter_mut().zip(columns.chunks_exact(COLUMN)).for_each(|(of, column)| *of = sum(column));
        row_sums.iter_mut().zip(luma.chunks_exact(LUMA_WIDTH)).for_each(|(of, row)| *of = sum(row));
        Self { columns, rows: luma.to_vec(), column_sums, row_sums }
    }

    pub fn sums(&self, side: Side) -> &[f32] {
        if side.is_across() { &self.column_sums } else { &self.row_sums }
    }

    /// The pixels, strip by strip.
    pub fn pixels(&self, side: Side) -> &[i16] {
        if side.is_across() { &self.columns } else { &self.rows }
    }
}

/// What a picture leaves of the middle where it doesn't move.
pub struct Still<'a> {
    middle: &'a Strips,
    picture: &'a Strips,
    /// In squares, of the strips before each.
    before: [i32; LUMA_WIDTH + 1],
}

/// What one part of the middle leaves, by the place where the second one begins.
pub struct Left {
    pub still: [i32; LUMA_WIDTH],
    /// At least, if it moves.
    pub moved: [f32; LUMA_WIDTH],
}

impl<'a> Still<'a> {
    #[inline(always)]
    pub fn new(middle: &'a Strips, picture: &'a Strips, side: Side) -> Self {
        let mut before = [0; LUMA_WIDTH + 1];
        let strips = |of: &'a Strips| of.pixels(side).chunks_exact(side.stride());
        let mut sum = 0;
        for ((one, other), before) in strips(middle).zip(strips(picture)).zip(&mut before[1..]) {
            sum += squares(one, other);
            *before = sum;
        }
        Self { middle, picture, before }
    }

    /// Of the first part.
    #[inline(always)]
    pub fn head(&self, side: Side) -> Left {
        let left = |border: usize, middle: &[f32], picture: &[f32]| {
            (self.before[border], apart(&middle[..border], moved_head(picture, border)))
        };
        self.left(side, left)
    }

    /// Of the second part.
    #[inline(always)]
    pub fn tail(&self, side: Side) -> Left {
        let left = |border: usize, middle: &[f32], picture: &[f32]| {
            let middle = &middle[border..];
            (self.before[side.span()] - self.before[border], apart(middle, moved_tail(picture, middle.len())))
        };
        self.left(side, left)
    }

    /// What moves is judged by the strips' sums alone: differences add up to no less than the square of their sum over
    /// their number (Cauchy and Schwarz).
    #[inline(always)]
    fn left(&self, side: Side, of: impl Fn(usize, &[f32], &[f32]) -> (i32, f32)) -> Left {
        let (middle, picture) = (self.middle.sums(side), self.picture.sums(side));
        let mut left = Left { still: [0; LUMA_WIDTH], moved: [0.0; LUMA_WIDTH] };
        for border in 1..side.span() {
            let (still, moved) = of(border, middle, picture);
            left.still[border] = still;
            left.moved[border] = moved / side.strip_pixels() as f32;
        }
        left
    }
}

/// What the first part shows of a picture that has moved out of it: its end.
pub fn moved_head<T>(picture: &[T], length: usize) -> &[T] {
    &picture[picture.len() - length..]
}

/// What the second part shows of a picture that has moved into it: its beginning.
pub fn moved_tail<T>(picture: &[T], length: usize) -> &[T] {
    &picture[..length]
}

/// The squares of the differences, added in lanes.
#[inline(always)]
fn apart(one: &[f32], other: &[f32]) -> f32 {
    let (mut lanes, square) = ([0.0; LANES], |a: f32, b: f32| (a - b) * (a - b));
    let (ones, others) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
    let rest: f32 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| square(*a, *b)).sum();
    for (one, other) in ones.zip(others) {
        for lane in 0..LANES {
            lanes[lane] += square(one[lane], other[lane]);
        }
    }
    lanes.into_iter().sum::<f32>() + rest
}
