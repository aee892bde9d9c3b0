//! Black bars, decided over the whole video: what is dark in a single shot may be its picture.

use crate::VisionError;
use heaters_domain::{
    scenes::PictureArea,
    thumbs::{LUMA_HEIGHT, LUMA_WIDTH, Thumb, ThumbsError},
};

/// The highest luma of a bar: black is 16, and coding adds some noise.
const BAR_LUMA: u8 = 28;
/// A bar may be lit in one of this many frames, as by a titling or a damaged frame.
const LIT_SHARE: u32 = 100;
/// Under this many rows or columns there is no picture to look at: then the whole video is dark.
const SMALLEST: usize = 12;

/// In how many frames each row and column is lit. Counts of parts of a video add up to those of the whole.
#[derive(Debug, Clone)]
pub struct Lit {
    rows: [u32; LUMA_HEIGHT],
    columns: [u32; LUMA_WIDTH],
    frames: u32,
}

impl Lit {
    pub fn count(thumbs: impl Iterator<Item = Result<Thumb, ThumbsError>>) -> Result<Self, ThumbsError> {
        let mut lit = Self { rows: [0; LUMA_HEIGHT], columns: [0; LUMA_WIDTH], frames: 0 };
        for thumb in thumbs {
            lit.add(&thumb?);
        }
        Ok(lit)
    }

    fn add(&mut self, thumb: &Thumb) {
        let mut column_lit = [false; LUMA_WIDTH];
        for (row, count) in thumb.luma.chunks_exact(LUMA_WIDTH).zip(&mut self.rows) {
            let mut row_lit = false;
            for (luma, column) in row.iter().zip(&mut column_lit) {
                let lit = *luma > BAR_LUMA;
                row_lit |= lit;
                *column |= lit;
            }
            *count += u32::from(row_lit);
        }
        for (count, lit) in self.columns.iter_mut().zip(column_lit) {
            *count += u32::from(lit);
        }
        self.frames += 1;
    }

    pub fn merge(mut self, other: &Self) -> Self {
        let own = self.rows.iter_mut().chain(&mut self.columns);
        own.zip(other.rows.iter().chain(&other.columns)).for_each(|(count, more)| *count += more);
        self.frames += other.frames;
        self
    }

    /// The part of the thumbnails that the picture fills.
    pub fn picture_area(&self) -> Result<PictureArea, VisionError> {
        if self.frames == 0 {
            return Err(VisionError::NoFrames);
        }
        let (top, height) = lit_span(&self.rows, self.frames / LIT_SHARE);
        let (left, width) = lit_span(&self.columns, self.frames / LIT_SHARE);
        Ok(PictureArea { left: left as u8, top: top as u8, width: width as u8, height: height as u8 })
    }
}

/// The part of the thumbnails that the picture fills.
pub fn picture_area(thumbs: impl Iterator<Item = Result<Thumb, ThumbsError>>) -> Result<PictureArea, VisionError> {
    Lit::count(thumbs)?.picture_area()
}

/// The first line of the picture and how many lines it has. The line at a bar's edge is left out too,
/// because it is part bar, part picture.
fn lit_span(lit_frames: &[u32], dark_limit: u32) -> (usize, usize) {
    let last = lit_frames.len() - 1;
    let lit = |frames: &u32| *frames > dark_limit;
    let (Some(first_lit), Some(last_lit)) = (lit_frames.iter().position(lit), lit_frames.iter().rposition(lit)) else {
        return (0, lit_frames.len());
    };
    let start = if first_lit == 0 { 0 } else { first_lit + 1 };
    let end = if last_lit == last { last } else { last_lit.saturating_sub(1) };
    match (end + 1).checked_sub(start) {
        Some(length) if length >= SMALLEST => (start, length),
        _ => (0, lit_frames.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_domain::thumbs::CHROMA_BYTES;

    fn thumb(luma: impl Fn(usize, usize) -> u8) -> Thumb {
        let luma = std::array::from_fn(|at| luma(at % LUMA_WIDTH, at / LUMA_WIDTH));
        Thumb { luma, u: [128; CHROMA_BYTES], v: [128; CHROMA_BYTES] }
    }

    #[test]
    fn a_letterbox_is_left_out_with_its_blurred_edge() {
        let frames = (0..300).map(|_| thumb(|_, y| if (5..31).contains(&y) { 90 } else { 17 }));
        let area = picture_area(frames.map(Ok)).unwrap();
        assert_eq!(area, PictureArea { left: 0, top: 6, width: 64, height: 24 });
    }

    #[test]
    fn a_dark_shot_has_no_bars_where_another_shot_is_lit() {
        let frames = (0..300).map(|n| thumb(move |x, _| if n < 200 && x > 20 { 16 } else { 120 }));
        let area = picture_area(frames.map(Ok)).unwrap();
        assert_eq!(area, PictureArea { left: 0, top: 0, width: 64, height: 36 });
    }

    #[test]
    fn a_black_video_keeps_its_whole_area_and_an_empty_one_is_refused() {
        let area = picture_area((0..30).map(|_| Ok(thumb(|_, _| 16)))).unwrap();
        assert_eq!((area.width, area.height), (64, 36));
        assert!(matches!(picture_area(std::iter::empty()), Err(VisionError::NoFrames)));
    }
}
