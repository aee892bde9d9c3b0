//! Scene decisions: from scores to boundaries.

use crate::{Frame, named_enum};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
