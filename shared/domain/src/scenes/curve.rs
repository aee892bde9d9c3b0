use super::ScoreTrack;
use crate::FrameRange;

/// The score curve as it is drawn: the largest dissimilarity of a frame to the one before it in each of so many
/// equal parts of a range; at most one part a frame. Empty where the range is not inside the track.
pub fn curve(track: &ScoreTrack, range: FrameRange, buckets: u32) -> Vec<f32> {
    let Some(frames) = track.frames.get(range.start as usize..range.end as usize) else { return Vec::new() };
    let buckets = (buckets as usize).min(frames.len());
    let bound = |bucket: usize| (bucket as u64 * frames.len() as u64 / buckets as u64) as usize;
    let largest = |bucket| {
        let scores = frames[bound(bucket)..bound(bucket + 1)].iter().map(|frame| frame.dissimilarity);
        scores.fold(0.0, f32::max).clamp(0.0, 1.0)
    };
    (0..buckets).map(largest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::{FrameScore, PictureArea};
    use proptest::prelude::*;

    fn track(scores: &[f32]) -> ScoreTrack {
        let frame = |dissimilarity: &f32| FrameScore {
            dissimilarity: *dissimilarity,
            luma: 100.0,
            contrast: 50.0,
            ..FrameScore::default()
        };
        let area = PictureArea { left: 0, top: 0, width: 64, height: 36 };
        ScoreTrack { area, frames: scores.iter().map(frame).collect() }
    }

    #[test]
    fn a_peak_is_seen_however_coarse_the_curve() {
        let track = track(&[0.1, 0.9, 0.2, 0.3, 0.1]);
        assert_eq!(curve(&track, FrameRange { start: 0, end: 5 }, 2), [0.9, 0.3]);
        assert_eq!(curve(&track, FrameRange { start: 2, end: 5 }, 100), [0.2, 0.3, 0.1]);
        assert!(curve(&track, FrameRange { start: 2, end: 6 }, 3).is_empty());
    }

    proptest! {
        #[test]
        fn every_frame_is_in_one_part(scores in prop::collection::vec(0.0f32..=1.0, 1..200), buckets in 1u32..250) {
            let range = FrameRange { start: 0, end: scores.len() as u32 };
            let values = curve(&track(&scores), range, buckets);
            prop_assert_eq!(values.len(), scores.len().min(buckets as usize));
            let largest = |values: &[f32]| values.iter().copied().fold(0.0, f32::max);
            prop_assert_eq!(largest(&values), largest(&scores));
        }
    }
}
