//! When each block of the picture changes: all at once at a cut, one after the other in a wipe, little by little in a
//! dissolve, and again and again where something moves.
//!
//! Frames are compared with the one before alone, so that a moving camera between a window's ends does no harm.

use crate::picture::{BLOCKS, BLOCKS_ACROSS};

/// A change that is so much larger than a block's usual one counts.
const LEAST_CHANGE: f32 = 0.04;
/// The least sum of squares that is told from none.
const TINY: f32 = 1e-6;
const BLOCKS_DOWN: usize = BLOCKS / BLOCKS_ACROSS;

/// How a window's blocks change, over its length of 1. Shares are 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Timing {
    /// How much a block changes beyond its usual change, summed over the window, at most 1 a block: the mean.
    pub turned: f32,
    /// How long that takes: twice the standard deviation within a block.
    pub takes: f32,
    /// How far the blocks' times lie apart: twice their standard deviation.
    pub apart: f32,
    /// How much of that follows from the blocks' places: along a line, from or to the middle.
    pub in_order: f32,
}

/// `changes` has each frame's change of each block, 0..1.
pub fn timing(changes: &[&[f32; BLOCKS]]) -> Timing {
    let turns: [Turn; BLOCKS] = std::array::from_fn(|block| turn(changes, block));
    let weight: f32 = turns.iter().map(|turn| turn.weight).sum();
    if weight < TINY {
        return Timing::default();
    }
    let mean = |of: &dyn Fn(&Turn) -> f32| turns.iter().map(|turn| turn.weight * of(turn)).sum::<f32>() / weight;
    let time = mean(&|turn| turn.time);
    let spread = mean(&|turn| (turn.time - time).powi(2));
    Timing {
        turned: weight / BLOCKS as f32,
        takes: (2.0 * mean(&|turn| turn.takes)).min(1.0),
        apart: (2.0 * spread.sqrt()).min(1.0),
        in_order: if spread < TINY { 0.0 } else { in_order(&turns) },
    }
}

/// When a block changes.
struct Turn {
    weight: f32,
    /// 0..1.
    time: f32,
    takes: f32,
}

fn turn(changes: &[&[f32; BLOCKS]], block: usize) -> Turn {
    let mut sorted: Vec<f32> = changes.iter().map(|change| change[block]).collect();
    sorted.sort_by(f32::total_cmp);
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0) + LEAST_CHANGE;
    let beyond = || changes.iter().enumerate().map(|(at, change)| (at as f32 + 0.5, (change[block] - usual).max(0.0)));
    let sum: f32 = beyond().map(|(_, change)| change).sum();
    if sum < TINY {
        return Turn { weight: 0.0, time: 0.0, takes: 0.0 };
    }
    let length = changes.len() as f32;
    let time = beyond().map(|(at, change)| at * change).sum::<f32>() / sum;
    let variance = beyond().map(|(at, change)| (at - time).powi(2) * change).sum::<f32>() / sum;
    Turn { weight: sum.min(1.0), time: time / length, takes: variance.sqrt() / length }
}

/// The share of the times' variance that a block's place explains: along the best line, or by its distance from the
/// middle across, down or around.
fn in_order(turns: &[Turn; BLOCKS]) -> f32 {
    let place = |block: usize| {
        let (x, y) = ((block % BLOCKS_ACROSS) as f32 + 0.5, (block / BLOCKS_ACROSS) as f32 + 0.5);
        (2.0 * x / BLOCKS_ACROSS as f32 - 1.0, 2.0 * y / BLOCKS_DOWN as f32 - 1.0)
    };
    let by = |of: fn((f32, f32)) -> f32| explained(turns, |block| of(place(block)));
    // The blocks lie in a grid, so that what follows from x and from y adds up.
    let line = by(|(x, _)| x) + by(|(_, y)| y);
    let from_middle = [by(|(x, _)| x.abs()), by(|(_, y)| y.abs()), by(|(x, y)| x.hypot(y))];
    from_middle.into_iter().fold(line, f32::max).min(1.0)
}

/// The squared correlation of the blocks' times with a number of each.
fn explained(turns: &[Turn; BLOCKS], number: impl Fn(usize) -> f32) -> f32 {
    let weighted = |of: &dyn Fn(usize, &Turn) -> f32| {
        turns.iter().enumerate().map(|(block, turn)| turn.weight * of(block, turn)).sum::<f32>()
    };
    let weight = weighted(&|_, _| 1.0);
    let (mean, time) = (weighted(&|block, _| number(block)) / weight, weighted(&|_, turn| turn.time) / weight);
    let across = weighted(&|block, turn| (number(block) - mean) * (turn.time - time));
    let squares =
        weighted(&|block, _| (number(block) - mean).powi(2)) * weighted(&|_, turn| (turn.time - time).powi(2));
    if squares < TINY { 0.0 } else { across * across / squares }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMES: usize = 16;

    /// Blocks that change by so much at a time of their own.
    fn changes(when: impl Fn(usize, usize) -> usize) -> Vec<[f32; BLOCKS]> {
        let change = |frame: usize, block: usize| {
            if when(block % BLOCKS_ACROSS, block / BLOCKS_ACROSS) == frame { 0.7 } else { 0.05 }
        };
        (0..FRAMES).map(|frame| std::array::from_fn(|block| change(frame, block))).collect()
    }

    fn of(changes: &[[f32; BLOCKS]]) -> Timing {
        timing(&changes.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_cut_changes_all_blocks_at_once() {
        let found = of(&changes(|_, _| 8));
        assert!(found.turned > 0.5 && found.takes < 0.01 && found.apart < 0.01, "{found:?}");
    }

    #[test]
    fn a_wipe_changes_them_in_order() {
        for when in [|x: usize, _: usize| 2 * x, |x, _| 15 - 2 * x, |_, y| 4 * y, |x, y| x + 2 * y] {
            let found = of(&changes(when));
            assert!(found.apart > 0.3 && found.takes < 0.01 && found.in_order > 0.9, "{found:?}");
        }
        let from_middle = of(&changes(|x, _| 3 * x.abs_diff(3)));
        assert!(from_middle.in_order > 0.8, "{from_middle:?}");
    }

    #[test]
    fn blocks_without_order_have_none() {
        let found = of(&changes(|x, y| (x * 7 + y * 5) * 11 % FRAMES));
        assert!(found.apart > 0.3 && found.in_order < 0.4, "{found:?}");
    }

    #[test]
    fn what_never_changes_says_nothing() {
        assert_eq!(of(&changes(|_, _| FRAMES)), Timing::default());
        assert_eq!(timing(&[]), Timing::default());
    }
}
