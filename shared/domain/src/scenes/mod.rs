//! Scene detection apart from pixels: the score track of a video, and the boundaries that follow from
//! it. Scores don't depend on settings, so other settings need neither the video nor its thumbnails.

mod curve;
mod decide;
mod evidence;
mod fade;
mod gradual;
mod model;
mod track;

pub use curve::curve;
pub use decide::{Candidate, candidates, decide};
pub use gradual::GradualScore;
pub use track::{Across, FrameScore, PictureArea, ScoreTrack, ScoreTrackError};

use crate::{Frame, named_enum};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many frames on each side of a boundary are compared with each other, so that a picture that
/// comes back at once (a flash, an occlusion, a whip pan) is not taken for a new shot.
pub const LOOK_AROUND: usize = 12;

/// The same where what hides the picture stays longer, or the frame rate is high.
pub const LOOK_FAR: usize = 24;

/// How many frames back a frame is compared, to tell how long a change lasts.
pub const LAGS: [usize; 2] = [8, 24];

/// The dissimilarity from which on a local maximum is looked around. It lies under what the highest
/// sensitivity accepts, so that every setting finds the comparisons it needs.
pub const LOOK_AROUND_FLOOR: f32 = 0.17;

/// The step of light or chroma, in levels, from which on one that stands out is looked around too: plain pictures have
/// no texture to be told apart by.
pub const LOOK_AROUND_STEP: f32 = 5.0;

/// The standard deviation of luma under which a frame is flat: a single colour, as in a fade's middle.
pub const FLAT_CONTRAST: f32 = 4.0;

/// A match across a boundary that is closer than this rules the boundary out at every sensitivity, so
/// that the search for a closer one may stop there.
pub const SURE_MATCH: f32 = 0.08;

/// The differences of light and of chroma across a boundary that count as entire ones, in levels.
pub const LIGHT_RANGE: f32 = 128.0;
pub const CHROMA_RANGE: f32 = 64.0;

named_enum! {
    pub enum BoundaryKind {
        Cut => "cut",
        Dissolve => "dissolve",
        FadeBlack => "fade_black",
        FadeWhite => "fade_white",
        Wipe => "wipe",
        Slide => "slide",
    }
}

/// A shot boundary.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Boundary {
    /// The first frame of the new shot; for a gradual transition the frame in its middle.
    pub frame: Frame,
    pub kind: BoundaryKind,
    /// The transition's frames, half-open; a cut has `start_frame == end_frame == frame`.
    pub start_frame: Frame,
    pub end_frame: Frame,
    /// 0..1.
    pub confidence: f64,
}
