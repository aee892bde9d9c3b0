//! The scores of a long video, each part of it on a core of its own.
//!
//! A frame's score depends on the frames around it alone, so that each part is scored with so many frames before
//! and behind it, which are then left out: the result is bit for bit that of one core.

use crate::{
    VisionError,
    area::Lit,
    scorer::{Scorer, WARM_UP},
};
use heaters_domain::{
    scenes::{FrameScore, PictureArea, ScoreTrack},
    thumbs::{Thumb, ThumbsError, ThumbsReader},
};
use std::{
    fs::File,
    num::NonZeroUsize,
    ops::Range,
    path::{Path, PathBuf},
    thread,
};

/// The scores of a video whose thumbnail tracks, one after another, are these files. Uses so many threads, and
/// holds no more of the tracks than a few frames in each.
pub fn score_files(files: &[PathBuf], threads: NonZeroUsize) -> Result<ScoreTrack, VisionError> {
    let tracks = Tracks::open(files)?;
    let parts = parts(tracks.frames(), threads.get());
    let lit = on_threads(&parts, |part| Ok(Lit::count(tracks.frames_from(part.start).take(part.len()))?))?;
    let lit = lit.into_iter().reduce(|all, part| all.merge(&part)).ok_or(VisionError::NoFrames)?;
    let area = lit.picture_area()?;
    let scores = on_threads(&parts, |part| tracks.score(part, area))?;
    Ok(ScoreTrack { area, frames: scores.concat() })
}

/// Equal parts, none so short that seeing the frames around it costs more than the part itself.
fn parts(frames: usize, count: usize) -> Vec<Range<usize>> {
    let length = frames.div_ceil(count).max(WARM_UP);
    (0..frames).step_by(length).map(|start| start..frames.min(start + length)).collect()
}

/// What becomes of each part, in their order. Of several errors, the first part's.
fn on_threads<T: Send>(
    parts: &[Range<usize>],
    work: impl Fn(Range<usize>) -> Result<T, VisionError> + Sync,
) -> Result<Vec<T>, VisionError> {
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = parts.iter().cloned().map(|part| scope.spawn(move || work(part))).collect();
        let done =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        // All are waited for before any error is returned.
        done.collect::<Vec<_>>().into_iter().collect()
    })
}

/// Files of thumbnail tracks, and how many frames each has.
struct Tracks<'a>(Vec<(&'a Path, usize)>);

impl<'a> Tracks<'a> {
    fn open(files: &'a [PathBuf]) -> Result<Self, ThumbsError> {
        let track = |file: &'a PathBuf| Ok((file.as_path(), reader(file)?.frames() as usize));
        files.iter().map(track).collect::<Result<_, _>>().map(Self)
    }

    fn frames(&self) -> usize {
        self.0.iter().map(|(_, frames)| frames).sum()
    }

    /// The frames from a number on, to the end.
    fn frames_from(&self, first: usize) -> impl Iterator<Item = Result<Thumb, ThumbsError>> {
        let mut before = 0;
        let with_start = self.0.iter().map(move |(file, frames)| {
            let skipped = first.saturating_sub(before).min(*frames);
            before += frames;
            (*file, skipped, *frames)
        });
        let tracks = with_start.filter(|(_, skipped, frames)| skipped < frames);
        tracks.flat_map(|(file, skipped, _)| {
            let opened = reader(file).and_then(|mut track| track.skip_frames(skipped as u32).map(|()| track));
            let (track, error) = opened.map_or_else(|error| (None, Some(Err(error))), |track| (Some(track), None));
            error.into_iter().chain(track.into_iter().flatten())
        })
    }

    fn score(&self, part: Range<usize>, area: PictureArea) -> Result<Vec<FrameScore>, VisionError> {
        let first = part.start.saturating_sub(WARM_UP);
        let mut scorer = Scorer::new(area, first);
        for thumb in self.frames_from(first) {
            if scorer.is_settled(part.end) {
                break;
            }
            scorer.push(&thumb?)?;
        }
        let mut seen = scorer.finish()?;
        seen.truncate(part.end - first);
        Ok(seen.split_off(part.start - first))
    }
}

fn reader(file: &Path) -> Result<ThumbsReader<File>, ThumbsError> {
    File::open(file).map_err(ThumbsError::File).and_then(ThumbsReader::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_tile_the_video_whatever_its_length() {
        for (frames, count) in [(0, 3), (1, 4), (WARM_UP * 2 + 1, 2), (90_000, 6), (90_001, 7)] {
            let parts = parts(frames, count);
            assert!(parts.len() <= count);
            assert_eq!(parts.iter().cloned().flatten().collect::<Vec<_>>(), (0..frames).collect::<Vec<_>>());
        }
    }
}
