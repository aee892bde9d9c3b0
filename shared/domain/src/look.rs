//! Where a picture stands when look-alikes stand together: its place on a curve through all colours and layouts.
//!
//! A thumbnail becomes seven numbers of 8 bits: mean luma of its four quarters, the spread of luma, and mean
//! chroma. The Hilbert curve through that space visits neighbours one after the other, so that an index over one
//! integer puts pictures together that are alike. It is the same for the same pixels, and a new picture finds its
//! place without the others being moved.
//!
//! The curve's index is computed as in J. Skilling, "Programming the Hilbert curve", AIP Conference Proceedings
//! 707 (2004).

use crate::{
    FrameRange,
    thumbs::{LUMA_HEIGHT, LUMA_WIDTH, Thumb},
};

const DIMENSIONS: usize = 7;
const BITS: u32 = 8;

/// The place of a picture, 0 to 2^56 - 1.
pub fn look(thumb: &Thumb) -> i64 {
    hilbert(features(thumb), BITS) as i64
}

/// A video's look track (`looks.bin`): the place of each frame's picture, as little-endian i64.
pub fn write(looks: &[i64]) -> Vec<u8> {
    looks.iter().flat_map(|look| look.to_le_bytes()).collect()
}

/// The place of a clip among look-alikes: that of its middle frame. `None` where the track is too short.
pub fn of_clip(track: &[u8], clip: FrameRange) -> Option<i64> {
    let at = clip.frame_at(0.5) as usize * size_of::<i64>();
    let bytes = track.get(at..at + size_of::<i64>())?;
    bytes.try_into().ok().map(i64::from_le_bytes)
}

fn features(thumb: &Thumb) -> [u32; DIMENSIONS] {
    let (mut sums, mut squares) = ([0u32; 4], 0u64);
    for (row, samples) in thumb.luma.chunks_exact(LUMA_WIDTH).enumerate() {
        let (left, right) = samples.split_at(LUMA_WIDTH / 2);
        let top = usize::from(row >= LUMA_HEIGHT / 2) * 2;
        for (quarter, samples) in [(top, left), (top + 1, right)] {
            sums[quarter] += samples.iter().map(|sample| u32::from(*sample)).sum::<u32>();
            squares += samples.iter().map(|sample| u64::from(*sample) * u64::from(*sample)).sum::<u64>();
        }
    }
    let area = thumb.luma.len() as f64;
    let mean = f64::from(sums.iter().sum::<u32>()) / area;
    // Of limited-range luma the deviation is under 110.
    let spread = ((squares as f64 / area - mean * mean).max(0.0).sqrt() * 2.0).min(255.0) as u32;
    let quarter = (thumb.luma.len() / 4) as u32;
    let [one, two, three, four] = sums.map(|sum| sum / quarter);
    [one, chroma(&thumb.u), two, chroma(&thumb.v), three, four, spread]
}

/// Mean chroma, its usual range around grey stretched: most pictures have little colour.
fn chroma(samples: &[u8]) -> u32 {
    let sum: i64 = samples.iter().map(|sample| i64::from(*sample) - 128).sum();
    (sum * 3 / samples.len().max(1) as i64 + 128).clamp(0, 255) as u32
}

/// The index on the Hilbert curve of a point whose coordinates have so many bits.
fn hilbert<const N: usize>(mut at: [u32; N], bits: u32) -> u64 {
    let top = 1u32 << (bits - 1);
    let mut bit = top;
    while bit > 1 {
        let below = bit - 1;
        for axis in 0..N {
            if at[axis] & bit != 0 {
                at[0] ^= below;
            } else {
                let swapped = (at[0] ^ at[axis]) & below;
                at[0] ^= swapped;
                at[axis] ^= swapped;
            }
        }
        bit >>= 1;
    }
    for axis in 1..N {
        at[axis] ^= at[axis - 1];
    }
    let mut flipped = 0;
    let mut bit = top;
    while bit > 1 {
        if at[N - 1] & bit != 0 {
            flipped ^= bit - 1;
        }
        bit >>= 1;
    }
    // The bits of all coordinates in turn, the highest first.
    (0..bits)
        .rev()
        .flat_map(|level| at.map(|axis| (axis ^ flipped) >> level & 1))
        .fold(0, |index, bit| index << 1 | u64::from(bit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thumbs::{CHROMA_BYTES, LUMA_BYTES};

    #[test]
    fn the_curve_visits_every_point_once_and_steps_to_a_neighbour() {
        let mut points: Vec<(u64, [u32; 3])> = Vec::new();
        for x in 0..8 {
            for y in 0..8 {
                points.extend((0..8).map(|z| (hilbert([x, y, z], 3), [x, y, z])));
            }
        }
        points.sort_unstable();
        assert!(points.iter().enumerate().all(|(number, (index, _))| *index == number as u64));
        for pair in points.windows(2) {
            let distance: u32 = (0..3).map(|axis| pair[0].1[axis].abs_diff(pair[1].1[axis])).sum();
            assert_eq!(distance, 1, "{pair:?}");
        }
    }

    fn picture(left: u8, right: u8, u: u8) -> Thumb {
        let mut luma = [right; LUMA_BYTES];
        luma.chunks_exact_mut(LUMA_WIDTH).for_each(|row| row[..LUMA_WIDTH / 2].fill(left));
        Thumb { luma, u: [u; CHROMA_BYTES], v: [128; CHROMA_BYTES] }
    }

    #[test]
    fn takes_of_the_same_shots_stand_together() {
        // Two set-ups cut against each other, each a little different every time, and a third one.
        let mut shots: Vec<(i64, char)> = Vec::new();
        for step in 0..3 {
            shots.push((look(&picture(60 + step, 200, 120)), 'a'));
            shots.push((look(&picture(180, 40 + step, 140)), 'b'));
            shots.push((look(&picture(100, 100, 100 + step)), 'c'));
        }
        shots.sort_unstable();
        let names: String = shots.iter().map(|(_, name)| *name).collect();
        let mut runs: Vec<char> = names.chars().collect();
        runs.dedup();
        assert_eq!(runs.len(), 3, "{names}");
    }

    #[test]
    fn a_clip_stands_where_its_middle_frame_does() {
        let track = write(&[5, -6, 7, 8]);
        assert_eq!(of_clip(&track, FrameRange { start: 0, end: 4 }), Some(7));
        assert_eq!(of_clip(&track, FrameRange { start: 1, end: 2 }), Some(-6));
        assert_eq!(of_clip(&track, FrameRange { start: 3, end: 9 }), None);
    }

    #[test]
    fn black_white_and_coloured_pictures_have_places_of_their_own() {
        let places = [picture(16, 16, 128), picture(235, 235, 128), picture(16, 235, 128), picture(16, 16, 240)];
        let places = places.map(|picture| look(&picture));
        assert!(places.iter().all(|place| (0..1 << 56).contains(place)));
        assert!((1..places.len()).all(|at| !places[..at].contains(&places[at])));
    }
}
