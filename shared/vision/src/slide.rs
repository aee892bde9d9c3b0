//! Whether a frame in the middle is what a slide would make of the frames at its ends: parts of both, side by side,
//! of which one or both have moved.
//!
//! Measured like the explanations of [`crate::explain`].

use crate::{
    explain::{Share, squares},
    strips::{COLUMN, LOOKED_AT, Left, Still, Strips, moved_head, moved_tail},
};
use heaters_domain::thumbs::{LUMA_HEIGHT, LUMA_WIDTH};
use multiversion::multiversion;

/// After how many pixels it is seen whether a slide leaves too much already.
const AT_ONCE: usize = 8 * COLUMN;

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

const SIDES: [[Side; 2]; 2] = [[Side::Right, Side::Left], [Side::Bottom, Side::Top]];
const WAYS: [Way; 3] = [Way::Push, Way::Cover, Way::Uncover];

/// The pictures that a slide is looked for in.
#[derive(Clone, Copy)]
pub struct Frames<'a> {
    pub first: &'a Strips,
    pub middle: &'a Strips,
    pub last: &'a Strips,
    /// The squared distance of the first and the last.
    pub distance: f32,
}

/// The slide that explains the middle best and leaves less than `limit` unexplained; `None` where none does.
pub fn slide(frames: Frames<'_>, limit: f32) -> Option<(Slide, Share)> {
    best_of(frames, |_| true, limit)
}

/// How far a slide has come in the middle, if it leaves less than `limit` unexplained and no other slide less than it.
/// The error says that another does.
pub fn step_of(frames: Frames<'_>, wanted: Slide, limit: f32) -> Result<Option<Share>, OtherSlide> {
    let own = best_of(frames, |slide| slide == wanted, limit).map(|(_, share)| share);
    let limit = own.map_or(limit, |own| own.unexplained);
    // One that goes another way is enough to know.
    let other = places(frames, |slide| slide != wanted, limit * frames.distance);
    let is_less = |place: &Place| left_of(frames, place, limit * frames.distance) < limit * frames.distance;
    if other.iter().any(is_less) { Err(OtherSlide) } else { Ok(own) }
}

/// Another slide explains a sample better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherSlide;

fn best_of(frames: Frames<'_>, wanted: impl Fn(Slide) -> bool, limit: f32) -> Option<(Slide, Share)> {
    // In squares.
    let mut lowest = limit * frames.distance;
    let mut best = None;
    let mut places = places(frames, wanted, lowest);
    // Once the best is found, most others need not be looked at.
    places.sort_unstable_by(|one, other| one.at_least.total_cmp(&other.at_least));
    for place in places {
        // Nor can any of the others leave less.
        if place.at_least >= lowest {
            break;
        }
        let left = left_of(frames, &place, lowest);
        if left < lowest {
            lowest = left;
            let Place { slide, moved, .. } = place;
            best = Some((
                slide,
                Share { done: moved as f32 / slide.side.span() as f32, unexplained: left / frames.distance },
            ));
        }
    }
    best
}

impl Side {
    pub fn is_across(self) -> bool {
        matches!(self, Self::Right | Self::Left)
    }

    /// Whether the first part shows the first picture, the left or upper one.
    fn is_in_order(self) -> bool {
        matches!(self, Self::Right | Self::Bottom)
    }

    /// How far a picture moves in all, in pixels.
    pub fn span(self) -> usize {
        if self.is_across() { LUMA_WIDTH } else { LUMA_HEIGHT }
    }

    /// How many pixels of a column or row are looked at.
    pub fn strip_pixels(self) -> usize {
        if self.is_across() { LOOKED_AT } else { LUMA_WIDTH }
    }

    /// How many pixels lie between a strip's beginning and the next one's.
    pub fn stride(self) -> usize {
        if self.is_across() { COLUMN } else { LUMA_WIDTH }
    }

    /// For how many pixels of the picture each counts that is looked at.
    fn share(self) -> f32 {
        LUMA_HEIGHT as f32 / if self.is_across() { LOOKED_AT } else { LUMA_HEIGHT } as f32
    }
}

/// A frame as two parts, the left or upper one first.
#[derive(Clone, Copy)]
struct Parts {
    /// The place where the second part begins.
    border: usize,
    /// Whether each part's picture has moved with the border, so that its inner or outer edge lies there.
    moved: [bool; 2],
}

impl Slide {
    /// What a frame shows once the second picture's edge has come so far.
    fn parts(self, moved: usize) -> Parts {
        let (leaves, comes) = (self.way != Way::Cover, self.way != Way::Uncover);
        if self.side.is_in_order() {
            Parts { border: self.side.span() - moved, moved: [leaves, comes] }
        } else {
            Parts { border: moved, moved: [comes, leaves] }
        }
    }

    #[inline(always)]
    fn place(self, [head, tail]: &[Left; 2], moved: usize) -> Place {
        // Rounding must not raise a bound over what is really left.
        const SAFE: f32 = 0.999;
        let Parts { border, moved: is_moved } = self.parts(moved);
        let (mut still, mut at_least) = (0, 0.0);
        for (left, is_moved) in [head, tail].into_iter().zip(is_moved) {
            if is_moved {
                at_least += left.moved[border];
            } else {
                still += left.still[border];
            }
        }
        Place { at_least: (at_least + still as f32) * self.side.share() * SAFE, still, slide: self, moved }
    }
}

/// A step of a slide.
struct Place {
    /// What it leaves at least, in squares.
    at_least: f32,
    /// What the parts that don't move leave, of the pixels that are looked at.
    still: i32,
    slide: Slide,
    moved: usize,
}

/// The steps of wanted slides that may leave less than `limit`, in squares.
#[multiversion(targets("x86_64+avx2"))]
fn places(frames: Frames<'_>, wanted: impl Fn(Slide) -> bool, limit: f32) -> Vec<Place> {
    let mut found = Vec::new();
    for sides in SIDES {
        let [of_first, of_last] =
            [frames.first, frames.last].map(|picture| Still::new(frames.middle, picture, sides[0]));
        for side in sides {
            let ways = WAYS.map(|way| Slide { side, way });
            if !ways.into_iter().any(&wanted) {
                continue;
            }
            let [one, other] = if side.is_in_order() { [&of_first, &of_last] } else { [&of_last, &of_first] };
            let parts = [one.head(side), other.tail(side)];
            for slide in ways.into_iter().filter(|slide| wanted(*slide)) {
                found.extend(
                    (1..side.span()).map(|moved| slide.place(&parts, moved)).filter(|place| place.at_least < limit),
                );
            }
        }
    }
    found
}

/// What a step of a slide leaves of the middle; anything from `enough` on once it is that much.
#[multiversion(targets("x86_64+avx2"))]
fn left_of(frames: Frames<'_>, place: &Place, enough: f32) -> f32 {
    let Place { slide, moved, still, .. } = *place;
    let [first, middle, last] = [frames.first, frames.middle, frames.last].map(|frame| frame.pixels(slide.side));
    let parts = slide.parts(moved);
    let [one, other] = if slide.side.is_in_order() { [first, last] } else { [last, first] };
    let (head, tail) = middle.split_at(parts.border * slide.side.stride());
    let shown = [moved_head(one, head.len()), moved_tail(other, tail.len())];
    let (share, mut sum) = (slide.side.share(), still);
    for ((pixels, shown), _) in [head, tail].into_iter().zip(shown).zip(parts.moved).filter(|(_, is_moved)| *is_moved) {
        for (pixels, shown) in pixels.chunks(AT_ONCE).zip(shown.chunks(AT_ONCE)) {
            if sum as f32 * share >= enough {
                return sum as f32 * share;
            }
            sum += squares(pixels, shown);
        }
    }
    sum as f32 * share
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
        let (of_first, of_last) = (Strips::new(&first), Strips::new(&last));
        for side in SIDES.concat() {
            for way in WAYS {
                for moved in [10, 20, 30] {
                    let expected = Slide { side, way };
                    let middle = frame(&first, &last, expected, moved);
                    let middle = Strips::new(&middle);
                    let frames = Frames { first: &of_first, middle: &middle, last: &of_last, distance: apart };
                    let (found, share) = slide(frames, 1.0).unwrap();
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
        let distance = distance(&first, &last);
        let [first, middle, last] = [first, middle, last].map(|luma| Strips::new(&luma));
        let frames = Frames { first: &first, middle: &middle, last: &last, distance };
        for place in places(frames, |_| true, f32::MAX) {
            let left = left_of(frames, &place, f32::MAX);
            assert!(place.at_least <= left, "{:?} {}: {} {left}", place.slide, place.moved, place.at_least);
        }
    }
}
