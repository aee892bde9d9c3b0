//! Time is frames: positions are integer frame numbers of the proxy, which are those of the source.
//! Seconds are for display only.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A frame number, counted from 0 in presentation order.
pub type Frame = u32;

/// A fraction, such as a frame rate (frames a second) or a time base (seconds a tick).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Rational {
    pub num: u32,
    pub den: u32,
}

impl Rational {
    /// `None` where either part is 0, which containers use to say "unknown".
    pub fn new(num: u32, den: u32) -> Option<Self> {
        (num > 0 && den > 0).then_some(Self { num, den })
    }

    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }
}

/// Frames `start..end`: half-open and never empty once [`FrameRange::new`] has made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct FrameRange {
    pub start: Frame,
    pub end: Frame,
}

impl FrameRange {
    pub fn new(start: Frame, end: Frame) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    pub fn contains(self, frame: Frame) -> bool {
        (self.start..self.end).contains(&frame)
    }

    /// The frame at a share of the range, such as 0.25; always inside it.
    pub fn frame_at(self, share: f64) -> Frame {
        let offset = (f64::from(self.len()) * share.clamp(0.0, 1.0)) as u32;
        self.start + offset.min(self.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_frame_at_any_share_is_inside(start in 0u32..1_000_000, len in 1u32..1_000_000, share in -1.0f64..2.0) {
            let range = FrameRange::new(start, start + len).unwrap();
            prop_assert!(range.contains(range.frame_at(share)));
        }
    }
}
