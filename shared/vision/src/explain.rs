//! Whether a frame in the middle is what a transition would make of the frames at its ends.
//!
//! All measures are sums of squared differences of luma over the picture, as a share of those between
//! the two ends.

use heaters_domain::thumbs::{LUMA_HEIGHT, LUMA_WIDTH};

/// The side of a square that a wipe shows of either picture, in pixels.
const TILE: usize = 4;
/// Of how many rows a slide to the left or right is judged by one: all move alike.
const SLIDE_ROW_STEP: usize = 3;

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

/// Where the second picture comes from as it pushes the first one out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Right,
    Left,
    Bottom,
    Top,
}

/// The squared distance of the ends: the unit of all explanations. At least 1.
pub fn distance(first: &[i16], last: &[i16]) -> f32 {
    squares(first, last).max(1) as f32
}

/// `distance` is that of `first` and `last`; all pictures are rows of [`LUMA_WIDTH`] pixels.
pub fn explain(first: &[i16], middle: &[i16], last: &[i16], distance: f32) -> Explanation {
    let (mut to_first, mut to_last, mut tiles, mut shown) = (0i64, 0i64, 0i64, 0i64);
    for top in (0..LUMA_HEIGHT).step_by(TILE) {
        for left in (0..LUMA_WIDTH).step_by(TILE) {
            let (mut from_first, mut from_last, mut apart) = (0, 0, 0);
            for at in (top..top + TILE).map(|row| row * LUMA_WIDTH + left) {
                from_first += squares(&first[at..at + TILE], &middle[at..at + TILE]);
                from_last += squares(&last[at..at + TILE], &middle[at..at + TILE]);
                apart += squares(&first[at..at + TILE], &last[at..at + TILE]);
            }
            to_first += i64::from(from_first);
            to_last += i64::from(from_last);
            tiles += i64::from(from_first.min(from_last));
            shown += if from_last < from_first { i64::from(apart) } else { 0 };
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

/// The slide that explains the middle best and leaves less than `limit` unexplained; `None` where none does.
pub fn slide(first: &[i16], middle: &[i16], last: &[i16], distance: f32, limit: f32) -> Option<(Side, Share)> {
    let mut places = least_left([first, middle, last].map(Sums::new));
    places.retain(|place| place.0 < limit * distance);
    places.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut best = None;
    // In squares.
    let mut lowest = limit * distance;
    for (at_least, side, moved) in places {
        // Nor can any of the others leave less.
        if at_least >= lowest {
            break;
        }
        let (left, span) = match side {
            Side::Right => (beside(first, middle, last, moved, lowest), LUMA_WIDTH),
            Side::Left => (beside(last, middle, first, LUMA_WIDTH - moved, lowest), LUMA_WIDTH),
            Side::Bottom => (above(first, middle, last, moved, lowest), LUMA_HEIGHT),
            Side::Top => (above(last, middle, first, LUMA_HEIGHT - moved, lowest), LUMA_HEIGHT),
        };
        if left < lowest {
            lowest = left;
            best = Some((side, Share { done: moved as f32 / span as f32, unexplained: left / distance }));
        }
    }
    best
}

/// The sums of a picture's columns, over the rows that are looked at, and of its rows.
struct Sums {
    columns: [i32; LUMA_WIDTH],
    rows: [i32; LUMA_HEIGHT],
}

impl Sums {
    fn new(picture: &[i16]) -> Self {
        let mut columns = [0; LUMA_WIDTH];
        let all_rows = || picture.chunks_exact(LUMA_WIDTH);
        for row in all_rows().skip(SLIDE_ROW_STEP / 2).step_by(SLIDE_ROW_STEP) {
            for (sum, pixel) in columns.iter_mut().zip(row) {
                *sum += i32::from(*pixel);
            }
        }
        let mut rows = [0; LUMA_HEIGHT];
        for (sum, row) in rows.iter_mut().zip(all_rows()) {
            *sum = row.iter().map(|pixel| i32::from(*pixel)).sum();
        }
        Self { columns, rows }
    }
}

/// What each slide leaves at least, by the sums alone: differences add up to no less than the square of their sum
/// over their number (Cauchy and Schwarz).
fn least_left([first, middle, last]: [Sums; 3]) -> Vec<(f32, Side, usize)> {
    const COLUMN: f32 =
        LUMA_HEIGHT as f32 / (LUMA_HEIGHT.div_ceil(SLIDE_ROW_STEP) * LUMA_HEIGHT.div_ceil(SLIDE_ROW_STEP)) as f32;
    const ROW: f32 = 1.0 / LUMA_WIDTH as f32;
    // Rounding must not raise a bound over what is really left.
    const SAFE: f32 = 0.999;
    let across = (1..LUMA_WIDTH).flat_map(|moved| {
        let right = apart(&middle.columns, &first.columns, &last.columns, moved);
        let left = apart(&middle.columns, &last.columns, &first.columns, LUMA_WIDTH - moved);
        [(right * COLUMN * SAFE, Side::Right, moved), (left * COLUMN * SAFE, Side::Left, moved)]
    });
    let down = (1..LUMA_HEIGHT).flat_map(|moved| {
        let bottom = apart(&middle.rows, &first.rows, &last.rows, moved);
        let top = apart(&middle.rows, &last.rows, &first.rows, LUMA_HEIGHT - moved);
        [(bottom * ROW * SAFE, Side::Bottom, moved), (top * ROW * SAFE, Side::Top, moved)]
    });
    across.chain(down).collect()
}

/// The squared distance of sums from those of one picture moved out by `moved` and another moved in.
fn apart(middle: &[i32], leaving: &[i32], coming: &[i32], moved: usize) -> f32 {
    let (head, tail) = middle.split_at(middle.len() - moved);
    let squares = |one: &[i32], other: &[i32]| -> f32 {
        let square = |(a, b): (&i32, &i32)| (*a - *b) as f32 * (*a - *b) as f32;
        one.iter().zip(other).map(square).sum()
    };
    squares(head, &leaving[moved..]) + squares(tail, &coming[..moved])
}

/// What is left when the middle is `left` moved out by `moved` columns and `right` moved in; anything from
/// `enough` on once it is that much.
fn beside(left: &[i16], middle: &[i16], right: &[i16], moved: usize, enough: f32) -> f32 {
    const SHARE: f32 = LUMA_HEIGHT as f32 / LUMA_HEIGHT.div_ceil(SLIDE_ROW_STEP) as f32;
    let mut sum = 0;
    for row in (SLIDE_ROW_STEP / 2..LUMA_HEIGHT).step_by(SLIDE_ROW_STEP) {
        let pixels = row * LUMA_WIDTH..(row + 1) * LUMA_WIDTH;
        let (left, middle, right) = (&left[pixels.clone()], &middle[pixels.clone()], &right[pixels]);
        let (leaving, coming) = middle.split_at(LUMA_WIDTH - moved);
        sum += squares(leaving, &left[moved..]) + squares(coming, &right[..moved]);
        if sum as f32 * SHARE >= enough {
            break;
        }
    }
    sum as f32 * SHARE
}

/// What is left when the middle is `upper` moved out by `moved` rows and `lower` moved in; anything from
/// `enough` on once it is that much.
fn above(upper: &[i16], middle: &[i16], lower: &[i16], moved: usize, enough: f32) -> f32 {
    let shifted = upper[moved * LUMA_WIDTH..].chunks_exact(LUMA_WIDTH).chain(lower.chunks_exact(LUMA_WIDTH));
    let mut sum = 0;
    for (row, shown) in middle.chunks_exact(LUMA_WIDTH).zip(shifted) {
        sum += squares(row, shown);
        if sum as f32 >= enough {
            break;
        }
    }
    sum as f32
}

/// At most 2304 pixels of 0..255 fit the sum.
#[inline]
fn squares(one: &[i16], other: &[i16]) -> i32 {
    one.iter().zip(other).map(|(a, b)| i32::from(a - b) * i32::from(a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_domain::thumbs::LUMA_BYTES;

    fn picture(seed: i16) -> Vec<i16> {
        let pixel = |at: usize| {
            let (x, y) = ((at % LUMA_WIDTH) as f32, (at / LUMA_WIDTH) as f32);
            (120.0 + 90.0 * (x * 0.23 + y * 0.31 * f32::from(seed)).sin()) as i16
        };
        (0..LUMA_BYTES).map(pixel).collect()
    }

    fn mixed(pixel: impl Fn(usize, usize) -> i16) -> Vec<i16> {
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

    #[test]
    fn slides_are_recognised_from_all_sides() {
        let (first, last) = (picture(1), picture(3));
        let at = |from: &[i16], x: usize, y: usize| from[y * LUMA_WIDTH + x];
        let right = mixed(|x, y| if x < 44 { at(&first, x + 20, y) } else { at(&last, x - 44, y) });
        let left = mixed(|x, y| if x < 20 { at(&last, x + 44, y) } else { at(&first, x - 20, y) });
        let bottom = mixed(|x, y| if y < 26 { at(&first, x, y + 10) } else { at(&last, x, y - 26) });
        let top = mixed(|x, y| if y < 10 { at(&last, x, y + 26) } else { at(&first, x, y - 10) });
        let expected = [(Side::Right, 20.0 / 64.0), (Side::Left, 20.0 / 64.0)];
        let expected = expected.into_iter().chain([(Side::Bottom, 10.0 / 36.0), (Side::Top, 10.0 / 36.0)]);
        for (middle, (side, done)) in [right, left, bottom, top].iter().zip(expected) {
            let (found, share) = slide(&first, middle, &last, distance(&first, &last), 1.0).unwrap();
            assert_eq!(found, side);
            assert!((share.done - done).abs() < 0.01 && share.unexplained < 0.001, "{share:?}");
        }
    }
}
