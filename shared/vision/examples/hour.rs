//! How long making the scores of an hour takes, on one core and on all.
//!
//! `hour FILE.raw…` repeats the raw thumbnails until there are 90,000 frames.

mod raw;

use heaters_domain::thumbs::encode;
use std::{num::NonZeroUsize, path::PathBuf, thread, time::Instant};

const FRAMES: usize = 90_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<Vec<u8>> = std::env::args_os().skip(1).map(std::fs::read).collect::<Result<_, _>>()?;
    let folder = tempfile::tempdir()?;
    let (mut tracks, mut frames) = (Vec::<PathBuf>::new(), 0);
    for file in files.iter().cycle() {
        let path = folder.path().join(tracks.len().to_string());
        std::fs::write(&path, encode(raw::thumbs(file).take(FRAMES - frames))?)?;
        tracks.push(path);
        frames = FRAMES.min(frames + raw::thumbs(file).count());
        if frames == FRAMES {
            break;
        }
    }
    for threads in [NonZeroUsize::MIN, thread::available_parallelism()?] {
        let started = Instant::now();
        let scores = heaters_vision::score_files(&tracks, threads)?;
        println!("{} frames, {threads} threads: {:.1} s", scores.frames.len(), started.elapsed().as_secs_f64());
    }
    Ok(())
}
