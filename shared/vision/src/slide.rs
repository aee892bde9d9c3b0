//! Whether a frame in the middle is what a slide would make of the frames at its ends: parts of both, side by side,
//! of which one or both have moved.
//!
//! Measured like the explanations of [`crate::explain`].

use crate::explain::{Share, squares};
use heaters_domain::thumbs::{LUMA_HEIGHT, LUMA_WIDTH};

/// Of how many rows a slide to the left or right is judged by one: all move alike.
const ROW_STEP: usize = 3;

/// How the second picture comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slide {
    pub side: Side,
    pub way: Way,
}

/// Where the second picture comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Right,
    Left,
    Bottom,
    Top,
}

/// Which of the pictures move: both, the second over the first, or the first away from over the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Push,
    Cover,
    Uncover,
}

const SIDES: [Side; 4] = [Side::Right, Side::Left, Side::Bottom, Side::Top];
const WAYS: [Way; 3] = [Way::Push, Way::Cover, Way::Uncover];

/// The slide that explains the middle best and leaves less than `limit` unexplained; `None` where none does.
pub fn slide(first: &[i16], middle: &[i16], last: &[i16], distance: f32, limit: f32) -> Option<(Slide, Share)> {
    // In squares.
    let mut lowest = limit * distance;
    let mut places = least_left([first, middle, last].map(Sums::new), lowest);
    places.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut best = None;
    for (at_least, slide, moved) in places {
        // Nor can any of the others leave less.
        if at_least >= lowest {
            break;
        }
        let left = left_of([first, middle, last], slide, moved, lowest);
        if left < lowest {
            lowest = left;
            let share = Share { done: moved as f32 / slide.side.span() as f32, unexplained: left / distance };
            best = Some((slide, share));
        }
    }
    best
}

impl Side {
    /// How far a picture moves in all, in pixels.
    fn span(self) -> usize {
        match self {
            Self::Right | Self::Left => LUMA_WIDTH,
            Self::Bottom | Self::Top => LUMA_HEIGHT,
        }
    }
}

/// A frame as two parts with a border between, the left or upper one first.
#[derive(Clone, Copy)]
struct Parts {
    /// Whether the first part shows the first picture.
    in_order: bool,
    /// The place where the second part begins.
    border: usize,
    /// Whether each part's picture has moved with the border, so that its inner or outer edge lies there.
    moved: [bool; 2],
}

impl Slide {
    /// What a frame shows once the second picture's edge has come so far.
    fn parts(self, moved: usize) -> Parts {
        let in_order = matches!(self.side, Side::Right | Side::Bottom);
        let (leaves, comes) = (self.way != Way::Cover, self.way != Way::Uncover);
        if in_order {
            Parts { in_order, border: self.side.span() - moved, moved: [leaves, comes] }
        } else {
            Parts { in_order, border: moved, moved: [comes, leaves] }
        }
    }
}

/// The sums of a picture's columns, over the rows that are looked at, and of its rows.
struct Sums {
    columns: [f32; LUMA_WIDTH],
    rows: [f32; LUMA_HEIGHT],
}

impl Sums {
    fn new(picture: &[i16]) -> Self {
        let mut columns = [0; LUMA_WIDTH];
        let all_rows = || picture.chunks_exact(LUMA_WIDTH);
        for row in all_rows().skip(ROW_STEP / 2).step_by(ROW_STEP) {
            for (sum, pixel) in columns.iter_mut().zip(row) {
                *sum += i32::from(*pixel);
            }
        }
        let mut rows = [0.0; LUMA_HEIGHT];
        for (sum, row) in rows.iter_mut().zip(all_rows()) {
            *sum = row.iter().map(|pixel| i32::from(*pixel)).sum::<i32>() as f32;
        }
        Self { columns: columns.map(|sum| sum as f32), rows }
    }
}

/// The slides that may leave less than `limit`, and what each leaves at least, by the sums alone: differences add up to
/// no less than the square of their sum over their number (Cauchy and Schwarz).
fn least_left([first, middle, last]: [Sums; 3], limit: f32) -> Vec<(f32, Slide, usize)> {
    const COLUMN: f32 = LUMA_HEIGHT as f32 / (LUMA_HEIGHT.div_ceil(ROW_STEP) * LUMA_HEIGHT.div_ceil(ROW_STEP)) as f32;
    const ROW: f32 = 1.0 / LUMA_WIDTH as f32;
    // Rounding must not raise a bound over what is really left.
    const SAFE: f32 = 0.999;
    let mut found = Vec::new();
    for side in SIDES {
        let (scale, sums) = match side {
            Side::Right | Side::Left => (COLUMN, [&first.columns[..], &middle.columns, &last.columns]),
            Side::Bottom | Side::Top => (ROW, [&first.rows[..], &middle.rows, &last.rows]),
        };
        for moved in 1..side.span() {
            let parts = Slide { side, way: Way::Push }.parts(moved);
            let [one, other] = if parts.in_order { [sums[0], sums[2]] } else { [sums[2], sums[0]] };
            let halves = [true, false].map(|is_moved| {
                let (head, tail) = sums[1].split_at(parts.border);
                [apart(head, head_of(one, head.len(), is_moved)), apart(tail, tail_of(other, tail.len(), is_moved))]
            });
            for way in WAYS {
                let slide = Slide { side, way };
                let [head, tail] = slide.parts(moved).moved.map(|is_moved| usize::from(!is_moved));
                let at_least = (halves[head][0] + halves[tail][1]) * scale * SAFE;
                if at_least < limit {
                    found.push((at_least, slide, moved));
                }
            }
        }
    }
    found
}

/// What the first part shows of a picture: so much from its start, or up to its end if it has moved out by the rest.
fn head_of<T>(picture: &[T], length: usize, is_moved: bool) -> &[T] {
    if is_moved { &picture[picture.len() - length..] } else { &picture[..length] }
}

/// What the second part shows of a picture: so much up to its end, or from its start if it has moved in so far.
fn tail_of<T>(picture: &[T], length: usize, is_moved: bool) -> &[T] {
    head_of(picture, length, !is_moved)
}

fn apart(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// What a slide leaves of the middle; anything from `enough` on once it is that much.
fn left_of([first, middle, last]: [&[i16]; 3], slide: Slide, moved: usize, enough: f32) -> f32 {
    const SHARE: f32 = LUMA_HEIGHT as f32 / LUMA_HEIGHT.div_ceil(ROW_STEP) as f32;
    let parts = slide.parts(moved);
    let [one, other] = if parts.in_order { [first, last] } else { [last, first] };
    let mut sum = 0;
    match slide.side {
        Side::Right | Side::Left => {
            for row in (ROW_STEP / 2..LUMA_HEIGHT).step_by(ROW_STEP) {
                let pixels = row * LUMA_WIDTH..(row + 1) * LUMA_WIDTH;
                let (head, tail) = middle[pixels.clone()].split_at(parts.border);
                sum += squares(head, head_of(&one[pixels.clone()], head.len(), parts.moved[0]))
                    + squares(tail, tail_of(&other[pixels], tail.len(), parts.moved[1]));
                if sum as f32 * SHARE >= enough {
                    break;
                }
            }
            sum as f32 * SHARE
        }
        Side::Bottom | Side::Top => {
            let (head, tail) = middle.split_at(parts.border * LUMA_WIDTH);
            let shown = head_of(one, head.len(), parts.moved[0])
                .chunks_exact(LUMA_WIDTH)
                .chain(tail_of(other, tail.len(), parts.moved[1]).chunks_exact(LUMA_WIDTH));
            for (row, shown) in middle.chunks_exact(LUMA_WIDTH).zip(shown) {
                sum += squares(row, shown);
                if sum as f32 >= enough {
                    break;
                }
            }
            sum as f32
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{
        distance,
        tests::{mixed, picture},
    };

    /// A frame of a slide, by definition: each pixel from the picture that lies over its place.
    fn frame(first: &[i16], last: &[i16], slide: Slide, moved: usize) -> Vec<i16> {
        let span = slide.side.span();
        mixed(|x, y| {
            let along = if span == LUMA_WIDTH { x } else { y };
            // As if the second picture always came from the right or from below.
            let mirrored = matches!(slide.side, Side::Left | Side::Top);
            let along = if mirrored { span - 1 - along } else { along };
            let (from, shown) = if along < span - moved {
                (first, if slide.way == Way::Cover { along } else { along + moved })
            } else {
                (last, if slide.way == Way::Uncover { along } else { along + moved - span })
            };
            let shown = if mirrored { span - 1 - shown } else { shown };
            if span == LUMA_WIDTH { from[y * LUMA_WIDTH + shown] } else { from[shown * LUMA_WIDTH + x] }
        })
    }

    #[test]
    fn slides_are_recognised_from_all_sides_and_in_all_ways() {
        let (first, last) = (picture(1), picture(3));
        let apart = distance(&first, &last);
        for side in SIDES {
            for way in WAYS {
                for moved in [10, 20, 30] {
                    let expected = Slide { side, way };
                    let middle = frame(&first, &last, expected, moved);
                    let (found, share) = slide(&first, &middle, &last, apart, 1.0).unwrap();
                    assert_eq!(found, expected);
                    assert!((share.done - moved as f32 / side.span() as f32).abs() < 0.01, "{share:?}");
                    assert!(share.unexplained < 0.001, "{share:?}");
                }
            }
        }
    }

    #[test]
    fn sums_never_rule_out_what_leaves_less() {
        let (first, last) = (picture(1), picture(3));
        let middle = mixed(|x, y| (first[y * LUMA_WIDTH + x] + 2 * last[y * LUMA_WIDTH + x]) / 3);
        for (at_least, slide, moved) in least_left([&first, &middle, &last].map(|of| Sums::new(of)), f32::MAX) {
            let left = left_of([&first, &middle, &last], slide, moved, f32::MAX);
            assert!(at_least <= left, "{slide:?} {moved}: {at_least} {left}");
        }
    }
}
