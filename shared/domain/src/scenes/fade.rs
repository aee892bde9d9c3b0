//! Fades: a run of flat frames into which one picture fades, and out of which another.

use super::{Boundary, BoundaryKind, FLAT_CONTRAST, FrameScore, evidence, model::MODELS};
use std::ops::Range;

/// A flat run is a fade when its mean luma is under the one or over the other; between them it is a
/// shot of a plain surface.
const BLACK_LUMA: f32 = 40.0;
const WHITE_LUMA: f32 = 200.0;
/// A picture takes at most so many frames to fade out or in, and has faded in once it has this share of the contrast
/// that grows from then on.
const LONGEST: usize = 60;
const FADED_IN: f32 = 0.92;

/// What may be a fade.
pub(super) struct Fade {
    pub kind: BoundaryKind,
    /// The flat frames.
    pub flat: Range<usize>,
    /// These and the frames that fade into them and out of them.
    pub whole: Range<usize>,
    /// The lowest dissimilarity of a frame before the flat ones and one behind them.
    pub across: f32,
}

impl Fade {
    /// The one whose flat run starts at a frame.
    pub fn at(frames: &[FrameScore], start: usize) -> Option<Self> {
        let across = frames[start].across_flat_run?;
        let run: Vec<&FrameScore> = frames[start..].iter().take_while(|score| score.contrast < FLAT_CONTRAST).collect();
        let luma = run.iter().map(|score| score.luma).sum::<f32>() / run.len().max(1) as f32;
        let kind = kind_of(luma)?;
        let end = start + run.len();
        let out = lasts(frames[start.saturating_sub(LONGEST)..=start].iter().rev());
        let into = lasts(frames[end - 1..(end + LONGEST).min(frames.len())].iter());
        Some(Self { kind, flat: start..end, whole: start - out..(end - 1 + into).max(end), across })
    }

    pub fn boundary(&self, frames: &[FrameScore]) -> Boundary {
        Boundary {
            frame: self.middle() as u32,
            kind: self.kind,
            start_frame: self.whole.start as u32,
            end_frame: self.whole.end as u32,
            confidence: MODELS.fade.confidence(&evidence::of_fade(frames, self)),
        }
    }

    pub fn middle(&self) -> usize {
        self.flat.start.midpoint(self.flat.end)
    }
}

/// What a picture fades to that is flat and has so much luma.
fn kind_of(luma: f32) -> Option<BoundaryKind> {
    match luma {
        luma if luma < BLACK_LUMA => Some(BoundaryKind::FadeBlack),
        luma if luma > WHITE_LUMA => Some(BoundaryKind::FadeWhite),
        _ => None,
    }
}

/// Whether a frame is one that pictures fade to.
pub(super) fn is_faded_out(frame: &FrameScore) -> bool {
    frame.contrast < FLAT_CONTRAST && kind_of(frame.luma).is_some()
}

/// For how many frames from a flat one on, or back from it, the picture fades in: its contrast grows all the while.
fn lasts<'a>(frames: impl Iterator<Item = &'a FrameScore>) -> usize {
    let contrast: Vec<f32> = frames.map(|frame| frame.contrast).collect();
    let grows = contrast.windows(3).take_while(|three| three[0] < three[2]).count();
    let whole = FADED_IN * contrast.get(grows).copied().unwrap_or(0.0);
    contrast[..grows].iter().position(|contrast| *contrast >= whole).unwrap_or(grows)
}
